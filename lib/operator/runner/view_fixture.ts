/** For tests: a view over real stores that hold the given objects. No server, no runner. */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { apiVersionOf, type KubeObject, type Live } from "../../kube/object.ts";
import { ClusterCache } from "../core/cluster_cache.ts";
import { Dependencies, type KeyReader } from "./dependencies.ts";
import { Facts } from "./facts.ts";
import { systemClock } from "../core/clock.ts";
import { noReads } from "./reads.ts";
import { type Outcome, type Outcomes, type Plan } from "../core/plan.ts";
import type { Fact, Known, View } from "../core/view.ts";

export interface FixtureOptions {
  /** All kinds that the code under test may read. */
  readonly kinds: readonly CachedKind<KubeObject>[];
  /** Plurals of kinds that this cluster does not have. */
  readonly uninstalled?: readonly string[];
  /** The namespaces where the operator's rights end (scoped mode). */
  readonly namespaces?: readonly string[];
  /** Plurals of kinds that may not be read (scoped mode). */
  readonly outOfReach?: readonly string[];
  /** What is known of facts, by `name|key`; others are pending. */
  readonly facts?: Readonly<Record<string, Known<unknown>>>;
  /** RFC 3339 time that `reached` compares with. Default: 2026-01-01T00:00:00Z. */
  readonly now?: string;
}

/** A whole object out of the part that a test cares about; uid and version are made up, but stable. */
export function liveObject<T extends KubeObject>(object: T): Live<T> {
  const { name, namespace } = object.metadata ?? {};
  return {
    ...object,
    metadata: {
      uid: `uid-${object.kind}-${namespace ?? ""}-${name}`,
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: "2025-12-31T00:00:00Z",
      ...object.metadata,
    },
  } as Live<T>;
}

/** Facts that nobody fetches. */
class GivenFacts extends Facts {
  constructor(private readonly given: Readonly<Record<string, Known<unknown>>>) {
    super(systemClock, () => {});
  }

  override ask<A, F>(fact: Fact<A, F>, arg: A): Known<F> {
    return (this.given[`${fact.name}|${fact.keyOf(arg)}`] ?? { state: "pending" }) as Known<F>;
  }
}

/** Stores that hold the given objects. */
export function cacheHolding(
  objects: readonly KubeObject[],
  { kinds, namespaces, uninstalled, outOfReach }: FixtureOptions,
): ClusterCache {
  const cache = new ClusterCache(kinds, namespaces);
  for (const store of cache.stores()) {
    const { resource } = store.kind;
    const items = objects.filter((object) =>
      object.kind === resource.kind && object.apiVersion === apiVersionOf(resource)
    ).map(liveObject);
    if (outOfReach?.includes(resource.plural)) {
      store.unreadable();
      continue;
    }
    for (const namespace of resource.namespaced ? namespaces ?? [undefined] : [undefined]) {
      const own = namespace === undefined
        ? items
        : items.filter(({ metadata }) => metadata.namespace === namespace);
      store.kind.selectors.forEach((_, source) => {
        const sink = store.sink(source, namespace);
        if (uninstalled?.includes(resource.plural)) sink.uninstalled();
        else sink.replaced(own, "1000");
      });
    }
  }
  return cache;
}

/** Runs `pass` on a view over the given objects, and returns what it returned and read. */
export function onView<R>(
  objects: readonly KubeObject[],
  options: FixtureOptions,
  pass: (view: View) => R,
): { result: R; reads: string[] } {
  const cache = cacheHolding(objects, options);
  const facts = new GivenFacts(options.facts ?? {});
  const dependencies = new Dependencies<KeyReader>(cache, () => facts, () => {});
  const reader: KeyReader = { reads: noReads };
  const now = Date.parse(options.now ?? "2026-01-01T00:00:00Z");
  const reached = (moment: string | number) =>
    now >= (typeof moment === "number" ? moment : Date.parse(moment));
  const result = dependencies.record(reader, reached, pass, () => []);
  return { result, reads: dependencies.readsOf(reader) };
}

/** Outcomes in which every child is as wanted, except those given by `plural/namespace/name`. */
export function outcomesOf(plan: Plan<object>, except: Record<string, Outcome> = {}): Outcomes {
  const of: Outcomes["of"] = (ref) =>
    except[`${ref.kind.resource.plural}/${ref.namespace ?? ""}/${ref.name}`] ?? { result: "unchanged" };
  return {
    of,
    troubles: () =>
      plan.children.flatMap(({ ref }) => {
        const outcome = of(ref);
        return outcome.result === "rejected" || outcome.result === "contested" ? [{ ref, outcome }] : [];
      }),
  };
}
