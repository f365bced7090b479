import assert from "node:assert/strict";
import { DrivenTime } from "../../cli/rehearsal/driven_time.ts";
import { through } from "../../cli/rehearsal/driven_time_fixture.ts";
import { delay } from "../backoff.ts";
import { ApiError, NetworkError } from "../errors.ts";
import type { Resource } from "../object.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import { endsInitialEvents, needsNewList, watch, type WatchEvent, type WatchOptions } from "./watch.ts";

const pods: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

/** A transport that answers each request with these chunks, and then ends, or stays open. */
function answering(chunks: string[], { stays = false, seen = [] as RequestOptions[] } = {}): Transport {
  return {
    performRequest(options: RequestOptions) {
      seen.push(options);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
          if (!stays) controller.close();
          options.abortSignal?.addEventListener("abort", () => controller.error(options.abortSignal?.reason));
        },
      });
      return Promise.resolve(body);
    },
  } as unknown as Transport;
}

const options: WatchOptions = { resourceVersion: "5", timeoutSeconds: 300, silenceMilliseconds: 60_000 };

const line = (type: string, name: string, resourceVersion = "6") =>
  JSON.stringify({ type, object: { metadata: { name, resourceVersion } } }) + "\n";

const endOfInitialEvents = JSON.stringify({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: "7", annotations: { "k8s.io/initial-events-end": "true" } } },
}) + "\n";

async function collect(transport: Transport, with_: Partial<WatchOptions> = {}): Promise<string[]> {
  const seen: string[] = [];
  for await (const events of watch(transport, pods, { ...options, ...with_ })) {
    for (const { type, object } of events as WatchEvent<never>[]) {
      seen.push(`${type} ${(object as { metadata: { name?: string } }).metadata.name}`);
    }
  }
  return seen;
}

Deno.test("asks for bookmarks, from a version, with the selection", async () => {
  const seen: RequestOptions[] = [];
  await collect(answering([], { seen }), { namespace: "ns", labelSelector: "a=b", fieldSelector: "c=d" });
  assert.equal(seen[0].path, "/api/v1/namespaces/ns/pods");
  assert.deepEqual(Object.fromEntries(seen[0].querystring!), {
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: "5",
    timeoutSeconds: "300",
    labelSelector: "a=b",
    fieldSelector: "c=d",
  });
});

Deno.test("a change that is held is known by its version, and its text is not parsed", async () => {
  const text = '{"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"7"},no json\n';
  const seen = await collect(answering([text, line("DELETED", "a", "7"), line("ADDED", "b", "8")]), {
    holds: (version) => version === "7",
  });
  assert.deepEqual(seen, ["KNOWN undefined", "DELETED a", "ADDED b"]);
});

Deno.test("a version that an annotation says is not taken for the object's, be it held or not", async () => {
  const text = '{"type":"MODIFIED","object":{"metadata":{"annotations":{"resourceVersion":"9"},' +
    '"name":"a","resourceVersion":"8"}}}\n';
  assert.deepEqual(await collect(answering([text]), { holds: (version) => version === "9" }), ["MODIFIED a"]);
});

Deno.test("without a version it asks for all objects first; a bookmark says where they end", async () => {
  const seen: RequestOptions[] = [];
  const transport = answering([
    line("ADDED", "a"),
    endOfInitialEvents,
    line("BOOKMARK", ""),
    line("ADDED", "b"),
  ], { seen });
  const ends: boolean[] = [];
  for await (const events of watch(transport, pods, { ...options, resourceVersion: undefined })) {
    ends.push(...events.map(endsInitialEvents));
  }
  assert.deepEqual(ends, [false, true, false, false]);
  assert.deepEqual(Object.fromEntries(seen[0].querystring!), {
    watch: "true",
    allowWatchBookmarks: "true",
    sendInitialEvents: "true",
    resourceVersionMatch: "NotOlderThan",
    timeoutSeconds: "300",
  });
});

Deno.test("a stream that always has more lets timers run between its events", async () => {
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  const transport = answering(Array.from({ length: 20 }, (_, n) => line("ADDED", `a${n}`)));
  for await (const _ of watch(transport, pods, options)) {
    const began = performance.now();
    while (performance.now() - began < 5); // as long as a reader is at work on much
  }
  clearInterval(ticking);
  assert.ok(turns >= 5, `${turns} turns`);
});

Deno.test("events that arrive together come together; a line that is cut off at the end is dropped", async () => {
  const text = line("ADDED", "a") + line("MODIFIED", "a") + line("DELETED", "a") + line("ADDED", "b");
  const batches: number[] = [];
  const transport = answering([text.slice(0, 170), text.slice(170, -5)]);
  for await (const events of watch(transport, pods, options)) batches.push(events.length);
  assert.deepEqual(batches, [2, 1]);
});

const refused: [string, string, RegExp][] = [
  ["a line that is no JSON", "{\n", /WatchDecodingError/],
  ["bytes that are no UTF-8", "", /WatchDecodingError/],
  ["an unknown type", line("RENAMED", "a"), /unknown type "RENAMED"/],
  ["an object without a version", '{"type":"ADDED","object":{}}\n', /without an object that has a version/],
  ["null", "null\n", /unknown type undefined/],
];

for (const [what, text, message] of refused) {
  Deno.test(`${what} ends the watch with an error after which everything is listed anew`, async () => {
    const transport = answering([text]);
    if (text === "") {
      transport.performRequest = (() =>
        Promise.resolve(new Blob([new Uint8Array([0xff, 10])]).stream())) as never;
    }
    await assert.rejects(collect(transport), (error: Error) => {
      assert.match(String(error), message);
      assert.equal(error.name, "WatchDecodingError");
      assert.ok(needsNewList(error));
      return true;
    });
  });
}

Deno.test("events before a broken line are delivered", async () => {
  const seen: string[] = [];
  const run = async () => {
    for await (const events of watch(answering([line("ADDED", "a"), "nonsense\n"]), pods, options)) {
      seen.push(...events.map(({ type }) => type));
    }
  };
  await assert.rejects(run);
  assert.deepEqual(seen, ["ADDED"]);
});

Deno.test("an ERROR event is the API server's answer, with code and reason", async () => {
  const status = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version: 5 (9)" };
  const transport = answering([JSON.stringify({ type: "ERROR", object: status }) + "\n"]);
  await assert.rejects(collect(transport), {
    name: "ApiError",
    status: 410,
    reason: "Expired",
    message: status.message,
  });
});

Deno.test("silence ends the watch, tells the transport since when, and needs no new list", async () => {
  const transport = answering([line("ADDED", "a")], { stays: true });
  const renewed: number[] = [];
  transport.renew = (openedBefore) => renewed.push(openedBefore);
  const before = performance.now();
  await assert.rejects(collect(transport, { silenceMilliseconds: 40 }), (error: Error) => {
    assert.equal(error.name, "SilentWatchError");
    assert.ok(!needsNewList(error));
    return true;
  });
  assert.equal(renewed.length, 1);
  assert.ok(renewed[0] >= before && renewed[0] <= performance.now());
});

/** A transport on whose connection other answers come all the time, and a watch on it that is silent after `chunks`. */
function besideOthers(chunks: string[]): { transport: Transport; renewed: () => number } {
  const transport = answering(chunks, { stays: true });
  let renewed = 0;
  transport.renew = () => renewed++;
  transport.heardAt = () => performance.now();
  return { transport, renewed: () => renewed };
}

Deno.test("a watch on which nothing happens is no fault while its connection is alive", async () => {
  const { transport, renewed } = besideOthers([line("ADDED", "a")]);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("enough")), 200);
  await assert.rejects(collect(transport, { silenceMilliseconds: 40, signal: stop.signal }), /enough/);
  assert.equal(renewed(), 0);
});

Deno.test("a watch that had bookmarks and has none any more is given up; its connection is left to others", async () => {
  const { transport, renewed } = besideOthers([line("BOOKMARK", "")]);
  await assert.rejects(collect(transport, { silenceMilliseconds: 40 }), { name: "SilentWatchError" });
  assert.equal(renewed(), 0);
});

Deno.test("a watch that is not answered is given up; whether its connection is mute, the transport knows", async () => {
  const { transport, renewed } = besideOthers([]);
  transport.performRequest = (({ abortSignal }: RequestOptions) =>
    new Promise((_, reject) => {
      abortSignal!.addEventListener("abort", () => reject(abortSignal!.reason));
    })) as never;
  await assert.rejects(collect(transport, { silenceMilliseconds: 40 }), { name: "SilentWatchError" });
  assert.equal(renewed(), 0);
});

/** What is said when, the connection's last word, and when and by what silence ends the watch; in seconds. */
const silences: readonly {
  readonly answered?: number;
  readonly said: readonly (readonly [second: number, what: string])[];
  readonly connection?: number;
  readonly ends: number;
  readonly mute?: number;
}[] = [
  { said: [[50, "ADDED"]], ends: 140, mute: 50 },
  { said: [[50, "ADDED"]], connection: 200, ends: 290, mute: 200 },
  { said: [[60, "BOOKMARK"], [120, "BOOKMARK"]], connection: 500, ends: 210 },
  { said: [[60, "BOOKMARK"], [120, "ADDED"], [180, "MODIFIED"]], connection: 500, ends: 270 },
  // What ends the initial events promises no more bookmarks.
  { said: [[60, "the end of initial events"]], connection: 200, ends: 290, mute: 200 },
  // The answer begins late, and is the last word.
  { answered: 80, said: [], ends: 170, mute: 80 },
];

for (const { answered = 0, said, connection, ends, mute } of silences) {
  const words = [
    `an answer after ${answered} s`,
    ...said.map(([second, what]) => `${what} after ${second} s`),
  ]
    .join(", ");
  const alive = connection === undefined ? "" : `, its connection heard until ${connection} s`;
  Deno.test(`a watch is silent exactly after its patience: ${words}${alive}`, async () => {
    using time = new DrivenTime(() => 0.5, 0);
    const seconds = () => time.clock.now() / 1000;
    const renewed: number[] = [];
    const transport = {
      performRequest: ({ abortSignal }: RequestOptions) =>
        delay(answered * 1000).then(() =>
          new ReadableStream({
            start(controller) {
              abortSignal!.addEventListener("abort", () => controller.error(abortSignal!.reason));
              for (const [second, what] of said) {
                const text = what.startsWith("the end") ? endOfInitialEvents : line(what, "a");
                setTimeout(() => controller.enqueue(new TextEncoder().encode(text)), second * 1000);
              }
            },
          })
        ),
      heardAt: () => connection && Math.min(seconds(), connection) * 1000,
      renew: (openedBefore: number) => renewed.push(openedBefore / 1000),
    } as unknown as Transport;
    const watching = collect(transport, { silenceMilliseconds: 90_000 });
    await assert.rejects(through(time, watching), { name: "SilentWatchError" });
    const ended = seconds();
    assert.equal(time.clock.next(), undefined, "no timer is left");
    assert.deepEqual({ ended, renewed }, { ended: ends, renewed: mute === undefined ? [] : [mute] });
  });
}

Deno.test("a watch that ends by itself leaves no timer", async () => {
  using time = new DrivenTime(() => 0.5, 0);
  const watching = collect(answering([line("ADDED", "a")]));
  await time.pass(1_000);
  assert.deepEqual(await watching, ["ADDED a"]);
  assert.equal(time.clock.next(), undefined);
});

const answer = (status: number, details = {}) =>
  new ApiError({ status, message: "", method: "GET", path: "/", details });

Deno.test("a new list is needed where the version is not known to the server, and after nothing else", () => {
  const tooLarge = { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }] };
  for (const failure of [answer(410), answer(504, tooLarge)]) assert.equal(needsNewList(failure), true);
  for (const status of [400, 401, 403, 404, 409, 429, 500, 502, 503, 504]) {
    assert.equal(needsNewList(answer(status)), false, `${status}`);
  }
  const broken = new NetworkError("ConnectionReset", "", { sent: true, method: "GET", path: "/" });
  assert.equal(needsNewList(broken), false);
});

Deno.test("the caller's signal ends it with the caller's reason", async () => {
  const stop = new AbortController();
  const running = collect(answering([line("ADDED", "a")], { stays: true }), { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(running, /enough/);
});

Deno.test("of managedFields only the entries come that are asked for", async () => {
  const event = {
    type: "ADDED",
    object: {
      metadata: {
        name: "a",
        resourceVersion: "6",
        managedFields: [{ manager: "kubelet" }, { manager: "us" }],
      },
    },
  };
  const managersWith = async (managers?: readonly string[]) => {
    for await (
      const [{ object }] of watch(answering([JSON.stringify(event) + "\n"]), pods, { ...options, managers })
    ) {
      return (object.metadata as { managedFields?: { manager: string }[] }).managedFields?.map((
        { manager },
      ) => manager);
    }
  };
  assert.deepEqual(await managersWith(["us"]), ["us"]);
  assert.deepEqual(await managersWith([]), []);
  assert.deepEqual(await managersWith(), ["kubelet", "us"]);
});
