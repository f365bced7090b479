/** Over which protocol a registry is asked (model-sources-and-config.md §4.2, rule 1). */

import type { KeptResults } from "../kept_results.ts";
import type { Subject } from "../messages.ts";
import { allowsPlainHttp } from "../reference.ts";
import type { Exchange, HttpAnswer, HttpRequest } from "./exchange.ts";

/** What is remembered of registries from one request to the next. */
export interface KnownSchemes {
  /** How a registry that may be asked over plain HTTP answered last. */
  readonly schemes: KeptResults<"https" | "http">;
}

/**
 * The addresses of a path on a registry, in the order in which they are tried. HTTPS, also where plain HTTP is allowed:
 * that is spoken only to a registry which does not speak TLS at all.
 */
export function addressesOf(registry: string, path: string, { schemes }: KnownSchemes): URL[] {
  const known = schemes.get(registry);
  const tried = !allowsPlainHttp(registry) ? ["https"] : known === undefined ? ["https", "http"] : [known];
  return tried.map((scheme) => new URL(`${scheme}://${registry}${path}`));
}

/**
 * Sends a request to a registry and remembers how it answered.
 *
 * @throws RegistryError as {@link Exchange.send}
 */
export async function sendTo(
  registry: string,
  request: HttpRequest,
  subject: Subject,
  exchange: Exchange,
  { schemes }: KnownSchemes,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  try {
    const answer = await exchange.send(request, subject, signal);
    const scheme = answer.address.protocol === "https:" ? "https" : "http";
    // What speaks TLS says 400 to a request without it.
    if (answer.status === 400) schemes.delete(registry);
    else schemes.set(registry, scheme, 1);
    return answer;
  } catch (error) {
    schemes.delete(registry);
    throw error;
  }
}
