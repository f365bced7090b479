/** The states of a watcher: what it asks for after which failure. */
import assert from "node:assert/strict";
import { Discovery } from "../discovery.ts";
import { ApiError, NetworkError } from "../errors.ts";
import type { KubeObject, Live, Resource } from "../object.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import { watcher, type WatcherOptions } from "./watcher.ts";

const pods: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

const object = (name: string, resourceVersion: string, annotations?: Record<string, string>) => ({
  metadata: { name, uid: name, resourceVersion, annotations },
});
const line = (type: string, name: string, version: string) =>
  JSON.stringify({ type, object: object(name, version) }) + "\n";
const end = (version: string) =>
  JSON.stringify({ type: "BOOKMARK", object: object("", version, { "k8s.io/initial-events-end": "true" }) }) +
  "\n";
const page = (version: string, ...names: string[]) => ({
  metadata: { resourceVersion: version },
  items: names.map((name) => object(name, version)),
});
const answered = (status: number, details = {}) =>
  new ApiError({ status, message: `status ${status}`, details, method: "GET", path: "/" });
const errorEvent = (code: number) =>
  JSON.stringify({ type: "ERROR", object: { kind: "Status", code, message: `status ${code}` } }) + "\n";

/** What a watcher asks and tells, with these answers, one for each request, until they are used up. */
async function run(
  answers: (object | string | Error)[],
  options: Partial<WatcherOptions<KubeObject>> & { streams?: boolean } = {},
): Promise<{ asked: string[]; told: string[] }> {
  const asked: string[] = [];
  const stop = new AbortController();
  const performRequest = async ({ querystring, expectJson }: RequestOptions): Promise<unknown> => {
    await Promise.resolve();
    const version = querystring?.get("resourceVersion");
    asked.push(
      expectJson ? "list" : querystring?.has("sendInitialEvents") ? "stream" : `watch ${version}`,
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
  const discovery = new Discovery(transport);
  discovery.streamsLists = options.streams ?? true;
  const names = (objects: readonly Live<KubeObject>[]) =>
    objects.map(({ metadata }) => metadata.name).join(" ");
  const told: string[] = [];
  for await (
    const item of watcher<KubeObject>({
      transport,
      resource: pods,
      discovery,
      signal: stop.signal,
      ...options,
    })
  ) {
    if (item.type === "listed") told.push(`listed ${names(item.items)} at ${item.resourceVersion}`);
    else if (item.type === "changed") {
      told.push(...item.events.map(({ type, object }) => `${type} ${object.metadata.name}`));
    } else if (item.type === "failed") told.push(`failed ${(item.failure as Error).message}`);
  }
  return { asked, told };
}

Deno.test("a streamed list: one request lists and watches", async () => {
  const { asked, told } = await run([
    line("ADDED", "a", "3") + line("ADDED", "b", "4") + end("7") + line("ADDED", "c", "8"),
  ]);
  assert.deepEqual(told, ["listed a b at 7", "ADDED c"]);
  assert.deepEqual(asked, ["stream", "watch 8"]);
});

Deno.test("what is held is not told again, but in a list; the watch goes on behind it", async () => {
  const { asked, told } = await run([
    line("ADDED", "a", "3") + end("7") + line("ADDED", "b", "8"),
    line("MODIFIED", "a", "9"),
  ], { holds: (version) => version === "3" || version === "9" });
  assert.deepEqual(told, ["listed a at 7", "ADDED b"]);
  assert.deepEqual(asked, ["stream", "watch 8", "watch 9"]);
});

Deno.test("what changes while a list is streamed is in the list", async () => {
  const text = line("ADDED", "a", "3") + line("ADDED", "b", "4") + line("DELETED", "a", "5") +
    line("MODIFIED", "b", "6") + line("ADDED", "c", "7");
  const { told } = await run([text + end("7")]);
  assert.equal(told[0], "listed b c at 7");
});

Deno.test("a streamed list that breaks off is no list, and is begun anew", async () => {
  for (const broken of [line("ADDED", "a", "3"), line("ADDED", "a", "3") + errorEvent(503)]) {
    const { asked, told } = await run([broken, line("ADDED", "b", "4") + end("4")]);
    assert.match(told[0], /^failed /);
    assert.equal(told[1], "listed b at 4");
    assert.deepEqual(asked, ["stream", "stream", "watch 4"]);
  }
});

Deno.test("a server that does not stream lists is asked for pages, by all watchers from then on", async () => {
  for (const status of [422, 400]) {
    const { asked, told } = await run([answered(status), page("5", "a"), answered(410), page("7", "b")]);
    assert.deepEqual(told, ["listed a at 5", "failed status 410", "listed b at 7"]);
    assert.deepEqual(asked, ["stream", "list", "watch 5", "list", "watch 7"]);
  }
});

const tooLarge = { causes: [{ reason: "ResourceVersionTooLarge" }] };
const lost = new NetworkError("ConnectionReset", "reset", { sent: true, method: "GET", path: "/" });
/** What a watch meets, and whether the version is kept. */
const failures: readonly (readonly [what: string, answer: Error | string, kept: boolean])[] = [
  ...[401, 403, 404, 429, 500, 502, 503, 504].map((status) =>
    [`status ${status}`, answered(status), true] as const
  ),
  ...[429, 500, 503, 504].map((code) => [`an ERROR event ${code}`, errorEvent(code), true] as const),
  ["a lost connection", lost, true],
  ["an end without a word", "", true],
  ["status 410", answered(410), false],
  ["an ERROR event 410", errorEvent(410), false],
  ["a version beyond the server's", answered(504, tooLarge), false],
  ["a line that is no JSON", "{\n", false],
  ["an event without a version", '{"type":"ADDED","object":{}}\n', false],
];

for (const streams of [true, false]) {
  for (const [what, answer, kept] of failures) {
    const how = streams ? "streamed" : "paged";
    Deno.test(`${what} on a watch after a ${how} list: ${kept ? "goes on from its version" : "lists anew"}`, async () => {
      const first = streams ? end("5") : page("5");
      // The stream of a list is also its first watch; it ends, and the second one fails three times.
      const answers = [first, line("ADDED", "a", "6"), answer, answer, answer];
      const { asked } = await run(answers, { streams });
      const list = streams ? "stream" : "list";
      const after = kept ? ["watch 6", "watch 6", "watch 6", "watch 6"] : ["watch 6", list, list, list];
      if (kept) assert.deepEqual(asked, [list, "watch 5", ...after]);
      else assert.deepEqual(asked.slice(0, 4), [list, "watch 5", "watch 6", list]);
    });
  }
}

Deno.test("what is not kept is told of nowhere; what is, as projected", async () => {
  const keep = ({ metadata }: Live<KubeObject>) => metadata.name !== "other";
  const project = (each: Live<KubeObject>) => ({
    ...each,
    metadata: { ...each.metadata, name: `<${each.metadata.name}>` },
  });
  const changes = line("ADDED", "b", "8") + line("MODIFIED", "other", "9") + line("DELETED", "other", "10");
  const streamed = line("ADDED", "a", "3") + line("ADDED", "other", "4") + end("7") + changes;
  const expected = ["listed <a> at 7", "ADDED <b>"];
  assert.deepEqual((await run([streamed], { keep, project })).told, expected);
  const paged = await run([page("7", "a", "other"), changes], { keep, project, streams: false });
  assert.deepEqual(paged.told, expected);
  assert.deepEqual(paged.asked, ["list", "watch 7", "watch 10"]);
});
