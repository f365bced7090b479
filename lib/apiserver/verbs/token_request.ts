/** POST of a TokenRequest: whoever has the one token of this server may do everything, so every account has it. */
import type { Cluster } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Answer, Request } from "../request.ts";
import { notFound } from "../status.ts";
import { objectOf } from "../body.ts";
import { timestamp } from "../clock.ts";

export function requestToken(
  cluster: Cluster,
  kind: Kind,
  { namespace, name }: { namespace?: string; name: string },
  request: Request,
): Answer {
  if (cluster.get(kind, namespace, name) === undefined) throw notFound(kind, name);
  const wanted = objectOf(request, { kind: "TokenRequest" });
  const { expirationSeconds = 3600 } = (wanted.spec ?? {}) as { expirationSeconds?: number };
  const expirationTimestamp = timestamp(cluster.clock.now() + expirationSeconds * 1000);
  const metadata = { name, namespace, creationTimestamp: cluster.now() };
  const status: JsonObject = { token: cluster.token, expirationTimestamp };
  return { code: 201, body: { ...wanted, metadata, status } };
}
