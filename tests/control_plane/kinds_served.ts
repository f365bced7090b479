/** Waiting for custom kinds. */

import type { Cluster } from "./cluster.ts";
import { until } from "./until.ts";

const wait = ["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"];

/**
 * Waits until the cluster serves all its custom kinds.
 *
 * `kubectl wait` fails at once on a kind that has no conditions at all yet, so it is asked again.
 */
export async function kindsServed(cluster: Pick<Cluster, "kubectl">): Promise<void> {
  await until("all kinds are served", async () => {
    const { code, stderr } = await cluster.kubectl(wait);
    if (code !== 0) throw new Error(stderr.trim());
    return true;
  });
}
