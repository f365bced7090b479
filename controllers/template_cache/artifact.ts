/** The artifact that a cache makes for a source that none serves yet (caching-and-artifacts.md §4.3). */

import { type AIMArtifact, type AIMTemplateCache, canonicalQuantity } from "../../lib/api/mod.ts";
import { isDedicatedCache } from "../../lib/cluster/cache_users.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import {
  annotation,
  API_VERSION,
  asChild,
  isLeft,
  isPaused,
  label,
  ownerReference,
  parentLabel,
  type Propagation,
} from "../../lib/operator/naming/labels.ts";
import { labelValue, rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { type Child, type Edit, editOf, type Slot } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import type { Wish } from "./sources.ts";

/**
 * Shared artifacts by their source, alone and with the class that they name: while one is being made, or has not been
 * touched yet and so serves nobody, no cache whom it would serve makes another under another name (issue "never
 * twice"). A paused one is not waited for.
 */
const comingBySource = artifacts.index("coming", (artifact) => {
  const { metadata: { namespace, deletionTimestamp, ownerReferences = [] }, spec, status } = artifact;
  if (deletionTimestamp !== undefined || ownerReferences.length > 0 || isPaused(artifact)) return [];
  const source = keyOf(namespace, spec?.sourceUri ?? "");
  // Once it has a claim, that is of the class that counts: one that does not serve a cache keeps no place from it.
  return status?.persistentVolumeClaim ? [source] : [source, `${source} ${spec?.storageClassName ?? ""}`];
});

function slotOf(cache: Live<AIMTemplateCache>, { source }: Wish): Slot | undefined {
  if (isDedicatedCache(cache)) return undefined;
  const { metadata: { namespace }, spec } = cache;
  const key = keyOf(namespace, source.sourceUri);
  const value = spec?.storageClassName ? `${key} ${spec.storageClassName}` : key;
  return { takenBy: comingBySource, value, limit: 1 };
}

/** To create only while there is none of that name: a Shared one may be another cache's. */
export function newArtifact(
  cache: Live<AIMTemplateCache>,
  wish: Wish,
  propagation: Propagation | undefined,
): Child {
  const { namespace, name, uid, labels, annotations } = cache.metadata;
  const headroom = annotations?.[annotation.headroom];
  const artifact: AIMArtifact = {
    apiVersion: API_VERSION,
    kind: "AIMArtifact",
    metadata: {
      name: wish.artifactName,
      namespace,
      labels: ownLabels(cache, wish),
      ...(headroom === undefined ? {} : { annotations: { [annotation.headroom]: headroom } }),
    },
    spec: artifactSpec(cache, wish),
  };
  const slot = slotOf(cache, wish);
  return {
    how: "create",
    ref: { kind: artifacts, namespace, name: wish.artifactName },
    desired: asChild(artifact, { kind: "AIMTemplateCache", metadata: { name, uid, labels } }, {
      owned: isDedicatedCache(cache),
      propagation,
    }),
    ...(slot === undefined ? {} : { slot }),
  };
}

/**
 * Makes a Dedicated cache the owner of an artifact that it made under another UID and that was left: restored from a
 * backup. Until then it serves nobody here.
 */
export function adoptedArtifact(cache: Live<AIMTemplateCache>, wish: Wish, view: View): Edit[] {
  const { name, namespace } = cache.metadata;
  const artifact = isDedicatedCache(cache) ? view.get(artifacts, namespace, wish.artifactName) : undefined;
  if (artifact === undefined || artifact.metadata.deletionTimestamp !== undefined) return [];
  const parent = { kind: "AIMTemplateCache", metadata: cache.metadata } as const;
  const maker = artifact.metadata.labels?.[parentLabel("AIMTemplateCache")];
  if (maker !== rawLabelValue(name) || !isLeft(artifact) || isPaused(artifact)) return [];
  return [editOf(artifacts, artifact, { metadata: { ownerReferences: [ownerReference(parent)] } })];
}

/** §3.2; the plain `template` label is for users who select by it (spec/README). */
function ownLabels({ spec }: AIMTemplateCache, { index }: Wish): Record<string, string> {
  const { templateName = "", templateScope = "Unknown" } = spec ?? {};
  return {
    [label.templateCreated]: "true",
    [label.template]: labelValue(templateName) ?? "",
    [label.templateName]: rawLabelValue(templateName),
    [label.templateScope]: templateScope,
    [label.templateIndex]: String(index),
  };
}

/** What it is to download, and how (§4.3). */
export function artifactSpec(
  { spec }: AIMTemplateCache,
  { source, env }: Wish,
): NonNullable<AIMArtifact["spec"]> {
  const { storageClassName, runtimeConfigName, downloadImage, imagePullSecrets = [] } = spec ?? {};
  return {
    sourceUri: source.sourceUri,
    modelId: source.modelId,
    size: canonicalQuantity(source.size ?? "0"),
    ...(env.length > 0 ? { env: [...env] } : {}),
    ...(storageClassName ? { storageClassName } : {}),
    ...(runtimeConfigName ? { runtimeConfigName } : {}),
    ...(downloadImage ? { modelDownloadImage: downloadImage } : {}),
    ...(imagePullSecrets.length > 0 ? { imagePullSecrets: [...imagePullSecrets] } : {}),
  };
}
