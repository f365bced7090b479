import type { ContainerStatus, Pod } from "../operator/objects.ts";
import assert from "node:assert/strict";
import type { Known } from "../operator/core/view.ts";
import { onView } from "../operator/runner/view_fixture.ts";
import { ApiError } from "../kube/errors.ts";
import type { RequestOptions, Transport } from "../kube/transport.ts";
import { type ContainerRun, logsOf, podLog, podLogSource, retryOfLog } from "./pod_log.ts";

function podWith(status: Omit<ContainerStatus, "name">): Pod {
  return {
    metadata: { name: "p", namespace: "ns", uid: "u" },
    status: { containerStatuses: [{ name: "main", ...status }] },
  };
}

const ended = { terminated: { exitCode: 1 } };

/** What is answered where the log of the run after so many restarts is known. */
function asked(pod: Pod, known: Record<number, Known<string>>, container = "main") {
  const facts = Object.fromEntries(
    Object.entries(known).map(([restarts, each]) => [`podLog|ns/p/u/main/${restarts}`, each]),
  );
  return onView([], { kinds: [], facts }, (view) => logsOf(view)(pod, container)).result;
}

const value = (value: string): Known<string> => ({ state: "known", value });

// conventions.md §6.7 Pods rule 3 and its Better line: one read for each run that ended
const rows: [string, Omit<ContainerStatus, "name">, string | undefined][] = [
  ["a container that ended", { restartCount: 0, state: ended }, "first"],
  ["one that ended again", { restartCount: 1, state: ended, lastState: ended }, "second"],
  [
    "one that waits for its next run",
    { restartCount: 2, state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: ended },
    "second",
  ],
  ["one that runs again", { restartCount: 1, state: { running: {} }, lastState: ended }, "first"],
  [
    "one that never ran",
    { restartCount: 0, state: { waiting: { reason: "CreateContainerError" } } },
    undefined,
  ],
  ["one that runs for the first time", { restartCount: 0, state: { running: {} } }, undefined],
];
for (const [what, status, log] of rows) {
  Deno.test(`the log of ${what}: ${log ?? "none"}`, () => {
    assert.equal(asked(podWith(status), { 0: value("first"), 1: value("second") }), log);
  });
}

Deno.test("a log that is being read is pending, one that cannot be read is none", () => {
  const pod = podWith({ restartCount: 0, state: ended });
  assert.equal(asked(pod, {}), "pending");
  assert.equal(asked(pod, { 0: { state: "failed", error: new Error("gone") } }), undefined);
  assert.equal(asked(pod, { 0: value("x") }, "other"), undefined);
});

/** The first run of a container. */
const run: ContainerRun = {
  namespace: "ns",
  pod: "p",
  uid: "u",
  node: "n",
  container: "c",
  restarts: 0,
  previous: false,
};

Deno.test("runs of pods, containers and restarts are told apart", () => {
  const others = [
    { ...run, namespace: "other" },
    { ...run, pod: "q" },
    { ...run, uid: "v" },
    { ...run, container: "d" },
    { ...run, restarts: 1 },
  ].map(podLog.keyOf);
  assert.equal(new Set([...others, podLog.keyOf(run)]).size, 6);
  assert.equal(podLog.keyOf({ ...run, previous: true }), podLog.keyOf(run), "the same run, later");
});

Deno.test("the last 50 lines of the container are asked for, of the run before where another has begun", async () => {
  const asked: RequestOptions[] = [];
  const performRequest = (options: RequestOptions) => {
    asked.push(options);
    return Promise.resolve(ReadableStream.from([new TextEncoder().encode("one\ntwo\n")]));
  };
  const source = podLogSource({ performRequest } as unknown as Transport);
  for (const previous of [false, true]) {
    assert.equal(await source.fetch({ ...run, previous }, new AbortController().signal), "one\ntwo\n");
  }
  assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`), [
    "GET /api/v1/namespaces/ns/pods/p/log",
    "GET /api/v1/namespaces/ns/pods/p/log",
  ]);
  assert.deepEqual(asked.map(({ querystring }) => Object.fromEntries(querystring as URLSearchParams)), [
    { container: "c", tailLines: "50" },
    { container: "c", tailLines: "50", previous: "true" },
  ]);
  assert.equal(source.freshFor, Infinity, "one read for each run");
});

const again: [status: number, first: number][] = [
  [404, Infinity],
  [400, Infinity],
  [403, 300_000],
  [500, 2_000],
  [503, 2_000],
];
for (const [status, first] of again) {
  Deno.test(`a log refused with ${status} is asked for again after ${first} ms`, () => {
    const error = new ApiError({ status, message: "no", method: "GET", path: "/log" });
    assert.equal(retryOfLog(error).first, first);
  });
}

Deno.test("a log that the network kept away is asked for again soon", () => {
  assert.equal(retryOfLog(new Error("reset")).first, 2_000);
});

Deno.test("a node that does not answer holds up only who asks it", () => {
  const { lane } = podLogSource({} as Transport);
  assert.equal(lane!(run), lane!({ ...run, pod: "q" }));
  assert.notEqual(lane!(run), lane!({ ...run, node: "m" }));
});
