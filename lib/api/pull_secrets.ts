/** The Secrets that images are pulled with. */

import type { LocalObjectReference } from "./k8s.ts";

/** Whatever has pull secrets: the spec of a service, model, template, cache or artifact. */
export interface NamesPullSecrets {
  readonly imagePullSecrets?: readonly LocalObjectReference[];
}

/** The names of the pull secrets of several specs, in their order, without repeats and empty ones. */
export function pullSecretNames(...specs: readonly (NamesPullSecrets | undefined)[]): string[] {
  const names = specs.flatMap((spec) => spec?.imagePullSecrets ?? []).flatMap(({ name }) => name || []);
  return [...new Set(names)];
}
