/** For tests that wait for something in driven time. */

import assert from "node:assert/strict";
import type { DrivenTime } from "./driven_time.ts";

/** What a promise comes to, time passing until then and no longer. Fails if that takes more than an hour. */
export async function through<T>(time: DrivenTime, promise: Promise<T>): Promise<T> {
  let settled = false;
  const settle = () => void (settled = true);
  promise.then(settle, settle);
  await time.pass(3_600_000, () => settled);
  assert.ok(settled, "within an hour");
  return await promise;
}
