/** What an image says about itself, read from its registry once (models-and-templates.md §3.3). */

import type { ImageMetadata } from "../api/mod.ts";
import { imageMetadataOf, LabelError } from "../catalogue/mod.ts";
import { isStatus } from "../kube/errors.ts";
import type { Transport } from "../kube/transport.ts";
import type { FactSource, Retry } from "../operator/core/facts.ts";
import type { Fact } from "../operator/core/view.ts";
import { registryOf } from "../operator/naming/image_reference.ts";
import { ClassifiedError } from "../operator/status/errors.ts";
import { foreignReason } from "../operator/status/reasons.ts";
import {
  type DockerConfig,
  DockerConfigError,
  parseDockerConfig,
  type RegistryClient,
  RegistryError,
} from "../registry/mod.ts";

/** An image, and with whose credentials it is looked at. */
export interface ImageQuestion {
  readonly image: string;
  /** Where the pull secrets are. */
  readonly namespace: string;
  /** Names of the pull secrets, in the order in which they are tried. */
  readonly pullSecrets: readonly string[];
}

/** Fails with a `ClassifiedError`, whose reason is one of §3.5 and whose message says what would help. */
export const imageMetadata: Fact<ImageQuestion, ImageMetadata> = {
  name: "imageMetadata",
  keyOf: ({ image, namespace, pullSecrets }) =>
    JSON.stringify(pullSecrets.length === 0 ? [image] : [image, namespace, ...pullSecrets]),
};

/** Reads labels by the registry client, with the pull secrets read by name. */
export function imageMetadataSource(
  transport: Transport,
  client: RegistryClient,
): FactSource<ImageQuestion, ImageMetadata> {
  return {
    fact: imageMetadata,
    timeout: 120_000,
    freshFor: Infinity,
    retry: retryOf,
    lane: ({ image }) => registryOf(image),
    fetch: async ({ image, namespace, pullSecrets }, signal) => {
      const configs = [];
      for (const name of pullSecrets) configs.push(await pullSecret(transport, namespace, name, signal));
      try {
        const { labels } = await client.inspect(image, configs, signal);
        return imageMetadataOf(labels);
      } catch (error) {
        throw classified(image, error);
      }
    },
  };
}

async function pullSecret(
  transport: Transport,
  namespace: string,
  name: string,
  abortSignal: AbortSignal,
): Promise<DockerConfig> {
  const title = `Secret "${namespace}/${name}"`;
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const secret = await transport.performRequest({ method: "GET", path, expectJson: true, abortSignal })
    .catch((error) => {
      if (isStatus(error, 404)) {
        throw new ClassifiedError(
          "MissingUpstream",
          "SecretNotFound",
          `${title} does not exist; create it, or take it out of spec.imagePullSecrets`,
        );
      }
      throw error;
    }) as { type?: string; data?: Record<string, string> };
  try {
    const config = parseDockerConfig(secret, title);
    if (config !== undefined) return config;
  } catch (error) {
    if (!(error instanceof DockerConfigError)) throw error;
    throw new ClassifiedError("Infrastructure", "SecretAccessFailed", error.message, { cause: error });
  }
  throw new ClassifiedError(
    "Infrastructure",
    "SecretAccessFailed",
    `${title} has type ${secret.type}, which holds no registry credential; make it of type kubernetes.io/dockerconfigjson`,
  );
}

function classified(image: string, error: unknown): unknown {
  if (error instanceof RegistryError) {
    return new ClassifiedError("Infrastructure", foreignReason(error.reason), error.message, {
      cause: error,
    });
  }
  if (error instanceof LabelError) {
    const message = `image ${image}: ${error.message}`;
    return new ClassifiedError("Infrastructure", "MetadataExtractionFailed", message, { cause: error });
  }
  return error;
}

function retryOf(error: Error): Retry {
  const { reason } = error as ClassifiedError;
  if (reason === "MetadataExtractionFailed" || reason === foreignReason("InvalidImageReference")) {
    return { first: Infinity, longest: Infinity };
  }
  if (reason === "ImageNotFound") return { first: 300_000, longest: 300_000 };
  if (/^(Secret|ImagePullAuth)/.test(reason)) return { first: 30_000, longest: 30_000 };
  return { first: 2_000, longest: 60_000 };
}
