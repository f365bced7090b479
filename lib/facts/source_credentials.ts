/** What a model source shows to registries (model-sources-and-config.md §5). */

import { createHash } from "node:crypto";
import type { Transport } from "../kube/transport.ts";
import type { CredentialSets, DockerConfig } from "../registry/mod.ts";
import { ImageError } from "./image_error.ts";
import type { OwnDockerConfig } from "./image_metadata.ts";
import { readPullSecrets } from "./pull_secrets.ts";
import type { SourceQuestion } from "./source_question.ts";

export interface SourceCredentials {
  readonly sets: CredentialSets;
  /** What is wrong with pull secrets, in sentences. */
  readonly faults: readonly string[];
  /** Equal for equal credentials, and says nothing about them; undefined while it is not known which there are. */
  readonly mark?: string;
}

/** Every pull secret that can be read, and what is wrong with the others: a bad one disables itself alone. */
export async function sourceCredentials(
  transport: Transport,
  { namespace, pullSecrets }: SourceQuestion,
  own: OwnDockerConfig,
  signal: AbortSignal,
): Promise<SourceCredentials> {
  const named: DockerConfig[] = [];
  const faults: string[] = [];
  let isKnown = true;
  for (const name of pullSecrets) {
    try {
      const question = { image: "", namespace, pullSecrets: [name] }; // of no image in particular
      const { configs, unused } = await readPullSecrets(transport, question, signal);
      named.push(...configs);
      faults.push(...unused);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      faults.push(error.message);
      isKnown &&= error.reason === "SecretNotFound";
    }
  }
  const sets: (readonly DockerConfig[])[] = [named];
  try {
    sets.push(await own());
  } catch (error) {
    faults.push((error as Error).message);
  }
  return { sets, faults, ...(isKnown ? { mark: markOf(sets) } : {}) };
}

function markOf(sets: CredentialSets): string {
  const entries = sets.flat().flatMap(({ entries }) => entries);
  const shown = entries.map(({ host, path, credential }) => [host, path, credential.fingerprint]);
  return createHash("sha256").update(JSON.stringify(shown)).digest("hex");
}
