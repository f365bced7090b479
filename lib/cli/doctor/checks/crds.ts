/** The ten kinds, and the API server that serves them. */

import { ownKinds } from "../kinds.ts";
import { type Check, listed } from "../survey.ts";

export const crds: Check = (survey) => {
  const missing = ownKinds.filter((kind) => survey.lacks(kind)).map(({ resource }) => resource.plural);
  if (missing.length > 0) {
    return [{
      check: "crds-missing",
      about: `CustomResourceDefinitions of ${ownKinds[0].resource.group}`,
      says: missing.length === ownKinds.length
        ? "the cluster has none of the ten kinds in the version that the operator uses"
        : `the cluster does not have ${listed(missing)}: the operator does not start`,
      fix: "kubectl apply -k manifests/crds",
    }];
  }
  const { lacking = [] } = survey.facts;
  if (lacking.length === 0) return [];
  return [{
    check: "crds-older",
    about: `CustomResourceDefinitions of ${ownKinds[0].resource.group}`,
    says: `they are older than this program, and what they lack is lost: ${lacking.join("; ")}`,
    fix: "kubectl apply -k manifests/crds",
  }];
};

/** README, "Install". */
const oldestMinor = 28;

export const apiServer: Check = ({ facts: { version } }) => {
  const [major, minor] = (version ?? "").split(".").map(Number);
  if (major !== 1 || !(minor < oldestMinor)) return [];
  return [{
    check: "kubernetes-older",
    about: "the API server",
    says: `it is Kubernetes ${version}; the rules in the CRDs need 1.${oldestMinor}`,
    fix: `upgrade the cluster to Kubernetes 1.${oldestMinor} or newer`,
  }];
};
