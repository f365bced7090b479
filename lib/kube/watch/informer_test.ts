/** What a real API server cannot be made to do at will; the rest is in `tests/kube/informer_test.ts`. */
import assert from "node:assert/strict";
import { Discovery } from "../discovery.ts";
import { ApiError, NetworkError } from "../errors.ts";
import { Informer, type InformerState } from "./informer.ts";
import type { KubeObject, Live, Resource } from "../object.ts";
import type { RequestOptions, Transport } from "../transport.ts";

const pods: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

const object = (name: string, resourceVersion: string) => ({
  metadata: { name, uid: name, resourceVersion },
});
const line = (type: string, name: string, version: string) =>
  JSON.stringify({ type, object: object(name, version) }) + "\n";
const page = (version: string, ...names: string[]) => ({
  metadata: { resourceVersion: version },
  items: names.map((name) => object(name, version)),
});
const lost = () => new NetworkError("ConnectionReset", "reset", { sent: true, method: "GET", path: "/" });
const answered = (status: number) =>
  new ApiError({ status, message: `status ${status}`, method: "GET", path: "/" });

type Answer = object | string | Error;

/** Runs an informer on these answers, one for each request, until they are used up. */
async function run(
  answers: Answer[],
  sinkThrows = false,
): Promise<{ calls: string[]; requests: string[]; phases: string[] }> {
  const [calls, requests, phases]: string[][] = [[], [], []];
  const stop = new AbortController();
  const performRequest = async (options: RequestOptions): Promise<unknown> => {
    await Promise.resolve();
    const query = options.querystring;
    requests.push(
      query?.has("watch") ? `watch ${query.get("resourceVersion")}` : options.expectJson ? "ask" : "?",
    );
    const answer = answers.shift();
    if (answer === undefined) {
      stop.abort();
      throw stop.signal.reason;
    }
    if (answer instanceof Error) throw answer;
    return typeof answer === "string" ? new Blob([answer]).stream() : answer;
  };
  const transport = { performRequest } as unknown as Transport;
  const discovery = new Discovery(transport, 1);
  discovery.streamsLists = false;
  const informer = new Informer<KubeObject>({
    transport,
    resource: pods,
    discovery,
    backoff: { first: 1, longest: 2 },
    onState: ({ phase }: InformerState) => phases.at(-1) === phase || phases.push(phase),
    sink: {
      replaced(items: Live<KubeObject>[], version: string) {
        calls.push(`replaced ${items.map((item) => item.metadata.name)} at ${version}`);
      },
      put(item: Live<KubeObject>) {
        if (sinkThrows) throw new Error("a fault of ours");
        calls.push(`put ${item.metadata.name}`);
      },
      removed: (item: Live<KubeObject>) => void calls.push(`removed ${item.metadata.name}`),
      uninstalled: () => void calls.push("uninstalled"),
    },
  });
  await informer.run(stop.signal);
  return { calls, requests, phases };
}

Deno.test("a regular end of the watch goes on from the last version, also of a bookmark", async () => {
  const { calls, requests, phases } = await run([
    page("5", "a"),
    line("ADDED", "b", "6") + line("BOOKMARK", "", "9"),
    line("DELETED", "a", "12"),
  ]);
  assert.deepEqual(calls, ["replaced a at 5", "put b", "removed a"]);
  assert.deepEqual(requests, ["ask", "watch 5", "watch 9", "watch 12"]);
  assert.deepEqual(phases, ["listing", "watching", "stopped"]);
});

Deno.test("all that comes in one chunk is told, in its order", async () => {
  const names = Array.from({ length: 9 }, (_, i) => `p${i}`);
  const { calls } = await run([page("5"), names.map((name, i) => line("ADDED", name, `${6 + i}`)).join("")]);
  assert.deepEqual(calls, ["replaced  at 5", ...names.map((name) => `put ${name}`)]);
});

Deno.test("a lost connection goes on from the last version, after a pause, without a new list", async () => {
  const { requests, phases } = await run([page("5"), line("ADDED", "a", "6"), lost(), lost(), ""]);
  assert.deepEqual(requests, ["ask", "watch 5", "watch 6", "watch 6", "watch 6", "watch 6"]);
  assert.deepEqual(phases.slice(0, 4), ["listing", "watching", "retrying", "watching"]);
});

Deno.test("a watch that ends at once without a word is a failure, or it would spin", async () => {
  const { phases } = await run([page("5"), "", ""]);
  assert.deepEqual(phases, [
    "listing",
    "watching",
    "retrying",
    "watching",
    "retrying",
    "watching",
    "stopped",
  ]);
});

Deno.test("a version that the server has forgotten (410) is followed by a new list", async () => {
  const { calls, requests } = await run([page("5", "a"), answered(410), page("7", "b")]);
  assert.deepEqual(calls, ["replaced a at 5", "replaced b at 7"]);
  assert.deepEqual(requests, ["ask", "watch 5", "ask", "watch 7"]);
});

Deno.test("a list that fails is tried again; until it is complete the sink hears nothing", async () => {
  const { calls } = await run([answered(503), lost(), page("5", "a")]);
  assert.deepEqual(calls, ["replaced a at 5"]);
});

Deno.test("a kind that is not served: told once, asked for, and on when it appears", async () => {
  const absent = { resources: [] };
  const { calls, phases } = await run([
    answered(404),
    absent,
    absent,
    { resources: [{ name: "pods" }] },
    page("5", "a"),
  ]);
  assert.deepEqual(calls, ["uninstalled", "replaced a at 5"]);
  assert.deepEqual(phases, ["listing", "uninstalled", "listing", "watching", "stopped"]);
});

Deno.test("a kind that goes while it is watched", async () => {
  const { calls } = await run([page("5", "a"), answered(404), { resources: [] }]);
  assert.deepEqual(calls, ["replaced a at 5", "uninstalled"]);
});

Deno.test("announced by discovery but answered 404 is a kind just coming: not taken for absent", async () => {
  const { calls, phases } = await run([answered(404), { resources: [{ name: "pods" }] }, page("5")]);
  assert.deepEqual(calls, ["replaced  at 5"]);
  assert.deepEqual(phases, ["listing", "retrying", "listing", "watching", "stopped"]);
});

Deno.test("a 404 while discovery cannot be asked, or announces the kind, neither makes it absent nor lists it", async () => {
  for (const known of [answered(503), { resources: [{ name: "pods" }] }]) {
    const { calls, requests } = await run([page("5", "a"), answered(404), known, line("ADDED", "b", "6")]);
    assert.deepEqual(calls, ["replaced a at 5", "put b"]);
    assert.deepEqual(requests, ["ask", "watch 5", "ask", "watch 5", "watch 6"]);
  }
});

Deno.test("what the sink throws ends the informer: it is a fault of the program", async () => {
  await assert.rejects(run([page("5"), line("ADDED", "a", "6")], true), /a fault of ours/);
});
