import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../kube/object.ts";
import { ApplyState, WaitingStatuses } from "./apply_state.ts";
import { assessStatus } from "./assess.ts";

const first = status("Pending", "first");
const stored = {
  ...first,
  conditions: first.conditions.map((each) => ({
    ...each,
    lastTransitionTime: "1970-01-01T00:00:00Z",
  })),
};

function status(word: string, message: string) {
  return {
    status: word,
    observedGeneration: 1,
    conditions: [{ type: "PodsReady", status: "False", reason: "Waiting", message }],
  };
}

/** A status that some pass wants: after so many seconds since the last write, with statuses of so many others waiting. */
interface Look {
  readonly after: number;
  readonly wanted: ReturnType<typeof status>;
  readonly others?: number;
  readonly atOnce?: true;
  /** When it is looked at again, in seconds since the last write; "now" is written, "never" where nothing differs. */
  readonly due: number | "now" | "never";
}

const details = status("Pending", "second");
const furtherDetails = status("Pending", "third");
const word = status("Starting", "second");
const running = status("Running", "second");
const cause = { type: "Stalled", status: "True", reason: "AIM-0601", message: "third" };
const anotherCause = { ...word, conditions: [...word.conditions, cause] };

Deno.test("how often a child was made is remembered while the plan does not name it, until it has lasted", () => {
  const state = new ApplyState();
  const ref = { kind: { resource: { plural: "boxes" } } as never, namespace: "ns", name: "child" };
  const minute = 60_000;
  state.child(ref).made = { times: 2, at: 0 };
  state.retain([], minute);
  assert.deepEqual([state.size, state.unnamed], [0, 1]);
  assert.deepEqual(state.child(ref).made, { times: 2, at: 0 });
  assert.deepEqual([state.size, state.unnamed], [1, 0]);
  state.retain([], minute);
  state.retain([], 11 * minute);
  assert.deepEqual([state.size, state.unnamed, state.child(ref).made], [0, 0, undefined]);
});

const rows: Record<string, readonly Look[]> = {
  "details wait for ten seconds after the last write": [
    { after: 2, wanted: details, due: 10 },
    { after: 4, wanted: furtherDetails, due: 10 },
    { after: 10, wanted: furtherDetails, due: "now" },
  ],
  "a word that still says not yet waits for three": [
    { after: 1, wanted: word, due: 3 },
    { after: 3, wanted: word, due: "now" },
  ],
  "long after the last write they wait a second, for others of the same moment": [
    { after: 100, wanted: details, due: 101 },
    { after: 100.5, wanted: furtherDetails, due: 101 },
    { after: 101, wanted: furtherDetails, due: "now" },
  ],
  "a word that says more does not wait": [{ after: 0.1, wanted: running, due: "now" }],
  "a word comes sooner than the details before it": [
    { after: 1, wanted: details, due: 10 },
    { after: 2, wanted: word, due: 3 },
  ],
  "where many wait, each waits for its share of three a second, and is looked at meanwhile": [
    { after: 2, wanted: details, others: 100, due: 12 },
    { after: 3, wanted: word, others: 99, due: 13 },
    { after: 13, wanted: word, others: 99, due: 23 },
    { after: 23, wanted: word, others: 99, due: 30 },
    { after: 30, wanted: word, others: 99, due: "now" },
  ],
  "where more and more wait, it waits on, but for no more than two minutes": [
    { after: 2, wanted: details, due: 10 },
    { after: 10, wanted: details, others: 99, due: 20 },
    { after: 30, wanted: details, others: 5_000, due: 40 },
    { after: 119, wanted: details, others: 5_000, due: 120 },
    { after: 120, wanted: details, others: 5_000, due: "now" },
  ],
  "another cause waits for three seconds, however many wait": [
    { after: 1, wanted: word, others: 5_000, due: 11 },
    { after: 2, wanted: anotherCause, others: 5_000, due: 3 },
    { after: 3, wanted: anotherCause, others: 5_000, due: "now" },
  ],
  "when others have been told, the next look tells it": [
    { after: 2, wanted: details, others: 100, due: 12 },
    { after: 5, wanted: furtherDetails, others: 10, due: 12 },
    { after: 12, wanted: details, others: 10, due: "now" },
  ],
  "what became as stored again waits no more": [
    { after: 2, wanted: details, due: 10 },
    { after: 5, wanted: stored, due: "never" },
    { after: 12, wanted: details, due: 13 },
  ],
  "a sticky reference waits for nothing": [{ after: 0.1, wanted: details, atOnce: true, due: "now" }],
};

for (const [name, looks] of Object.entries(rows)) {
  Deno.test(`when a status is written: ${name}`, () => {
    const inAll = new WaitingStatuses();
    const applyState = new ApplyState(inAll);
    applyState.statusWrittenAt = 0;
    const object = { metadata: { name: "x" }, status: stored } as unknown as Live<KubeObject>;
    for (const { after, wanted, others = 0, atOnce, due } of looks) {
      inAll.count = others + Number(applyState.statusWaiting !== undefined);
      const clock = { now: () => after * 1_000, monotonic: () => after * 1_000 };
      const found = assessStatus(object, wanted, applyState, clock, atOnce);
      const said = typeof found !== "number" ? "now" : found === Infinity ? "never" : found / 1_000;
      assert.equal(said, due, `after ${after} s`);
    }
  });
}
