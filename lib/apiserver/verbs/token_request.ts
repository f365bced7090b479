/** POST of a TokenRequest: a token that names the account; see `tokens.ts` for what it may do. */
import type { Cluster } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Answer, Request } from "../request.ts";
import { notFound } from "../status.ts";
import { objectOf } from "../body.ts";
import { timestamp } from "../clock.ts";
import { accountName, userOf } from "../user.ts";
import { tokenOf } from "../tokens.ts";

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
  const token = tokenOf(cluster.token, userOf(accountName(namespace!, name)));
  const status: JsonObject = { token, expirationTimestamp };
  return { code: 201, body: { ...wanted, metadata, status } };
}
