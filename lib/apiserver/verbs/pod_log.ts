/** The log of a pod: whatever plays its node has put it there. */
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Answer } from "../request.ts";
import { badRequest, notFound } from "../status.ts";

export function podLog(cluster: Cluster, kind: Kind, where: { namespace?: string; name: string }): Answer {
  const pod = cluster.get(kind, where.namespace, where.name);
  if (pod === undefined) throw notFound(kind, where.name);
  const text = cluster.logs.get(pod.metadata.uid);
  if (text !== undefined) return { code: 200, text };
  const spec = pod.spec as { containers?: { name: string }[]; nodeName?: string } | undefined;
  if (!spec?.nodeName) return { code: 200, text: "" };
  const container = spec?.containers?.[0]?.name ?? "";
  throw badRequest(
    `container ${JSON.stringify(container)} in pod ${
      JSON.stringify(where.name)
    } is waiting to start: ContainerCreating`,
  );
}
