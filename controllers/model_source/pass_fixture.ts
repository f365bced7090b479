/** One pass of a model source in tests: an object, what its registries answer, and what follows. */

import assert from "node:assert/strict";
import type {
  AIMClusterModel,
  AIMClusterModelSource,
  AIMClusterModelSourceSpec,
  AIMClusterModelSourceStatus,
} from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { type SourceListing, sourceListing } from "../../lib/facts/source_listing.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { Outcome } from "../../lib/operator/core/plan.ts";
import type { Fact, Known } from "../../lib/operator/core/view.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { modelSourceController } from "./reconcile.ts";

export type Spec = Partial<AIMClusterModelSourceSpec>;

export function source(
  spec: Spec = {},
  status?: AIMClusterModelSourceStatus,
  name = "amd",
): Live<AIMClusterModelSource> {
  return liveObject<AIMClusterModelSource>({
    apiVersion: API_VERSION,
    kind: "AIMClusterModelSource",
    metadata: { name, uid: `uid-${name}`, generation: 3 },
    spec: {
      registry: "docker.io",
      filters: [{ image: "org/*" }],
      syncInterval: "1h",
      maxModels: 100,
      ...spec,
    },
    ...(status && { status }),
  });
}

export const listing = (
  images: readonly [registry: string, repository: string, ...references: string[]][],
  more: Partial<SourceListing> = {},
): SourceListing => ({
  at: "2026-01-01T00:00:00Z",
  next: "2026-01-01T01:00:00Z",
  found: images.map(([registry, repository, ...references]) => ({ registry, repository, references })),
  images: images.reduce((sum, [, , ...references]) => sum + references.length, 0),
  filters: 1,
  answered: 1,
  failures: [],
  remarks: [],
  incomplete: 0,
  ...more,
});

interface Given {
  readonly listing?: SourceListing | Error;
  readonly others?: readonly KubeObject[];
  readonly except?: Record<string, Outcome>;
}

/** One pass; the registries have answered with `listing`, or not yet. */
export function pass(object: Live<AIMClusterModelSource>, { listing, others = [], except }: Given = {}) {
  let question: Parameters<typeof sourceListing.keyOf>[0] | undefined;
  const known: Known<SourceListing> = listing === undefined
    ? { state: "pending" }
    : listing instanceof Error
    ? { state: "failed", error: listing }
    : { state: "known", value: listing };
  const { result: plan } = onView(
    [object, ...others],
    { kinds: watchedKinds },
    (view) =>
      modelSourceController.reconcile(object, {
        get: view.get.bind(view),
        list: view.list.bind(view),
        any: view.any.bind(view),
        reach: view.reach.bind(view),
        query: view.query.bind(view),
        reached: view.reached.bind(view),
        fact<A, F>(fact: Fact<A, F>, arg: A): Known<F> {
          assert.equal(fact.name, sourceListing.name);
          question = arg as typeof question;
          return known as Known<F>;
        },
      }),
  );
  const outcomes = outcomesOf(plan, except);
  const status = plan.status?.(outcomes);
  const conditions = new Map((status?.conditions ?? []).map((each) => [each.type, each]));
  const short = (type: string) => {
    const found = conditions.get(type);
    return found && `${found.status}/${found.reason}/${found.message}`;
  };
  const made = plan.children.map((child) => {
    assert.equal(child.how, "create");
    return child.how === "create" ? child.desired as AIMClusterModel : undefined!;
  });
  return { plan, question, status, short, made, names: made.map(({ metadata }) => metadata!.name) };
}

/** A model as a source made it, by the source's own plan. */
export function madeBy(by: Live<AIMClusterModelSource>, what: SourceListing): Live<AIMClusterModel>[] {
  return pass(by, { listing: what }).made.map(liveObject) as Live<AIMClusterModel>[];
}
