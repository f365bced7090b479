/** Which artifact serves a source (caching-and-artifacts.md §4.2). */

import type { AIMArtifact, AIMTemplateCache } from "../../lib/api/mod.ts";
import {
  artifactsBySource,
  effectiveClass,
  holdsWeights,
  isDedicatedCache,
} from "../../lib/cluster/cache_users.ts";
import { triesOf, type Values } from "../../lib/cluster/corrections.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import { annotation, label, managerOf, parentLabel } from "../../lib/operator/naming/labels.ts";
import type { Code } from "../../lib/operator/errors/codes.ts";
import { conditionOf } from "../../lib/operator/status/conditions.ts";
import { codeWithin } from "../../lib/operator/status/code_within.ts";
import { bestOf } from "../../lib/operator/status/status_words.ts";
import { defineQuery, type Reading } from "../../lib/operator/core/view.ts";
import type { Wish } from "./sources.ts";

/** Of an artifact, what caches go by; the progress of its download is no part of it and wakes no cache. */
export interface Candidate {
  readonly name: string;
  readonly uid: string;
  readonly created: string;
  /** UIDs of its owners; none for a Shared one. */
  readonly owners: readonly string[];
  /** By spec or runtime config (§5.4); empty for the cluster's default class. */
  readonly storageClass: string;
  readonly status: string;
  readonly claim: string;
  /** Name label of the cache that made it; absent for one made by hand. */
  readonly maker?: string;
  /** What caches may correct of it, and what they have corrected. */
  readonly values: Values;
  /** Percent of headroom that its annotation says; null where there is none. */
  readonly headroom: string | null;
  readonly tries: string;
  /** Whether verified weights stand behind it, whatever its status says. */
  readonly whole: boolean;
  /** Why it is not ready, where it says so. */
  readonly code: Code | undefined;
  /** Of its `Ready` condition; absent where it has none. */
  readonly ready?: { readonly reason: string; readonly message: string };
}

const candidates = defineQuery<readonly [string, string], readonly Candidate[]>(
  "artifactsOfSource",
  (view, [namespace, sourceUri]) =>
    view.list(artifactsBySource, keyOf(namespace, sourceUri))
      .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && !!status?.status)
      .map((artifact) => candidateOf(artifact, view)),
);

function candidateOf(artifact: Live<AIMArtifact>, view: Reading): Candidate {
  const { metadata, status } = artifact;
  const maker = metadata.labels?.[label.managedBy] === managerOf("AIMTemplateCache")
    ? metadata.labels[parentLabel("AIMTemplateCache")]
    : undefined;
  const ready = conditionOf(status?.conditions, "Ready");
  return {
    name: metadata.name,
    uid: metadata.uid,
    created: metadata.creationTimestamp ?? "",
    owners: (metadata.ownerReferences ?? []).map(({ uid }) => uid),
    storageClass: effectiveClass(artifact, view),
    status: status?.status ?? "",
    claim: status?.persistentVolumeClaim ?? "",
    ...(maker === undefined ? {} : { maker }),
    values: changeable(artifact.spec),
    headroom: metadata.annotations?.[annotation.headroom] ?? null,
    tries: triesOf(artifact),
    whole: holdsWeights(artifact),
    code: codeWithin(status?.conditions),
    ...(ready === undefined ? {} : { ready: { reason: ready.reason ?? "", message: ready.message ?? "" } }),
  };
}

/** Everything but source, size and class; by the first and last an artifact is found. */
export function changeable(spec: AIMArtifact["spec"]): Values {
  const { env = null, runtimeConfigName = null, imagePullSecrets = null } = spec ?? {};
  return { env, runtimeConfigName, imagePullSecrets };
}

/** The artifact that serves the wish: the one with the best status, of several the oldest, then by name. */
export function matchOf(cache: Live<AIMTemplateCache>, wish: Wish, view: Reading): Candidate | undefined {
  const all = view.query(candidates, [cache.metadata.namespace ?? "", wish.source.sourceUri]);
  const matching = all.filter((each) => hasMode(each, cache) && hasClass(each, cache));
  return bestOf(matching.toSorted(byAge), ({ status }) => status);
}

function hasMode({ owners }: Candidate, cache: Live<AIMTemplateCache>): boolean {
  return isDedicatedCache(cache) ? owners.includes(cache.metadata.uid) : owners.length === 0;
}

function hasClass({ storageClass }: Candidate, { spec }: AIMTemplateCache): boolean {
  return !spec?.storageClassName || spec.storageClassName === storageClass;
}

function byAge(a: Candidate, b: Candidate): number {
  if (a.created !== b.created) return a.created < b.created ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
