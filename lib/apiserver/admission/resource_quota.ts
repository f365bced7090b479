/** ResourceQuota: what a namespace may use in all, refused in the original's words. */
import { parseQuantity, type Quantity } from "../../api/values/quantity.ts";
import type { Cluster } from "../cluster.ts";
import { at, type JsonObject } from "../json.ts";
import { shelfOf } from "../kinds/kind.ts";
import { update } from "../managed_fields/mod.ts";
import { forbidden } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { type Amounts, amountsOf, increase, listOfAmounts, only, plus, shownAmounts } from "./amounts.ts";
import { type Attributes, nameOf, namespaceOf } from "./attributes.ts";
import { type Evaluator, evaluatorOf, isTerminating, type Scope } from "./quota_usage.ts";

/** What a quota has used once a write is done. */
export interface Charge {
  readonly quota: StoredObject;
  readonly used: Amounts;
}

/** What a write is charged. @throws Refusal 403 if a quota does not allow it, or cannot tell */
export function chargesOf(cluster: Cluster, attributes: Attributes): Charge[] {
  const namespace = namespaceOf(attributes);
  if (namespace === undefined || attributes.operation === "DELETE" || attributes.subresource) return [];
  const quotas = cluster.store.list("resourcequotas", namespace);
  if (quotas.length === 0) return [];
  const evaluator = evaluatorOf(shelfOf(attributes.kind));
  if (evaluator === undefined || !counts(attributes)) return [];
  return quotas.flatMap((quota) => chargeOf(quota, evaluator, attributes, cluster.clock.now()) ?? []);
}

/** Books charges: the quotas' statuses show them at once. */
export function book(cluster: Cluster, charges: readonly Charge[]): void {
  for (const { quota, used } of charges) {
    const kind = cluster.kinds.find("", "v1", "resourcequotas")!;
    const status = { ...quota.status as JsonObject, used: listOfAmounts(used) };
    const updated = update({
      schema: kind.schema,
      live: quota,
      updated: { ...quota, status },
      manager: "kube-apiserver",
      apiVersion: "v1",
      subresource: "status",
      now: cluster.now(),
    });
    cluster.store.put("resourcequotas", updated);
  }
}

/** The scopes of a quota, as requirements. */
export function scopesOf({ spec }: JsonObject): Scope[] {
  const plain = (at(spec, "scopes") ?? []) as string[];
  const selected = (at(spec, "scopeSelector", "matchExpressions") ?? []) as Scope[];
  return [...plain.map((scopeName) => ({ scopeName, operator: "Exists" })), ...selected];
}

/** Updates change what Services and claims use; of a pod only whether it may run for a certain time only. */
function counts({ kind, operation, object, old }: Attributes): boolean {
  if (operation === "CREATE") return true;
  const shelf = shelfOf(kind);
  if (shelf === "pods") return isTerminating(object) !== isTerminating(old!);
  return shelf === "services" || shelf === "persistentvolumeclaims";
}

function chargeOf(
  quota: StoredObject,
  evaluator: Evaluator,
  attributes: Attributes,
  now: number,
): Charge | undefined {
  const { object, old } = attributes;
  const hard = amountsOf(at(quota.status, "hard"));
  const concerned = [...hard.keys()].filter((name) => evaluator.concerns(name));
  const scopes = scopesOf(quota);
  const matches = (one: JsonObject) => scopes.every((scope) => evaluator.matches(scope, one));
  if (concerned.length === 0 || !matches(object)) return undefined;

  const refuse = (why: string) => forbidden(attributes.kind, nameOf(attributes), why);
  const { name } = quota.metadata;
  const unsaid = evaluator.unsaid?.(new Set(concerned), object);
  if (unsaid !== undefined) throw refuse(`failed quota: ${name}: ${unsaid}`);
  const used = amountsOf(at(quota.status, "used"));
  if (concerned.some((each) => !used.has(each))) {
    throw refuse(`status unknown for quota: ${name}, resources: ${concerned.sort().join(",")}`);
  }
  const usage = evaluator.usage(object, now);
  const negative = [...usage].filter(([, { nano }]) => nano < 0n).map(([each]) => each).sort();
  if (negative.length > 0) {
    throw refuse(`quota usage is negative for resource(s): ${negative.join(",")}`);
  }
  const more = old !== undefined && matches(old) ? increase(usage, evaluator.usage(old, now)) : usage;
  const asked = only(new Map([...more].filter(([, { nano }]) => nano !== 0n)), hard.keys());
  if (asked.size === 0) return undefined;
  const then = new Map(used);
  for (const [each, amount] of asked) then.set(each, plus(used.get(each)!, amount));
  const exceeded = [...asked.keys()].filter((each) => then.get(each)!.nano > hard.get(each)!.nano);
  if (exceeded.length === 0) return { quota, used: then };
  const shown = (amounts: Amounts) => shownAmounts(only(amounts, exceeded));
  throw refuse(
    `exceeded quota: ${name}, requested: ${shown(asked)}, used: ${shown(used)}, limited: ${shown(hard)}`,
  );
}

/** What all objects of a namespace use of what a quota limits. @param list gives those of a shelf */
export function usageOf(
  quota: JsonObject,
  shelves: ReadonlyMap<string, readonly JsonObject[]>,
  now: number,
): JsonObject {
  const hard = Object.keys((at(quota.spec, "hard") ?? {}) as JsonObject);
  const scopes = scopesOf(quota);
  const used = new Map<string, Quantity>(hard.map((name) => [name, parseQuantity("0")]));
  for (const [shelf, objects] of shelves) {
    const evaluator = evaluatorOf(shelf);
    if (evaluator === undefined) continue;
    for (const object of objects) {
      if (!scopes.every((scope) => evaluator.matches(scope, object))) continue;
      for (const [name, amount] of only(evaluator.usage(object, now), hard)) {
        used.set(name, plus(used.get(name)!, amount));
      }
    }
  }
  return listOfAmounts(used);
}
