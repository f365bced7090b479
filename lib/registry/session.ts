/** Reading from one repository with one credential. */

import { answerChallenge, type Asker, type Grant } from "./auth/authorization.ts";
import { hasDigest } from "./digest.ts";
import { addressesOf, type KnownSchemes, sendTo } from "./http/addresses.ts";
import { type Exchange, type HttpAnswer, refusal } from "./http/exchange.ts";
import type { Limits } from "./http/limits.ts";
import type { KeptResults } from "./kept_results.ts";
import { failureOf } from "./messages.ts";
import { manifestMediaTypes } from "./manifest.ts";
import type { ImageReference } from "./reference.ts";

/** Bytes of a manifest and of a configuration, at most. */
const manifestLimit = 4 * 1024 * 1024;
const configLimit = 8 * 1024 * 1024;

/** What is remembered of registries from one image to the next. */
export interface RegistryMemory extends KnownSchemes {
  /** Tokens by registry, repository and credential. */
  readonly grants: KeptResults<Grant>;
  readonly limits: Limits;
}

/** Reads manifests and configurations of a repository. */
export class RepositorySession {
  readonly #reference: ImageReference;
  readonly #asker: Asker;
  readonly #exchange: Exchange;
  readonly #memory: RegistryMemory;
  readonly #now: () => number;
  readonly #signal: AbortSignal;

  constructor(of: {
    reference: ImageReference;
    asker: Asker;
    exchange: Exchange;
    memory: RegistryMemory;
    now: () => number;
    signal: AbortSignal;
  }) {
    this.#reference = of.reference;
    this.#asker = of.asker;
    this.#exchange = of.exchange;
    this.#memory = of.memory;
    this.#now = of.now;
    this.#signal = of.signal;
  }

  /** The manifest of a tag or digest, with its media type. A digest is verified, and so is one that comes with it. */
  async manifest(tagOrDigest: string): Promise<{ bytes: Uint8Array; mediaType: string | null }> {
    const isDigest = tagOrDigest.includes(":");
    const what = isDigest ? `the manifest ${tagOrDigest}` : "the manifest";
    const { bytes, headers } = await this.#get({
      path: `manifests/${tagOrDigest}`,
      accept: manifestMediaTypes.join(", "),
      limit: manifestLimit,
      what,
    });
    const said = headers.get("docker-content-digest");
    const expected = isDigest ? tagOrDigest : said;
    if (expected !== null) this.#verify(bytes, expected, what);
    return { bytes, mediaType: headers.get("content-type") };
  }

  /** The configuration with this digest, verified. */
  async config({ digest, size }: { digest: string; size?: number }): Promise<Uint8Array> {
    const what = "the configuration";
    if (size !== undefined && size > configLimit) {
      const told = `${what} has ${size} bytes, and ${configLimit / 1024 / 1024} MiB are allowed`;
      throw failureOf(this.#asker.subject, "TooLarge", told);
    }
    const { bytes } = await this.#get({ path: `blobs/${digest}`, accept: "*/*", limit: configLimit, what });
    this.#verify(bytes, digest, what);
    return bytes;
  }

  #verify(bytes: Uint8Array, digest: string, what: string): void {
    if (hasDigest(bytes, digest) !== false) return;
    throw failureOf(
      this.#asker.subject,
      "DigestMismatch",
      `${what} that came does not have the digest ${digest}`,
    );
  }

  /** Asks with what the registry accepted last; when it wants something else, once more with that. */
  async #get(
    { path, accept, limit, what }: { path: string; accept: string; limit: number; what: string },
  ): Promise<HttpAnswer> {
    const { registry, repository } = this.#reference;
    const ask = async (grant: Grant | undefined): Promise<HttpAnswer> => {
      const headers: Record<string, string> = { accept };
      if (grant !== undefined) headers.authorization = grant.header;
      const addresses = addressesOf(registry, `/v2/${repository}/${path}`, this.#memory);
      const request = { addresses, headers, limit, what };
      const { subject, credential } = this.#asker;
      const send = () => sendTo(registry, request, subject, this.#exchange, this.#memory, this.#signal);
      // What belongs to a manifest that came may come too: else it would have to be asked for once more.
      if (!path.startsWith("manifests/")) return await send();
      return await this.#memory.limits.ask(registry, credential?.fingerprint ?? "", what, subject, send);
    };
    let answer = await ask(this.#knownGrant());
    if (answer.status === 401) {
      const grant = await this.#grantFor(answer);
      if (grant !== undefined) answer = await ask(grant);
    }
    if (answer.status !== 200) throw refusal(what, answer, this.#asker.subject, answer.host);
    return answer;
  }

  async #grantFor(answer: HttpAnswer): Promise<Grant | undefined> {
    const header = answer.headers.get("www-authenticate");
    const grant = await answerChallenge(header, this.#asker, this.#exchange, this.#now, this.#signal);
    if (grant !== undefined) this.#memory.grants.set(this.#grantKey(), grant, 1);
    return grant;
  }

  #knownGrant(): Grant | undefined {
    const grant = this.#memory.grants.get(this.#grantKey());
    return grant !== undefined && grant.until > this.#now() ? grant : undefined;
  }

  #grantKey(): string {
    const { registry, repository } = this.#reference;
    return `${registry}/${repository} ${this.#asker.credential?.fingerprint ?? ""}`;
  }
}
