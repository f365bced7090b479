/** What the registries of the recordings answered: there was no way to one, and no pull secret of that name. */

import { imageMetadata } from "../../lib/facts/image_metadata.ts";
import { ClassifiedError } from "../../lib/operator/errors/errors.ts";

/** Answers the question with that key: never with labels. Models that were given had their metadata. */
export function recordedAnswer(name: string, key: string): never {
  if (name !== imageMetadata.name) throw new Error(`the recordings know no fact ${name}`);
  const [image, namespace, ...secrets] = JSON.parse(key) as string[];
  if (secrets.length > 0) {
    throw new ClassifiedError(
      "MissingUpstream",
      "SecretNotFound",
      `Secret ${namespace}/${secrets[0]} does not exist`,
    );
  }
  throw new ClassifiedError("Infrastructure", "DNSFailure", `${image}: the registry's name does not resolve`);
}
