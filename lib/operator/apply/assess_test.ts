import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../kube/object.ts";
import { ApplyState } from "./apply_state.ts";
import { assessStatus, type Hold } from "./assess.ts";

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

/** A status that some pass wants: after so many seconds since the last write, said to wait as long as `hold` says. */
interface Look {
  readonly after: number;
  readonly wanted: ReturnType<typeof status>;
  readonly hold?: Hold;
  /** When it will be written, in seconds since the last write; "now", or "never" where nothing differs. */
  readonly due: number | "now" | "never";
}

const details = status("Pending", "second");
const furtherDetails = status("Pending", "third");
const word = status("Starting", "second");
const running = status("Running", "second");

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
  "while much is written, both wait for half a minute": [
    { after: 2, wanted: details, hold: "busy", due: 30 },
    { after: 3, wanted: word, hold: "busy", due: 30 },
  ],
  "what waits, waits on while much is written": [
    { after: 2, wanted: details, due: 10 },
    { after: 10, wanted: details, hold: "busy", due: 30 },
    { after: 30, wanted: details, hold: "busy", due: "now" },
  ],
  "a moment once named stands when much is written no more: nothing wakes the key then": [
    { after: 2, wanted: details, hold: "busy", due: 30 },
    { after: 15, wanted: details, due: 30 },
    { after: 30, wanted: details, due: "now" },
  ],
  "what became as stored again waits no more": [
    { after: 2, wanted: details, due: 10 },
    { after: 5, wanted: stored, due: "never" },
    { after: 12, wanted: details, due: 13 },
  ],
  "a sticky reference waits for nothing": [{ after: 0.1, wanted: details, hold: "none", due: "now" }],
};

for (const [name, looks] of Object.entries(rows)) {
  Deno.test(`when a status is written: ${name}`, () => {
    const applyState = new ApplyState();
    applyState.statusWrittenAt = 0;
    const object = { metadata: { name: "x" }, status: stored } as unknown as Live<KubeObject>;
    for (const { after, wanted, hold = "usual", due } of looks) {
      const clock = { now: () => after * 1_000, monotonic: () => after * 1_000 };
      const found = assessStatus(object, wanted, applyState, clock, hold);
      const said = typeof found !== "number" ? "now" : found === Infinity ? "never" : found / 1_000;
      assert.equal(said, due, `after ${after} s`);
    }
  });
}
