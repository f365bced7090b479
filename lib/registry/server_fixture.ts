/** A registry as a function, and a clock without waiting, for tests of the client. */

import { digestOf } from "./digest.ts";
import { RegistryClient, type RegistryClientOptions } from "./client.ts";
import type { DockerConfig } from "./auth/docker_config.ts";
import { parseDockerConfigFile } from "./auth/docker_config.ts";
import { RegistryError } from "./errors.ts";
import { noPauses } from "./http/limits.ts";
import { RegistryLister } from "./listing/lister.ts";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | null;
  readonly userAgent: string | null;
  readonly ifNoneMatch: string | null;
  readonly body: string;
}

type Answer = Response | Error | Promise<Response>;

/** Answers requests, and remembers them. */
export class FakeServer {
  readonly arrived: Arrived[] = [];
  /** Milliseconds of every wait between tries. */
  readonly waits: number[] = [];
  now = Date.parse("2026-01-01T00:00:00Z");
  /** Looked at in this order; the first that does not answer undefined answers. */
  readonly answers: ((request: Arrived) => Answer | undefined)[] = [];
  /** How many requests were given up before they were answered. */
  givenUp = 0;
  /** Ends the timeout of the try that is under way. */
  timeOut: () => void = () => {};

  readonly client: RegistryClient;
  readonly lister: RegistryLister;

  constructor(options: RegistryClientOptions = {}) {
    const all: RegistryClientOptions = {
      fetch: (url, init) => this.#fetch(url, init),
      clock: { now: () => this.now, sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal) },
      random: () => 0.5,
      pauses: noPauses(),
      ...options,
    };
    this.client = new RegistryClient(all);
    this.lister = new RegistryLister(all);
  }

  /** What was asked for, in short. */
  get asked(): string[] {
    return this.arrived.map(({ method, url }) => `${method} ${url}`);
  }

  /** Answers for a URL, or a beginning of one that ends in `*`. */
  on(url: string, answer: (request: Arrived) => Answer): this {
    this.answers.push((request) => {
      const isIt = url.endsWith("*") ? request.url.startsWith(url.slice(0, -1)) : request.url === url;
      return isIt ? answer(request) : undefined;
    });
    return this;
  }

  /** Serves an image under `https://<base>`, to requests that `admit` lets in. */
  image(
    base: string,
    tag: string,
    labels: Record<string, string>,
    admit?: (request: Arrived) => Answer | undefined,
  ): string {
    const config = JSON.stringify({ config: { Labels: labels } });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { digest: digestOf(new TextEncoder().encode(config)), size: config.length },
    });
    const digest = digestOf(new TextEncoder().encode(manifest));
    const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
    for (const reference of [tag, digest]) {
      this.on(
        `https://${base}/manifests/${reference}`,
        (request) => admit?.(request) ?? new Response(manifest, { headers }),
      );
    }
    this.on(
      `https://${base}/blobs/${digestOf(new TextEncoder().encode(config))}`,
      (request) => admit?.(request) ?? new Response(config),
    );
    return digest;
  }

  inspect(image: string, ...credentials: DockerConfig[]): ReturnType<RegistryClient["inspect"]> {
    return this.client.inspect(image, credentials, new AbortController().signal);
  }

  /** The error of an inspection that must fail. */
  async failure(image: string, ...credentials: DockerConfig[]): Promise<RegistryError> {
    try {
      await this.inspect(image, ...credentials);
    } catch (error) {
      if (error instanceof RegistryError) return error;
      throw error;
    }
    throw new Error(`${image} was read`);
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const request: Arrived = {
      method: init.method ?? "GET",
      url,
      authorization: headers.get("authorization"),
      userAgent: headers.get("user-agent"),
      ifNoneMatch: headers.get("if-none-match"),
      body: init.body === undefined || init.body === null ? "" : String(init.body),
    };
    this.arrived.push(request);
    init.signal?.throwIfAborted();
    const answered = this.answers.map((answer) => answer(request)).find((answer) => answer !== undefined);
    const gone = Promise.withResolvers<never>();
    init.signal?.addEventListener("abort", () => gone.reject(init.signal!.reason), { once: true });
    let isAnswered = false;
    init.signal?.addEventListener("abort", () => this.givenUp += isAnswered ? 0 : 1, { once: true });
    const answer = await Promise.race([answered ?? new Response("{}", { status: 404 }), gone.promise]);
    isAnswered = true;
    if (answer instanceof Error) throw answer;
    return answer;
  }

  #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds !== 30_000) {
      this.waits.push(milliseconds);
      this.now += milliseconds;
      return Promise.resolve();
    }
    const over = Promise.withResolvers<void>();
    this.timeOut = over.resolve;
    signal.addEventListener("abort", () => over.resolve(), { once: true });
    return over.promise;
  }
}

/** What fetch throws when no connection comes about. */
export function connectError(words: string): Error {
  const cause = new Error(
    `error sending request for url (https://x/?token=abc): client error (Connect): ${words}`,
  );
  return new TypeError("fetch failed", { cause });
}

/** A pull secret with one entry. */
export function secretFor(host: string, entry: Record<string, string>): DockerConfig {
  return parseDockerConfigFile(JSON.stringify({ auths: { [host]: entry } }), "Secret ns/pull");
}
