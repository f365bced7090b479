/** The part of a kubelet's HTTPS API by which the API server reads logs. */

import type { KeyPair } from "../../lib/apiserver/doors/certificates.ts";
import type { Log } from "../../lib/surroundings/kubelet/behaviour.ts";
import type { LoggedRun } from "./pod_life.ts";

/** Finds what a pod's container has run; undefined if there is no such pod here. */
export type RunOf = (namespace: string, pod: string, container: string) => { run?: LoggedRun } | undefined;

/** Serves `GET /containerLogs/{namespace}/{pod}/{container}` on a free port of 127.0.0.1. */
export function serveLogs({ certificate, key }: KeyPair, runOf: RunOf): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: certificate, key, onListen() {} },
    (request) => answer(new URL(request.url), runOf),
  );
}

function answer({ pathname, searchParams }: URL, runOf: RunOf): Response {
  const [route, namespace, pod, container] = pathname.split("/").slice(1).map(decodeURIComponent);
  if (route !== "containerLogs" || !container) return refusal(404, `no such path: ${pathname}`);
  const found = runOf(namespace, pod, container);
  if (found === undefined) {
    return refusal(404, `pod "${namespace}/${pod}" has no container "${container}" here`);
  }
  const { run } = found;
  const previous = searchParams.get("previous") === "true";
  if (previous && !run?.over) {
    return refusal(400, `previous terminated container "${container}" in pod "${pod}" not found`);
  }
  if (run === undefined) return refusal(400, `container "${container}" in pod "${pod}" is waiting to start`);
  if (!previous && searchParams.get("follow") === "true" && run.follow !== undefined) {
    const text = ReadableStream.from(run.follow).pipeThrough(new TextEncoderStream());
    return new Response(text, { headers: { "content-type": "text/plain" } });
  }
  const tailLines = numberOf(searchParams, "tailLines");
  const limitBytes = numberOf(searchParams, "limitBytes");
  const body = bytesOf(
    tailLines === undefined ? piecesOf(run.log) : lastLines(run.log, tailLines),
    limitBytes,
  );
  return new Response(ReadableStream.from(body), { headers: { "content-type": "text/plain" } });
}

function refusal(status: number, message: string): Response {
  return new Response(message, { status });
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  return query.has(name) ? Number(query.get(name)) : undefined;
}

function piecesOf(log: Log): Iterable<string> {
  return typeof log === "string" ? [log] : log();
}

/** The last so many lines; one that is not ended counts. */
export function lastLines(log: Log, count: number): string[] {
  const lines: string[] = [];
  let rest = "";
  for (const piece of piecesOf(log)) {
    const complete = (rest + piece).split("\n");
    rest = complete.pop()!;
    for (const line of complete) lines.push(`${line}\n`);
    lines.splice(0, lines.length - count);
  }
  if (rest !== "") lines.push(rest);
  return count === 0 ? [] : lines.slice(-count);
}

/** As bytes, no more than so many. */
function* bytesOf(pieces: Iterable<string>, limit = Infinity): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let left = limit;
  for (const piece of pieces) {
    const bytes = encoder.encode(piece);
    if (bytes.length > 0) yield bytes.subarray(0, left);
    left -= bytes.length;
    if (left <= 0) return;
  }
}
