/** What an object that a service depends on says itself of why it is not ready. */

import { conditionOf, type StoredCondition } from "../../lib/operator/status/conditions.ts";

/**
 * `: ` and the message of `Ready`, to be put behind what the service says of the object. Nothing while the object
 * is merely on its way: what it waits for changes often, and each change would be a write of every service.
 */
export function causeOf(conditions: readonly StoredCondition[] | undefined): string {
  const told = conditionOf(conditions, "Ready");
  const telling = told?.status === "False" && told.reason !== "Progressing" && told.message;
  return telling ? `: ${told.message}` : "";
}
