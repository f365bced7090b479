/** Where the API server is and how to show who one is. Made by `kubeconfig.ts` and `in_cluster.ts`. */

/** What a connection and its requests carry. */
export interface Credentials {
  /** PEM. They add to the public roots: Deno cannot replace those. */
  readonly caCerts?: readonly string[];
  /** PEM. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly bearerToken?: string;
  /** Further headers, e.g. of impersonation or basic authentication; a name may come several times. */
  readonly headers?: readonly (readonly [string, string])[];
}

/** How to reach one cluster. */
export interface Access {
  /** Address of the API server; may carry a path. */
  readonly server: URL;
  readonly defaultNamespace?: string;
  /** Proxy for this cluster only; without it the environment's HTTPS_PROXY and NO_PROXY count. */
  readonly proxyUrl?: string;
  /** Ask for compressed answers: worth it on thin lines only. */
  readonly compression: boolean;
  /** One line for logs: where this came from. No secrets. */
  readonly origin: string;
  /**
   * The credentials of this moment. Files are read again when they may have rotated; the same object is
   * given while nothing changed. `fresh` reads them now, after the server refused the old ones.
   */
  credentials(fresh?: boolean): Promise<Credentials>;
}

/** The kubeconfig, the environment or the service account cannot be used; the message says what to do. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Client-go's period for rotated service account tokens. */
const rereadMilliseconds = 60_000;

/**
 * Keeps credentials that come from files. `read` is called at most once a minute, or when `fresh`; if it
 * fails later on, the last good ones stay (a rotation may be half done).
 */
export function rotating(read: () => Promise<Credentials>): (fresh?: boolean) => Promise<Credentials> {
  let current: Credentials | undefined;
  let readAt = -Infinity;
  let reading: Promise<Credentials> | undefined;

  const reread = async (): Promise<Credentials> => {
    try {
      const next = await read();
      if (current === undefined || JSON.stringify(next) !== JSON.stringify(current)) current = next;
    } catch (failure) {
      if (current === undefined) throw failure;
    } finally {
      reading = undefined;
    }
    readAt = performance.now();
    return current;
  };
  return (fresh = false) => {
    if (current !== undefined && !fresh && performance.now() - readAt < rereadMilliseconds) {
      return Promise.resolve(current);
    }
    reading ??= reread();
    return reading;
  };
}
