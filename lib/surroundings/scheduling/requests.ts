/** What a pod asks of a node, in whole numbers: CPU in thousandths, all else in units. */

import type { Container, Node, Pod, PodSpec } from "kubernetes-types/core/v1";
import { parseQuantity, wholeUnits } from "../../api/mod.ts";

export type Amounts = ReadonlyMap<string, number>;

/** Amounts of a resource list as an object has it. */
export function amountsOf(list: Readonly<Record<string, string | number>> | undefined): Map<string, number> {
  return new Map(
    Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(name, String(quantity))]),
  );
}

const offers = new WeakMap<object, Amounts>();

/** What a node has for pods: as long as it says the same, counted once. */
export function allocatableOf({ status }: Node): Amounts {
  const list = status?.allocatable as Record<string, string> | undefined;
  if (list === undefined) return none;
  let offer = offers.get(list);
  if (offer === undefined) offers.set(list, offer = amountsOf(list));
  return offer;
}

const none: Amounts = new Map();
const parsed = new Map<string, number>();

function amountOf(name: string, quantity: string): number {
  const key = `${name === "cpu"}${quantity}`;
  let amount = parsed.get(key);
  if (amount === undefined) {
    if (parsed.size > 1_000) parsed.clear();
    const { nano, notation } = parseQuantity(quantity);
    amount = Number(wholeUnits({ nano: name === "cpu" ? nano * 1000n : nano, notation }));
    parsed.set(key, amount);
  }
  return amount;
}

const requests = new WeakMap<PodSpec, Amounts>();

/**
 * The requests of a pod: of all containers together, or of the largest init container where that is more; init
 * containers that stay (sidecars) count among the former. A container asks for its limit where it says nothing else.
 */
export function requestsOf({ spec }: Pick<Pod, "spec">): Amounts {
  if (spec === undefined) return new Map();
  let found = requests.get(spec);
  if (found === undefined) {
    found = sumOfRequests(spec);
    requests.set(spec, found);
  }
  return found;
}

function sumOfRequests(spec: PodSpec): Amounts {
  const total = new Map<string, number>();
  for (const container of spec.containers) add(total, ofContainer(container));
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const own = ofContainer(container);
    const stays = (container as { restartPolicy?: string }).restartPolicy === "Always";
    if (stays) {
      add(sidecars, own);
      add(total, own);
    }
    const beside = new Map(sidecars);
    if (!stays) add(beside, own);
    for (const [name, amount] of beside) peak.set(name, Math.max(peak.get(name) ?? 0, amount));
  }
  for (const [name, amount] of peak) total.set(name, Math.max(total.get(name) ?? 0, amount));
  add(total, amountsOf(spec.overhead as Record<string, string> | undefined));
  return total;
}

function ofContainer({ resources }: Container): Map<string, number> {
  return amountsOf({
    ...(resources?.limits as Record<string, string> | undefined),
    ...(resources?.requests as Record<string, string> | undefined),
  });
}

export function add(to: Map<string, number>, amounts: Amounts): void {
  for (const [name, amount] of amounts) to.set(name, (to.get(name) ?? 0) + amount);
}
