/** The operator at rest: when it is, and what it writes then. */

import type { ControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import type { OperatorProcess } from "../operator_process.ts";
import { writesBy } from "./audit.ts";
import { usageOf } from "./process_usage.ts";

/** Returns once the user has written nothing for so many seconds. */
export async function quiet(plane: ControlPlane, user: string, forSeconds: number): Promise<void> {
  await until(`${user} quiet`, async () => {
    const last = writesBy(user, await plane.auditEvents()).at(-1);
    return last === undefined || Date.now() - Date.parse(last.stageTimestamp) > forSeconds * 1000;
  }, { seconds: 300, everyMilliseconds: 500 });
}

/** Writes of the user in so many seconds from now. */
export async function restWrites(plane: ControlPlane, user: string, forSeconds: number): Promise<number> {
  const from = Date.now();
  await new Promise((resolve) => setTimeout(resolve, forSeconds * 1000));
  return writesBy(user, await plane.auditEvents(), from).length;
}

/** Milliseconds until the process is ready and has used no CPU to speak of for a second. */
export async function operatorQuiet(operator: OperatorProcess, since: number): Promise<number> {
  let last = await usageOf(operator.pid);
  let quietSince = Date.now();
  await until("the operator quiet after its restart", async () => {
    const now = await usageOf(operator.pid);
    if (now.cpuSeconds - last.cpuSeconds > 0.02) quietSince = Date.now();
    last = now;
    return await operator.ready() && Date.now() - quietSince > 1_000;
  }, { seconds: 120, everyMilliseconds: 200 });
  return quietSince - since;
}
