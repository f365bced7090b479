/** Waiting for custom kinds. */

import type { Cluster } from "./cluster.ts";
import { until } from "./until.ts";

interface Definition {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * Waits until the cluster serves all its custom kinds, and lists them. One that has just been made has no conditions at all
 * yet. The first list of a kind makes its storage; where that is the one by which the API server empties a kind that was
 * deleted, it fails, and the next try may come after five minutes only.
 */
export async function kindsServed(cluster: Pick<Cluster, "request">): Promise<void> {
  const definitions = await until("all kinds are served", async () => {
    const { items }: { items: Definition[] } = await cluster.request(
      "GET",
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    );
    const established = ({ status }: Definition) =>
      status?.conditions?.some(({ type, status }) => type === "Established" && status === "True");
    return items.every(established) && items;
  }, { everyMilliseconds: 10 });
  const lists = definitions
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ spec: { group, names, versions } }) =>
      `/apis/${group}/${versions.find(({ served }) => served)!.name}/${names.plural}?limit=1`
    );
  await until("all kinds are listed", async () => {
    await Promise.all(lists.map((list) => cluster.request("GET", list)));
    return true;
  }, { everyMilliseconds: 10 });
}
