/** POST of a Binding: gives a pod its node, once. */
import type { Cluster } from "../cluster.ts";
import { at, type JsonObject } from "../json.ts";
import { type Kind, shelfOf } from "../kinds/kind.ts";
import type { Answer, Request } from "../request.ts";
import { memberNode, noteRead, wasRead } from "../schema/schema.ts";
import { conflict, notFound } from "../status.ts";
import { objectOf } from "../body.ts";

export function bind(
  cluster: Cluster,
  kind: Kind,
  { namespace, name }: { namespace?: string; name: string },
  request: Request,
): Answer {
  const pod = cluster.get(kind, namespace, name);
  if (pod === undefined) throw notFound(kind, name);
  const node = at(objectOf(request, { kind: "Binding" }), "target", "name");
  const spec = pod.spec as JsonObject;
  if (spec.nodeName) throw conflict(kind, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  const status = (pod.status ?? {}) as JsonObject;
  const others = ((status.conditions ?? []) as JsonObject[]).filter(({ type }) => type !== "PodScheduled");
  const scheduled = {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: cluster.now(),
  };
  const next = {
    ...pod,
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: [...others, scheduled] },
  };
  const specNode = memberNode(kind.schema?.root, "spec");
  if (specNode !== undefined && wasRead(specNode, spec)) noteRead(specNode, next.spec);
  cluster.store.put(shelfOf(kind), next);
  return {
    code: 201,
    body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
  };
}
