/** Deno's fetch as the client uses it: with the environment's proxies and authorities, and connections that can be let go. */

/** A fetch, and the end of its connections. */
export interface ClosableFetch {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly close: () => void;
}

/** Opens a fetch. Loopback is reached without a proxy, as by every other program that pulls images. */
export function denoFetch(): ClosableFetch {
  const usual = Deno.createHttpClient({});
  let direct: Deno.HttpClient | undefined;
  return {
    fetch: (url, init) => {
      const client = isLoopback(new URL(url).hostname) ? direct ??= directClient() : usual;
      return fetch(url, { ...init, client });
    },
    close: () => {
      usual.close();
      direct?.close();
    },
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** A client without proxies: Deno reads their variables when it makes one. What may not be seen is left alone. */
function directClient(): Deno.HttpClient {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const hidden = new Map<string, string>();
  for (const variable of names) {
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value === undefined) continue;
    hidden.set(variable, value);
    Deno.env.delete(variable);
  }
  try {
    return Deno.createHttpClient({});
  } finally {
    for (const [variable, value] of hidden) Deno.env.set(variable, value);
  }
}
