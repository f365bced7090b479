/**
 * How far KServe and the Deployment controller have come with an InferenceService: by its newest ReplicaSet.
 *
 * `status.observedGeneration` of an InferenceService does not tell: KServe copies the Deployment's there, which
 * counts other edits (scaling, restarts) and may be ahead or behind for ever.
 */

import type { Container, Pod, PodSpec, ReplicaSet } from "../objects.ts";
import { isQuantity, type QuantityValue, sameQuantity } from "../../api/mod.ts";
import { registryOf } from "../naming/image_reference.ts";

export interface Rollout {
  /** Whether a pod is of the newest revision of its Deployment. */
  readonly isNewest: (pod: Pod) => boolean;
  /** What of the InferenceService's spec the newest revision does not have yet; undefined if it has all. */
  readonly behind?: string;
}

/** The Deployment controller's number of a ReplicaSet; it rises also when an old one is taken up again. */
const revisionAnnotation = "deployment.kubernetes.io/revision";

/** The label by which the pods of one ReplicaSet are told from those of another. */
const hashLabel = "pod-template-hash";

/** @returns undefined where there is no ReplicaSet (yet), or KServe runs no Deployments */
export function rolloutOf(
  predictor: Partial<PodSpec> | undefined,
  replicaSets: readonly ReplicaSet[],
): Rollout | undefined {
  const newest = newestOfEach(replicaSets);
  if (newest.length === 0) return undefined;
  const hashes = new Set(newest.map(({ metadata }) => metadata?.labels?.[hashLabel]));
  const missing = newest.map(({ spec }) => missingIn(spec?.template?.spec, predictor ?? {}));
  // Of several Deployments (a head and its workers) it is enough that one is made of the containers.
  const behind = missing.includes(undefined) ? undefined : missing[0];
  return {
    isNewest: ({ metadata }) => hashes.has(metadata?.labels?.[hashLabel]),
    ...(behind === undefined ? {} : { behind }),
  };
}

/** The newest ReplicaSet of each Deployment. */
function newestOfEach(replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const newest = new Map<string | undefined, ReplicaSet>();
  for (const each of replicaSets) {
    const owner = each.metadata?.ownerReferences?.find(({ controller }) => controller)?.uid;
    const before = newest.get(owner);
    if (before === undefined || revisionOf(each) > revisionOf(before)) newest.set(owner, each);
  }
  return [...newest.values()];
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata?.annotations?.[revisionAnnotation] ?? 0);
}

/**
 * The first thing that is wanted and not there. What is there besides may come from KServe or a webhook, so a
 * variable that was merely taken away cannot be told from one that others add.
 */
function missingIn(actual: Partial<PodSpec> | undefined, wanted: Partial<PodSpec>): string | undefined {
  for (const container of wanted.containers ?? []) {
    const found = actual?.containers?.find(({ name }) => name === container.name);
    const missing = missingInContainer(found, container);
    if (missing !== undefined) return `${missing} of container ${container.name}`;
  }
  for (const { name, persistentVolumeClaim } of wanted.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const found = actual?.volumes?.find((each) => each.name === name)?.persistentVolumeClaim;
    if (found?.claimName !== persistentVolumeClaim.claimName) return `volume ${name}`;
  }
  for (const { name } of wanted.imagePullSecrets ?? []) {
    if (!actual?.imagePullSecrets?.some((each) => each.name === name)) return `pull secret ${name}`;
  }
  const account = wanted.serviceAccountName ?? "";
  return account === "" || account === actual?.serviceAccountName ? undefined : `service account ${account}`;
}

function missingInContainer(actual: Container | undefined, wanted: Container): string | undefined {
  if (actual === undefined) return "all";
  if (!sameImage(actual.image, wanted.image)) return `image ${wanted.image}`;
  for (const { name, value } of wanted.env ?? []) {
    const found = actual.env?.find((each) => each.name === name);
    if (found === undefined || !sameText(found.value, value)) return `variable ${name}`;
  }
  for (const side of ["limits", "requests"] as const) {
    for (const [name, amount] of Object.entries(wanted.resources?.[side] ?? {})) {
      if (!sameAmount(actual.resources?.[side]?.[name], amount)) return `resources.${side} ${name}`;
    }
  }
  return undefined;
}

/**
 * Policies of a cluster may pin a tag to its digest, and take images from another registry. That a user has changed
 * nothing but the registry is then not noticed.
 */
function sameImage(actual = "", wanted = ""): boolean {
  if (sameText(actual, wanted)) return true;
  const unpinned = wanted.includes("@") ? actual : actual.replace(/@.*$/, "");
  const [first, ...path] = wanted.split("/");
  const unplaced = registryOf(wanted) === first ? path.join("/") : wanted;
  return unpinned === wanted || unpinned.endsWith(`/${unplaced}`);
}

/** KServe fills in `{{…}}`; an empty text is none. */
function sameText(actual = "", wanted = ""): boolean {
  return actual === wanted || wanted.includes("{{");
}

function sameAmount(actual: QuantityValue | undefined, wanted: QuantityValue): boolean {
  if (actual === wanted) return true;
  return isQuantity(actual) && isQuantity(wanted) && sameQuantity(actual, wanted);
}
