/** Waiting for custom kinds. */

import type { Cluster } from "./cluster.ts";
import { until } from "./until.ts";

interface Definition {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Waits until the cluster serves all its custom kinds. One that has just been made has no conditions at all yet. */
export async function kindsServed(cluster: Pick<Cluster, "request">): Promise<void> {
  await until("all kinds are served", async () => {
    const { items } = await cluster.request("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
    return items.every(({ status }: Definition) =>
      status?.conditions?.some(({ type, status }) => type === "Established" && status === "True")
    );
  }, { everyMilliseconds: 10 });
}
