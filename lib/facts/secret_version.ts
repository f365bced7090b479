/**
 * Whether a Secret that a pod of ours uses has changed. Secrets are never watched (spec/README): one is asked
 * for by name, now and then, while somebody waits for its mending.
 */

import { isStatus } from "../kube/errors.ts";
import type { Transport } from "../kube/transport.ts";
import { get } from "../kube/write.ts";
import type { FactSource } from "../operator/runner/facts.ts";
import type { Fact } from "../operator/core/view.ts";
import { secrets } from "./pull_secrets.ts";

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Its version; another one once anything in it has changed. Empty where there is none, {@link unreadableSecret} where it
 * may not be read.
 */
export const secretVersion: Fact<SecretName, string> = {
  name: "secretVersion",
  keyOf: ({ namespace, name }) => `${namespace}/${name}`,
};

/** No version: whether there is a Secret is not known, for want of the right. */
export const unreadableSecret = "may not be read";

/** Reads it by name; nothing of its content is kept. */
export function secretVersionSource(transport: Transport): FactSource<SecretName, string> {
  return {
    fact: secretVersion,
    timeout: 10_000,
    freshFor: 30_000,
    retry: { first: 2_000, longest: 60_000 },
    fetch: async ({ namespace, name }, signal) => {
      try {
        const { metadata } = await get(transport, secrets, { namespace, name }, { signal });
        return metadata.resourceVersion;
      } catch (error) {
        if (isStatus(error, 404)) return "";
        if (isStatus(error, 403)) return unreadableSecret;
        throw error;
      }
    },
  };
}
