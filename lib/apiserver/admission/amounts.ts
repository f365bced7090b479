/** Amounts of resources by name, exact, and added up as the original adds quantities. */
import { formatQuantity, isQuantity, parseQuantity, type Quantity } from "../../api/values/quantity.ts";
import { isObject, type JsonObject } from "../json.ts";

export type Amounts = ReadonlyMap<string, Quantity>;

export const zero: Quantity = { nano: 0n, notation: "decimal" };

/** A number of things. */
export function count(number: number): Quantity {
  return { nano: BigInt(number) * 1_000_000_000n, notation: "decimal" };
}

/** A resource list as objects have it; what is no quantity is not in it. */
export function amountsOf(list: unknown): Map<string, Quantity> {
  const known = Object.entries(isObject(list) ? list : {}).filter(([, value]) => isQuantity(value));
  return new Map(known.map(([name, value]) => [name, parseQuantity(value as string)]));
}

/** As a resource list in canonical text, by name. */
export function listOfAmounts(amounts: Amounts): JsonObject {
  return Object.fromEntries(
    [...amounts].sort(([a], [b]) => a < b ? -1 : 1).map(([name, amount]) => [name, formatQuantity(amount)]),
  );
}

/** `cpu=1,pods=2`, as refusals show them. */
export function shownAmounts(amounts: Amounts): string {
  return Object.entries(listOfAmounts(amounts)).map(([name, amount]) => `${name}=${amount}`).join(",");
}

/** A sum is written as its first part was, unless that was nothing. */
export function plus(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, notation: a.nano === 0n ? b.notation : a.notation };
}

export function addTo(sum: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const there = sum.get(name);
    sum.set(name, there === undefined ? amount : plus(there, amount));
  }
}

/** What `a` is more than `b`; nothing where it is less. */
export function increase(a: Amounts, b: Amounts): Map<string, Quantity> {
  return new Map(
    [...a].map(([name, { nano, notation }]) => {
      const more = nano - (b.get(name)?.nano ?? 0n);
      return [name, { nano: more > 0n ? more : 0n, notation }];
    }),
  );
}

/** Those of some names. */
export function only(amounts: Amounts, names: Iterable<string>): Map<string, Quantity> {
  const wanted = new Set(names);
  return new Map([...amounts].filter(([name]) => wanted.has(name)));
}
