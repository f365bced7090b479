/** Logs of pods whose node has a kubelet that answers: asked of it, as the real API server does. */

import type { Answering, Request as ApiRequest } from "../request.ts";
import { at, type JsonObject } from "../json.ts";

/** @returns the kubelet's answer; undefined where the request is for no log, or the pod's node has no such kubelet */
export async function kubeletLog(
  server: Answering,
  { method, path, query }: ApiRequest,
  client: Deno.HttpClient,
): Promise<Response | undefined> {
  const [, namespace, name] = path.match(/^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/log$/) ?? [];
  if (method !== "GET" || name === undefined) return undefined;
  const pod = await read(server, `/api/v1/namespaces/${namespace}/pods/${name}`);
  const nodeName = at(pod, "spec", "nodeName");
  const node = nodeName === undefined ? undefined : await read(server, `/api/v1/nodes/${nodeName}`);
  const port = at(node, "status", "daemonEndpoints", "kubeletEndpoint", "Port");
  const addresses = (at(node, "status", "addresses") ?? []) as JsonObject[];
  const address = addresses.find(({ type }) => type === "InternalIP")?.address;
  if (port === undefined || address === undefined) return undefined;
  const containers = (at(pod, "spec", "containers") ?? []) as JsonObject[];
  const container = query.get("container") ?? containers[0]?.name;
  const url = `https://${address}:${port}/containerLogs/${namespace}/${name}/${container}?${query}`;
  const answer = await fetch(url, { client });
  if (answer.ok) return answer;
  // A refusal of the kubelet is handed on in the API server's own form.
  const message = (await answer.text()).trim();
  const reason = answer.status === 404 ? "NotFound" : "BadRequest";
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    code: answer.status,
  };
  return Response.json(status, { status: answer.status });
}

async function read(server: Answering, path: string): Promise<JsonObject | undefined> {
  const answer = await server.handle({ method: "GET", path, query: new URLSearchParams() });
  return answer?.code === 200 && "body" in answer ? answer.body as JsonObject : undefined;
}
