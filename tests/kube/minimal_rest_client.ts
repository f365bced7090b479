/**
 * A client of the shape of `RestClient` in `@cloudydeno/kubernetes-client`, as small as can be, with that
 * library's errors: `httpCode` and the parsed `status`.
 */
import type { RequestOptions, RestClient } from "../../lib/kube/transport.ts";

export function minimalRestClient(server: string, client?: Deno.HttpClient): RestClient {
  const performRequest = async (options: RequestOptions): Promise<unknown> => {
    const query = options.querystring?.toString();
    const headers = new Headers({ accept: options.accept ?? "application/json" });
    if (options.contentType) headers.set("content-type", options.contentType);
    else if (options.bodyJson !== undefined) headers.set("content-type", "application/json");
    const response = await fetch(`${server}${options.path}${query ? `?${query}` : ""}`, {
      method: options.method,
      headers,
      body: options.bodyJson === undefined
        ? options.bodyRaw as BodyInit | undefined
        : JSON.stringify(options.bodyJson),
      signal: options.abortSignal,
      client,
    });
    if (!response.ok) {
      const text = await response.text();
      const error = new Error(`Kubernetes returned HTTP ${response.status}`) as Error & {
        httpCode: number;
        status?: unknown;
      };
      error.httpCode = response.status;
      if (text.startsWith("{")) error.status = JSON.parse(text);
      throw error;
    }
    if (options.expectStream) return response.body;
    return options.expectJson ? await response.json() : new Uint8Array(await response.arrayBuffer());
  };
  return { performRequest, defaultNamespace: "default" } as RestClient;
}
