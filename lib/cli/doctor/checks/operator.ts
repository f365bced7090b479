/** The operator itself: whether it runs, leads, and is alone. */

import type { Pod } from "kubernetes-types/core/v1";
import { deployments, leases, operatorPods, ownKinds } from "../kinds.ts";
import { operatorsOf, overlap } from "../operators.ts";
import { type Check, type Finding, listed, type Survey } from "../survey.ts";

export const operator: Check = (survey) => {
  if (ownKinds.some((kind) => survey.lacks(kind)) || !survey.saw(deployments)) return [];
  const found = operatorsOf(survey);
  const wanted = found.filter(({ replicas }) => replicas > 0);
  const [first] = found;
  if (first === undefined) {
    // One may run elsewhere, as in development: then it holds the Lease.
    return holderOf(survey) === undefined && survey.saw(leases)
      ? [{
        check: "operator-missing",
        about: "Deployment aim-engine-controller-manager",
        says: "no operator is installed: nobody acts on objects of the ten kinds",
        fix: "kubectl apply -k manifests",
      }]
      : [];
  }
  const about = `Deployment ${first.namespace}/${first.name}`;
  if (wanted.length === 0) {
    return holderOf(survey) === undefined
      ? [{
        check: "operator-stopped",
        about,
        says: "it is scaled to 0: nobody acts on objects of the ten kinds",
        fix: `kubectl scale deployment ${first.name} -n ${first.namespace} --replicas=1`,
      }]
      : [];
  }
  const several = severalFinding(wanted);
  if (several !== undefined) return [several];
  const ill = wanted.filter(({ available }) => available === 0);
  if (ill.length > 0) return ill.map(({ namespace, name }) => notAvailable(survey, namespace, name));
  return [...unledFinding(survey, wanted.some(({ electsLeader }) => electsLeader))];
};

function severalFinding(wanted: ReturnType<typeof operatorsOf>): Finding | undefined {
  for (const [n, one] of wanted.entries()) {
    const other = wanted.slice(n + 1).find((each) => overlap(one, each));
    if (other !== undefined) {
      const [a, b] = [one, other].map(({ namespace, name }) => `${namespace}/${name}`);
      return {
        check: "operators-two",
        about: `Deployments ${a} and ${b}`,
        says: "both act on the same objects: each undoes what the other does, unless they share one Lease",
        fix: `keep one: kubectl scale deployment ${other.name} -n ${other.namespace} --replicas=0`,
      };
    }
    if (one.replicas > 1 && !one.electsLeader) {
      return {
        check: "operators-unelected",
        about: `Deployment ${one.namespace}/${one.name}`,
        says: `${one.replicas} pods act at the same time, since none of them elects a leader`,
        fix: "add --leader-elect to its arguments, or set replicas to 1",
      };
    }
  }
  return undefined;
}

function notAvailable(survey: Survey, namespace: string, name: string): Finding {
  const pods = survey.all(operatorPods).filter(({ metadata }) => metadata?.namespace === namespace);
  const why = listed(pods.flatMap(troubleOf));
  return {
    check: "operator-unavailable",
    about: `Deployment ${namespace}/${name}`,
    says: `none of its pods is ready${why === "" ? "" : `: ${why}`}`,
    fix: `kubectl logs deployment/${name} -n ${namespace} names what is wrong with the start; ` +
      `kubectl describe pods -n ${namespace} what keeps the pod from it`,
  };
}

function troubleOf({ status }: Pod): string[] {
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return [`${scheduled.reason}, ${scheduled.message}`];
  return (status?.containerStatuses ?? []).flatMap(({ state, lastState }) => {
    const { waiting } = state ?? {};
    const ended = state?.terminated ?? lastState?.terminated;
    const code = ended === undefined ? "" : ` (exit code ${ended.exitCode})`;
    return waiting?.reason === undefined
      ? []
      : [`${waiting.reason}${code}${waiting.message ? `, ${waiting.message}` : ""}`];
  });
}

/** Who has renewed the Lease a short while ago. */
function holderOf(survey: Survey): string | undefined {
  const { now } = survey;
  return survey.all(leases).find(({ spec }) =>
    !!spec?.holderIdentity && now !== undefined && now - timeOf(spec.renewTime) < patience
  )?.spec?.holderIdentity;
}

/** A Lease lasts 15 s; clocks may differ by a minute. */
const patience = 75_000;
const timeOf = (time: unknown) => Date.parse(String(time ?? "")) || 0;

function unledFinding(survey: Survey, electsLeader: boolean): Finding[] {
  if (!electsLeader || !survey.saw(leases) || survey.now === undefined) return [];
  const [lease] = survey.all(leases);
  if (lease !== undefined && survey.now - timeOf(lease.spec?.renewTime) < patience) return [];
  return [{
    check: "operator-unled",
    about: `Lease ${lease?.metadata?.name ?? "of the operator"}`,
    says: lease === undefined
      ? "pods of the operator are ready, but none of them has taken the Lease: nobody acts"
      : `${
        lease.spec?.holderIdentity || "nobody"
      } holds it and has not renewed it since ${lease.spec?.renewTime}: nobody acts, ` +
        "or that machine's clock is behind",
    fix:
      "the operator's log says why it cannot take the Lease: kubectl logs -n aim-system deployment/aim-engine-controller-manager",
  }];
}
