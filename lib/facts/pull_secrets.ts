/** The pull secrets of a model: read by name when a registry is asked, never listed, never kept. */

import { isStatus } from "../kube/errors.ts";
import type { KubeObject, Resource } from "../kube/object.ts";
import type { Transport } from "../kube/transport.ts";
import { get } from "../kube/write.ts";
import { classify } from "../operator/errors/classify.ts";
import { type DockerConfig, parseDockerConfig } from "../registry/mod.ts";
import { ImageError, retrySoon } from "./image_error.ts";
import type { ImageQuestion } from "./image_question.ts";

interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Record<string, string>;
}

export const secrets: Resource = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
};

export interface PullSecrets {
  readonly configs: readonly DockerConfig[];
  /** What was of no use, each in a sentence: it matters once the registry refuses. */
  readonly unused: readonly string[];
}

/**
 * Reads them in their order (models-and-templates.md §3.3 steps 2 and 3).
 *
 * @throws ImageError SecretNotFound or SecretAccessFailed; the message names the secret and the remedy
 */
export async function readPullSecrets(
  transport: Transport,
  { namespace, pullSecrets }: ImageQuestion,
  signal: AbortSignal,
): Promise<PullSecrets> {
  const configs: DockerConfig[] = [];
  const unused: string[] = [];
  for (const name of pullSecrets) {
    const secret = await readSecret(transport, namespace, name, signal);
    const config = parsed(secret, namespace, name);
    if (config !== undefined) configs.push(config);
    else {
      unused.push(
        `pull secret ${namespace}/${name} is of type ${secret.type}, which holds no registry credentials; ` +
          "make one of type kubernetes.io/dockerconfigjson (kubectl create secret docker-registry)",
      );
    }
  }
  return { configs, unused };
}

async function readSecret(
  transport: Transport,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Secret> {
  try {
    return await get<Secret>(transport, secrets, { namespace, name }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isStatus(error, 404)) {
      throw new ImageError(
        "MissingUpstream",
        "SecretNotFound",
        `there is no pull secret ${namespace}/${name}; create it, or take it out of spec.imagePullSecrets`,
        retrySoon,
      );
    }
    throw new ImageError(
      "Infrastructure",
      "SecretAccessFailed",
      `pull secret ${namespace}/${name} could not be read: ${classify(error).message}`,
      retrySoon,
      { cause: error },
    );
  }
}

function parsed({ type, data }: Secret, namespace: string, name: string): DockerConfig | undefined {
  try {
    return parseDockerConfig({ type, data }, `pull secret ${namespace}/${name}`);
  } catch (error) {
    throw new ImageError("Infrastructure", "SecretAccessFailed", (error as Error).message, retrySoon);
  }
}
