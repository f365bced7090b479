/** The Secrets that images are pulled with: there, and of a type that a kubelet and the operator can use. */

import { type NamesPullSecrets, pullSecretNames } from "../../../api/mod.ts";
import {
  artifacts,
  clusterModels,
  clusterTemplates,
  models,
  modelSources,
  services,
  type Surveyed,
  templateCaches,
  templates,
} from "../kinds.ts";
import { operatorsOf } from "../operators.ts";
import { type Check, type Finding, listed, nameOf, type Survey } from "../survey.ts";

const usable = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"];

export const pullSecrets: Check = (survey) => {
  const findings: Finding[] = [];
  for (const [secret, users] of pullSecretsOf(survey)) {
    const found = survey.facts.pullSecrets?.get(secret);
    if (found === undefined || found === "unreadable") continue;
    const about = `Secret ${secret}`;
    const [namespace, name] = secret.split("/");
    const fix =
      `kubectl create secret docker-registry ${name} -n ${namespace} --docker-server=… --docker-username=… --docker-password=…`;
    if (found === "missing") {
      findings.push({
        check: "pull-secret-missing",
        about,
        says: `${listed(users)} names it in imagePullSecrets, and it does not exist`,
        fix,
      });
    } else if (!usable.includes(found.type)) {
      findings.push({
        check: "pull-secret-type",
        about,
        says: `${
          listed(users)
        } pulls images with it, and its type is ${found.type}: kubelets and the operator pass it over`,
        fix: `delete it, then ${fix}`,
      });
    }
  }
  return findings;
};

/** By `namespace/name`: who names it. What belongs to the cluster has its Secrets where the operator runs. */
export function pullSecretsOf(survey: Survey): ReadonlyMap<string, readonly string[]> {
  const home = operatorsOf(survey)[0]?.namespace ?? "aim-system";
  const kinds: readonly Surveyed[] = [
    services,
    models,
    clusterModels,
    modelSources,
    templates,
    clusterTemplates,
    templateCaches,
    artifacts,
  ];
  const named = new Map<string, string[]>();
  for (const object of kinds.flatMap((kind) => survey.all(kind))) {
    const { spec } = object as { readonly spec?: NamesPullSecrets };
    for (const name of pullSecretNames(spec)) {
      const key = `${object.metadata?.namespace ?? home}/${name}`;
      named.set(key, [...named.get(key) ?? [], `${object.kind} ${nameOf(object)}`]);
    }
  }
  return named;
}
