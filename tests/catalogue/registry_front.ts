/** A server before a real registry: counts what is asked of it, and can be as bad as registries get. */

import type { KeyPair } from "../control_plane/certificates.ts";

/** How it answers: as the registry behind it does, or in one of these ways. */
export type Manner = "well" | "never" | "too many requests" | "another manifest";

export interface Asked {
  readonly path: string;
  /** E.g. `aim/model-1`; empty for what concerns no repository. */
  readonly repository: string;
}

export class RegistryFront implements AsyncDisposable {
  readonly asked: Asked[] = [];
  manner: Manner;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #behind: string;
  #release: () => void = () => {};
  #held = new Promise<void>((resolve) => this.#release = resolve);

  /**
   * @param behind address of the registry, which is asked by plain HTTP
   * @param tls with it, HTTPS is spoken here
   */
  constructor(behind: string, manner: Manner = "well", tls?: KeyPair) {
    this.#behind = behind;
    this.manner = manner;
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(
      tls ? { ...options, cert: tls.certificate, key: tls.key } : options,
      (request) => this.#answer(request),
    );
  }

  /** Host and port. */
  get address(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  reference(name: string): string {
    return `${this.address}/${name}`;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const [, repository = ""] = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(pathname) ?? [];
    this.asked.push({ path: pathname, repository });
    if (this.manner === "never") {
      await this.#held;
      return new Response(null, { status: 503 });
    }
    if (this.manner === "too many requests") {
      return new Response("slow down", { status: 429, headers: { "retry-after": "2" } });
    }
    const answer = await fetch(`http://${this.#behind}${pathname}${search}`, {
      method: request.method,
      headers: [...request.headers].filter(([name]) => name !== "host"),
    });
    const headers = new Headers(answer.headers);
    if (this.manner !== "another manifest" || !pathname.includes("/manifests/")) {
      return new Response(answer.body, { status: answer.status, headers });
    }
    // White space changes the digest and nothing else.
    headers.delete("content-length");
    return new Response(`${await answer.text()} `, { status: answer.status, headers });
  }

  /** Ends it, also for those who wait for an answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#release();
    await this.#server.shutdown();
  }
}
