/** One pass of whichever controller an object has, for tables over all kinds. */

import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import type { AnyController } from "../../lib/operator/core/controller.ts";
import type { Plan } from "../../lib/operator/core/plan.ts";
import type { Fact, Known, View } from "../../lib/operator/core/view.ts";
import {
  type FixtureOptions,
  liveObject,
  onView,
  outcomesOf,
} from "../../lib/operator/runner/view_fixture.ts";
import { controllers } from "../../mod.ts";

interface Told {
  readonly status?: string;
  readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
}

/** The plan of one pass among the other objects, the status that follows, and what the pass asked of the outside. */
export function onePass(
  object: KubeObject,
  others: readonly KubeObject[] = [],
  options: Omit<FixtureOptions, "kinds"> = {},
) {
  const controller = (controllers as readonly AnyController[]).find(({ kind }) =>
    kind.resource.kind === object.kind
  )!;
  const asked: { readonly fact: string; readonly about: unknown }[] = [];
  const { result: plan } = onView([object, ...others], { ...options, kinds: watchedKinds }, (view) => {
    const watched: View = {
      get: view.get.bind(view),
      list: view.list.bind(view),
      any: view.any.bind(view),
      reach: view.reach.bind(view),
      query: view.query.bind(view),
      reached: view.reached.bind(view),
      fact<A, F>(fact: Fact<A, F>, about: A): Known<F> {
        asked.push({ fact: fact.name, about });
        return view.fact(fact, about);
      },
    };
    return controller.reconcile(liveObject(object), watched) as Plan<object>;
  });
  const status = (plan.status?.(outcomesOf(plan)) ?? {}) as Told & Record<string, unknown>;
  const condition = (type: string) => status.conditions?.find((each) => each.type === type);
  return { plan, status, condition, asked };
}
