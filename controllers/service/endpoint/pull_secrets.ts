/** Which pull secrets the pods of an endpoint get (model-sources-and-config.md §14 Better). */

import { type LocalObjectReference, type NamesPullSecrets, pullSecretNames } from "../../../lib/api/mod.ts";
import { secretVersion } from "../../../lib/facts/secret_version.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { Context } from "../context.ts";
import type { ResolvedModel, ResolvedTemplate } from "../resolve/resolved.ts";

/** The pull secrets of several specs, in their order, without repeats (services.md §8.3 Better). */
export function pullSecrets(...specs: readonly (NamesPullSecrets | undefined)[]): LocalObjectReference[] {
  return pullSecretNames(...specs).map((name) => ({ name }));
}

/**
 * Those of service, template and model, by name, the service's first. What a template or model of the cluster names is
 * in the operator's namespace; it counts where the service's namespace has a Secret of that name as well.
 *
 * @param live the endpoint, where it is to stay as it is: its pods are not restarted for a Secret that comes or goes
 * @returns undefined while it is not known which Secrets there are
 */
export function endpointPullSecrets(
  { service }: Context,
  { template, model }: { readonly template: ResolvedTemplate; readonly model: ResolvedModel },
  live: Live<InferenceService> | undefined,
  view: View,
): LocalObjectReference[] | undefined {
  const ofNamespace = (each: ResolvedTemplate | ResolvedModel) =>
    each.scope === "Namespace" ? each.object.spec : undefined;
  const certain = new Set(pullSecretNames(service.spec, ofNamespace(template), ofNamespace(model)));
  const standing = live?.spec?.predictor?.imagePullSecrets;
  const chosen: LocalObjectReference[] = [];
  for (const each of pullSecrets(service.spec, template.object.spec, model.object.spec)) {
    const counts = certain.has(each.name!) ||
      (live === undefined
        ? isThere(service.metadata.namespace!, each.name!, view)
        : standing?.some(({ name }) => name === each.name) === true);
    if (counts === undefined) return undefined;
    if (counts) chosen.push(each);
  }
  return chosen;
}

/** By name: Secrets are neither listed nor watched. One that cannot be read may well be there for a kubelet. */
function isThere(namespace: string, name: string, view: View): boolean | undefined {
  const known = view.fact(secretVersion, { namespace, name });
  if (known.state === "pending") return undefined;
  return known.state === "failed" || known.value !== "";
}
