/** Acts out the lives of services: each in its own order, all of them mixed as the seed says. */

import type { ControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import type { Random } from "../simulation/random.ts";
import type { Act, Life } from "./shapes.ts";

const mergePatchType = "application/merge-patch+json";

export function servicePath(namespace: string, name = ""): string {
  return `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimservices/${name}`;
}

/** Returns once the last act is done: after `seconds`, later where a name must become free first. */
export async function act(
  plane: ControlPlane,
  lives: readonly Life[],
  random: Random,
  seconds: number,
): Promise<void> {
  const began = performance.now();
  const plans = lives.map((life) => {
    const moments = life.acts.map(() => random.next() * seconds * 1000).sort((a, b) => a - b);
    return { life, moments };
  });
  await Promise.all(plans.map(async ({ life, moments }) => {
    for (const [n, what] of life.acts.entries()) {
      const wait = began + moments[n] - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
      await perform(plane, life, what);
    }
  }));
}

async function perform(plane: ControlPlane, { namespace, name }: Life, what: Act): Promise<void> {
  const path = servicePath(namespace, name);
  if (what.how === "create") {
    // The name of one who is going is free when its finalizer is.
    await until(`${name} created`, async () => {
      await plane.request("POST", servicePath(namespace), what.object);
      return true;
    }, { everyMilliseconds: 200 });
  } else if (what.how === "patch") await plane.request("PATCH", path, what.patch, mergePatchType);
  else await plane.request("DELETE", path);
}

/** How often a user wrote each service, by `namespace/name`. */
export function writesOfUsers(lives: readonly Life[]): Map<string, number> {
  return new Map(lives.map(({ namespace, name, acts }) => [`${namespace}/${name}`, acts.length]));
}
