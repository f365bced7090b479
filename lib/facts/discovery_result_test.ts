import assert from "node:assert/strict";
import { longestLog } from "../images/mod.ts";
import { ApiError } from "../kube/errors.ts";
import type { RequestOptions, Transport } from "../kube/transport.ts";
import { discoveryResult, discoveryResultSource } from "./discovery_result.ts";

const pod = { namespace: "ns", pod: "discover-t-x", uid: "u", node: "n" };
const element = {
  profile: { metadata: { engine: "vllm" } },
  models: [{ name: "org/m", source: "hf://org/m" }],
};

/** A transport that answers every request with these pieces, and writes down what was asked. */
function answering(pieces: Iterable<string>, asked: RequestOptions[] = []): Transport {
  const performRequest = (options: RequestOptions) => {
    asked.push(options);
    return Promise.resolve(ReadableStream.from(encoded(pieces)));
  };
  return { performRequest } as unknown as Transport;
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  for (const piece of pieces) yield new TextEncoder().encode(piece);
}

const never = new AbortController().signal;

Deno.test("the whole log of the container is read, and what it says (models-and-templates.md §5.8)", async () => {
  const asked: RequestOptions[] = [];
  const source = discoveryResultSource(answering(["noise\n[", JSON.stringify(element), "]\n"], asked));
  const result = await source.fetch(pod, never);
  assert.ok(result.ok);
  assert.equal(result.modelSources[0].modelId, "org/m");
  const [{ method, path, querystring, abortSignal }] = asked;
  assert.deepEqual([method, path], ["GET", "/api/v1/namespaces/ns/pods/discover-t-x/log"]);
  assert.equal(querystring!.toString(), "container=discovery");
  assert.equal(abortSignal, never);
});

Deno.test("a character that is cut between two pieces is whole in the end", async () => {
  const text = new TextEncoder().encode(
    JSON.stringify([{ ...element, profile: { engine_args: { a: "→" } } }]),
  );
  const at = text.indexOf(0xe2) + 1;
  const performRequest = () => Promise.resolve(ReadableStream.from([text.slice(0, at), text.slice(at)]));
  const result = await discoveryResultSource({ performRequest } as unknown as Transport).fetch(pod, never);
  assert.ok(result.ok);
  assert.deepEqual(result.profile.engine_args, { a: "→" });
});

Deno.test("of a log without end only the last 4 MiB are kept, in which the result is", async () => {
  assert.equal(longestLog, 4 * 2 ** 20);
  function* long(): Generator<string> {
    const line = "x".repeat(2 ** 20);
    for (let i = 0; i < 20; i++) yield line;
    yield `\n${JSON.stringify([element])}`;
  }
  const result = await discoveryResultSource(answering(long())).fetch(pod, never);
  assert.ok(result.ok, JSON.stringify(result));
});

Deno.test("a result of 100 kB is read from its beginning", async () => {
  const profile = { engine_args: { a: "x".repeat(100_000) } };
  const printed = JSON.stringify([{ ...element, profile }]);
  const result = await discoveryResultSource(answering([printed])).fetch(pod, never);
  assert.ok(result.ok, JSON.stringify(result).slice(0, 300));
  assert.deepEqual(result.profile.engine_args, profile.engine_args);
});

Deno.test("a log that says nothing of use is an answer, one that is refused an error", async () => {
  const useless = await discoveryResultSource(answering(["hello"])).fetch(pod, never);
  assert.equal(useless.ok, false);
  const refused = new ApiError({ status: 403, message: "forbidden", method: "GET", path: "/log" });
  const performRequest = () => Promise.reject(refused);
  const source = discoveryResultSource({ performRequest } as unknown as Transport);
  await assert.rejects(source.fetch(pod, never), refused);
});

Deno.test("pods are told apart, also two of one name", () => {
  const keys = [pod, { ...pod, uid: "other" }, { ...pod, namespace: "other" }, { ...pod, pod: "other" }]
    .map(discoveryResult.keyOf);
  assert.equal(new Set(keys).size, keys.length);
});
