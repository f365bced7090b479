/** The client: inspects images, shares and keeps results. */

import { credentialFor, type DockerConfig } from "./auth/docker_config.ts";
import type { Clock, Exchange } from "./http/exchange.ts";
import { Limits } from "./http/limits.ts";
import { WorkUnderWay } from "./http/work_under_way.ts";
import { openExchange, type RegistryClientOptions } from "./http/open_exchange.ts";
import { type ImageInspection, inspectImage } from "./inspection.ts";
import { KeptResults } from "./kept_results.ts";
import type { Subject } from "./messages.ts";
import { type ImageReference, parseReference } from "./reference.ts";
import { type RegistryMemory, RepositorySession } from "./session.ts";
import { SharedWork } from "./shared_work.ts";

export type { RegistryClientOptions };

/** Reads what images say about themselves from their registries. */
export class RegistryClient {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #closeConnections: () => void;
  readonly #underWay = new WorkUnderWay();
  readonly #shared = new SharedWork<ImageInspection>();
  readonly #memory: RegistryMemory;
  /** By repository and digest, and by repository, digest and credential. */
  readonly #kept = new KeptResults<ImageInspection>({ entries: 2_000, weight: 16 * 1024 * 1024 });

  constructor(options: RegistryClientOptions = {}) {
    const { exchange, clock, close } = openExchange(options);
    this.#exchange = exchange;
    this.#clock = clock;
    this.#closeConnections = close;
    this.#memory = {
      schemes: new KeptResults({ entries: 1_000, weight: 1_000 }),
      grants: new KeptResults({ entries: 1_000, weight: 1_000 }),
      limits: new Limits(() => clock.now(), options.pauses),
    };
  }

  /**
   * Digest and labels of an image. The tag is asked for anew every time; what is behind a digest is kept.
   * Calls for the same image with the same credential at the same time are one.
   *
   * @param credentials the pull secrets in their order; one credential at most is used, anonymous without any
   * @throws RegistryError, or the signal's reason
   */
  async inspect(
    image: string,
    credentials: readonly DockerConfig[],
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const reference = parseReference(image);
    const credential = credentialFor(reference, credentials);
    const { registry, repository, tag, digest } = reference;
    const inRepository = `${registry}/${repository}`;
    const who = credential?.fingerprint ?? "";
    // A digest alone opens nothing: that this credential may read it has been seen.
    const seen = digest === undefined ? undefined : this.#kept.get(`${inRepository}@${digest} ${who}`);
    if (seen !== undefined) return seen;
    const subject: Subject = {
      image,
      registry,
      hasCredential: credential !== undefined,
      secrets: new Set(credential?.secrets()),
    };
    const asker = { subject, repository, credential };
    return await this.#shared.join(
      `${inRepository}:${digest ?? tag} ${who}`,
      (stop) => this.#underWay.run(stop, (end) => this.#inspect(reference, asker, end)),
      signal,
    );
  }

  /** Ends what is under way and lets go of connections. */
  close(): void {
    this.#underWay.close(new DOMException("the registry client is closed", "AbortError"));
    this.#closeConnections();
  }

  async #inspect(
    reference: ImageReference,
    asker: { subject: Subject; repository: string; credential?: ReturnType<typeof credentialFor> },
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const { registry, repository } = reference;
    const session = new RepositorySession({
      reference,
      asker,
      exchange: this.#exchange,
      memory: this.#memory,
      now: () => this.#clock.now(),
      signal,
    });
    const place = `${registry}/${repository}@`;
    const known = (digest: string) => this.#kept.get(`${place}${digest}`);
    const inspection = await inspectImage(reference, session, asker.subject, known);
    const weight = JSON.stringify(inspection).length;
    this.#kept.set(`${place}${inspection.digest}`, inspection, weight);
    this.#kept.set(`${place}${inspection.digest} ${asker.credential?.fingerprint ?? ""}`, inspection, weight);
    return inspection;
  }
}
