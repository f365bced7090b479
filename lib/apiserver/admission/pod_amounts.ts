/** What a pod asks for, and what it is limited to, in all. */
import type { Quantity } from "../../api/values/quantity.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { addTo, type Amounts, amountsOf } from "./amounts.ts";

type Part = "requests" | "limits";

export function containersOf(spec: unknown): JsonObject[] {
  return items(at(spec, "containers"));
}

export function initContainersOf(spec: unknown): JsonObject[] {
  return items(at(spec, "initContainers"));
}

export function items(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * All containers together, or the largest init container with the sidecars before it where that is more; what the pod
 * itself says of CPU and memory stands in their place.
 *
 * @param overhead what the pod's runtime class adds counts too
 */
export function amountsOfPod(spec: unknown, part: Part, { overhead = true } = {}): Amounts {
  const total = new Map<string, Quantity>();
  for (const container of containersOf(spec)) addTo(total, amountsOf(at(container, "resources", part)));
  const sidecars = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const container of initContainersOf(spec)) {
    const own = amountsOf(at(container, "resources", part));
    if (container.restartPolicy === "Always") {
      addTo(total, own);
      addTo(sidecars, own);
      raise(peak, sidecars);
    } else {
      const beside = new Map(own);
      addTo(beside, sidecars);
      raise(peak, beside);
    }
  }
  raise(total, peak);
  for (const [name, amount] of amountsOf(at(spec, "resources", part))) {
    if (name === "cpu" || name === "memory" || name.startsWith("hugepages-")) total.set(name, amount);
  }
  if (!overhead) return total;
  const more = [...amountsOf(at(spec, "overhead"))];
  // What is not limited stays so.
  addTo(total, new Map(part === "requests" ? more : more.filter(([name]) => total.has(name))));
  return total;
}

function raise(most: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const there = most.get(name);
    if (there === undefined || there.nano < amount.nano) most.set(name, amount);
  }
}
