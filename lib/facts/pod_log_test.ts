import assert from "node:assert/strict";
import type { ContainerStatus, PodObject } from "../operator/inspect/pod.ts";
import type { Known } from "../operator/core/view.ts";
import { onView } from "../operator/core/view_fixture.ts";
import { logsOf, podLog } from "./pod_log.ts";

function podWith(status: Omit<ContainerStatus, "name">): PodObject {
  return {
    metadata: { name: "p", namespace: "ns", uid: "u" },
    status: { containerStatuses: [{ name: "main", ...status }] },
  };
}

const ended = { terminated: { exitCode: 1 } };

/** What is answered where the log of the run after so many restarts is known. */
function asked(pod: PodObject, known: Record<number, Known<string>>, container = "main") {
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

Deno.test("runs of pods, containers and restarts are told apart", () => {
  const run = {
    namespace: "ns",
    pod: "p",
    uid: "u",
    node: "n",
    container: "c",
    restarts: 0,
    previous: false,
  };
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
