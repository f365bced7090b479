/** What an image says about itself, read from its registry once (models-and-templates.md §3.3). */

import type { ImageMetadata } from "../api/mod.ts";
import { imageMetadataOf, LabelError } from "../images/mod.ts";
import type { Transport } from "../kube/transport.ts";
import type { FactSource, Retry } from "../operator/runner/facts.ts";
import type { Fact } from "../operator/core/view.ts";
import type { KnownReason } from "../operator/errors/reasons.ts";
import {
  credentialFor,
  type DockerConfig,
  parseReference,
  type RegistryClient,
  RegistryError,
  registryHostOf,
} from "../registry/mod.ts";
import { ImageError, retryNever, retryOften, retrySoon } from "./image_error.ts";
import type { ImageQuestion } from "./image_question.ts";
import { readPullSecrets } from "./pull_secrets.ts";

export type { ImageQuestion };

/** Fails with a `ClassifiedError`, whose reason is one of §3.5 and whose message says what would help. */
export const imageMetadata: Fact<ImageQuestion, ImageMetadata> = {
  name: "imageMetadata",
  keyOf: ({ image, namespace, pullSecrets }) =>
    JSON.stringify(pullSecrets.length === 0 ? [image] : [image, namespace, ...pullSecrets]),
};

/** The whole of it: secrets, a token, manifests and configuration, with the registry client's own tries. */
const timeout = 60_000;

/** Asks registries. One that is slow holds up only questions about itself. */
export function imageMetadataSource(
  transport: Transport,
  registry: RegistryClient,
  own: OwnDockerConfig,
): FactSource<ImageQuestion, ImageMetadata> {
  return {
    fact: imageMetadata,
    timeout,
    freshFor: Infinity,
    retry: (error) => error instanceof ImageError ? error.retry : retryOften,
    lane: ({ image }) => laneOf(image),
    fetch: async (question, signal) => {
      const { configs, unused } = await readPullSecrets(transport, question, signal);
      try {
        const shown = credentialFor(parseReference(question.image), configs) ? configs : await own();
        const { labels } = await registry.inspect(question.image, shown, signal);
        return imageMetadataOf(labels);
      } catch (error) {
        throw imageError(error, question, unused);
      }
    },
  };
}

/** The operator's own docker or podman configuration, for images that no pull secret is for. */
export type OwnDockerConfig = () => Promise<readonly DockerConfig[]>;

function laneOf(image: string): string {
  try {
    return registryHostOf(image);
  } catch {
    return ""; // no registry is asked for what is no reference
  }
}

/** What a registry's answer means to whoever asked for the model (§3.5 with its Better line). */
function imageError(error: unknown, { image }: ImageQuestion, unused: readonly string[]): unknown {
  if (error instanceof LabelError) {
    return new ImageError(
      "Infrastructure",
      "MetadataExtractionFailed",
      `image ${image}: ${error.message}`,
      retryNever,
      { cause: error },
    );
  }
  if (error instanceof RegistryError) {
    const { reason, retry } = verdictOn(error);
    const remarks = reason === "ImagePullAuthFailure" ? unused : [];
    return new ImageError("Infrastructure", reason, [error.message, ...remarks].join("; "), retry, {
      cause: error,
    });
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new ImageError(
      "Infrastructure",
      "NetworkTimeout",
      `registry ${laneOf(image)} did not answer within ${timeout / 1000} s when asked for image ${image}; ` +
        "see whether the operator's pod can reach it",
      retryOften,
    );
  }
  return error;
}

/** What may be another image under the same name tomorrow is asked for again, but seldom. */
const retrySeldom: Retry = { first: 60_000, longest: 1_800_000 };

/**
 * The jitter of waits takes up to a fifth off: a registry that says when is not asked before, but nobody who has
 * mended a secret waits a day. Milliseconds.
 */
function notBefore(retryAfter: number): Retry {
  const wait = Math.min(retryAfter, 3_600_000) / 0.8;
  return { first: Math.max(wait, 30_000), longest: Math.max(wait, 600_000) };
}

function verdictOn({ reason, retryAfter = 0 }: RegistryError): { reason: KnownReason; retry: Retry } {
  switch (reason) {
    case "InvalidImageReference":
      return { reason, retry: retryNever };
    case "ImageNotFound":
      return { reason, retry: retrySeldom };
    case "ImagePullAuthFailure":
      return { reason, retry: retrySoon };
    case "NoMatchingPlatform":
    case "MalformedManifest":
    case "TooLarge":
      return { reason: "MetadataExtractionFailed", retry: retrySeldom };
    case "DigestMismatch":
    case "UnexpectedResponse":
      return { reason: "MetadataExtractionFailed", retry: retrySoon };
    case "RateLimited":
      return { reason, retry: notBefore(retryAfter) };
    case "RegistryUnavailable":
      return { reason: "ServiceUnavailable", retry: retryOften };
    case "CertificateInvalid":
      return { reason: "TLSFailure", retry: retrySoon };
    default:
      return { reason, retry: retryOften };
  }
}
