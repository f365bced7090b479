/** Mistakes of ours in a plan's own functions, told apart from failures of requests. */

import type { Plan } from "../core/plan.ts";

/** What a plan's own functions threw. */
export class PlanThrew extends Error {}

/** The plan, with what its functions throw told apart from what requests throw. */
export function guarded(plan: Plan<object>): Plan<object> {
  const { status, events } = plan;
  return { ...plan, ...(status && { status: guard(status) }), ...(events && { events: guard(events) }) };
}

function guard<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return call(...args);
    } catch (cause) {
      throw new PlanThrew("the plan threw", { cause });
    }
  };
}
