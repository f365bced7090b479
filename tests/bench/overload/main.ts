/**
 * `deno task bench:overload`: a storm of events, and what the operator has missed after it. First a recording is played to it through the
 * seam of its client, in this process; then pods of a real API server change as fast.
 *
 *   --rate=N       events a second of the recording; default 5000
 *   --real-rate=N  of the real API server; default 1000
 *   --seconds=N    how long each storm lasts; default 60
 *   --only=WORD    recording, or real
 *
 * It ends with 1 where an event was lost, the operator was not ready, memory grew without bound, or the storm was none.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Figures, overloadByRecording, overloadOfRealServer } from "./storms.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "5000" },
    "real-rate": { type: "string", default: "1000" },
    seconds: { type: "string", default: "60" },
    only: { type: "string" },
    figures: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);

if (values.figures) {
  console.log(JSON.stringify(await overloadByRecording({ rate: Number(values.rate), seconds })));
  Deno.exit(0);
}

const faults = [
  ...values.only === "real" ? [] : tell("recording", await inAProcessOfItsOwn()),
  ...values.only === "recording"
    ? []
    : tell("real API server", await overloadOfRealServer({ rate: Number(values["real-rate"]), seconds })),
];
Deno.exit(faults.length > 0 ? 1 : 0);

/** With nothing else in its memory, and a garbage collection when it asks for one. */
async function inAProcessOfItsOwn(): Promise<Figures> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", "--frozen", "--v8-flags=--expose-gc"],
      fileURLToPath(import.meta.url),
      ...["--figures", `--rate=${values.rate}`, `--seconds=${values.seconds}`],
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the recording could not be played");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Prints the figures, and gives what must not be. */
function tell(what: string, figures: Figures): string[] {
  const { missed, ...others } = figures;
  console.log(`${what}: ${JSON.stringify({ ...others, missed: missed.length }, undefined, 2)}`);
  const faults = [
    ...missed.slice(0, 20),
    ...figures.eventsASecond < 0.98 * figures.wantedEventsASecond
      ? [`${figures.eventsASecond} events a second came instead of ${figures.wantedEventsASecond}`]
      : [],
    ...figures.readiness.notReady > 0 ? [`not ready ${figures.readiness.notReady} times`] : [],
    ...figures.megabytes.most > figures.megabytes.limit
      ? [`${figures.megabytes.most} MB, at most ${figures.megabytes.limit}`]
      : [],
  ];
  for (const fault of faults) console.error(`${what}: ${fault}`);
  return faults;
}
