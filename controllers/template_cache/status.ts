/** Health and status of a cache (caching-and-artifacts.md §4.4). */

import type { AIMTemplateCache, AIMTemplateCacheStatus } from "../../lib/api/mod.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import type { RuntimeConfigResolution } from "../../lib/cluster/runtime_config.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type ComponentHealth, ready } from "../../lib/operator/status/health.ts";
import { foreignReason } from "../../lib/operator/errors/reasons.ts";
import { spokenForBy } from "../../lib/operator/status/report.ts";
import type { Summary } from "../../lib/operator/status/status.ts";
import { rank, type StatusWord } from "../../lib/operator/status/status_words.ts";
import type { Candidate } from "./matching.ts";
import type { Wish } from "./sources.ts";
import type { Template } from "./template.ts";

/** A wish, and the artifact that serves it. */
export interface Served {
  readonly wish: Wish;
  readonly artifact: Candidate | undefined;
}

export const speaksFor = spokenForBy([artifacts, "Artifacts"]);

const about = { component: "Artifacts", dependency: "Downstream" } as const;

/** `ArtifactsReady`. */
export function artifactsHealth(served: readonly Served[], template: Template | undefined): ComponentHealth {
  if (served.length === 0) {
    return { ...about, state: "Progressing", reason: "NoCaches", message: awaited(template) };
  }
  const lacking = served.filter(({ artifact }) => artifact === undefined);
  const worst = worstOf(served);
  if (lacking.length > 0) return creating(lacking, worst);
  if (worst === undefined) {
    return ready(about, "AllCachesReady", `Artifacts are ready: ${names(served)}`);
  }
  const { name, status, code, ready: condition } = worst;
  return {
    ...about,
    state: status as StatusWord,
    reason: condition === undefined ? "CachesNotReady" : foreignReason(condition.reason),
    message: `Artifact ${name} is ${status}${condition?.message ? `: ${condition.message}` : ""}`,
    ...(code && { code }),
  };
}

function awaited(template: Template | undefined): string {
  if (template === undefined) return "Waiting for the template";
  return `Waiting for template ${template.metadata.name} to list its model sources`;
}

/** While artifacts are being made, the worst of the others counts too. */
function creating(lacking: readonly Served[], worst: Candidate | undefined): ComponentHealth {
  const made = lacking.map(({ wish }) => `${wish.artifactName} for ${wish.source.sourceUri}`).join(", ");
  const told = worst === undefined ? "" : `; artifact ${worst.name} is ${worst.status}`;
  return {
    ...about,
    state: (worst?.status ?? "Progressing") as StatusWord,
    reason: "CreatingCaches",
    message: `Waiting for artifacts: ${made}${told}`,
    ...(worst?.code && { code: worst.code }),
  };
}

/** The artifact that is furthest from Ready; the first of several. */
function worstOf(served: readonly Served[]): Candidate | undefined {
  let worst: Candidate | undefined;
  for (const { artifact } of served) {
    if (artifact === undefined || artifact.status === "Ready") continue;
    if (worst === undefined || rank(artifact.status) < rank(worst.status)) worst = artifact;
  }
  return worst;
}

function names(served: readonly Served[]): string {
  return [...new Set(served.map(({ artifact }) => artifact?.name))].join(", ");
}

/** The whole status. */
export function cacheStatus(
  cache: Live<AIMTemplateCache>,
  found: {
    readonly runtimeConfig: RuntimeConfigResolution;
    readonly template: Template | undefined;
    readonly served: readonly Served[];
  },
  { status, conditions }: Summary,
): AIMTemplateCacheStatus {
  const { reference } = found.runtimeConfig;
  const artifactsNow = artifactEntries(found.served);
  return {
    observedGeneration: cache.metadata.generation,
    status: status as AIMTemplateCacheStatus["status"],
    conditions: [...conditions] as AIMTemplateCacheStatus["conditions"],
    ...(reference === undefined ? {} : { resolvedRuntimeConfig: reference }),
    ...(found.template?.kind === undefined ? {} : { resolvedTemplateKind: found.template.kind }),
    ...(Object.keys(artifactsNow).length === 0 ? {} : { artifacts: artifactsNow }),
  };
}

/** By artifact name; an artifact that serves several sources is told once, with the first of them. */
function artifactEntries(served: readonly Served[]): NonNullable<AIMTemplateCacheStatus["artifacts"]> {
  const entries: NonNullable<AIMTemplateCacheStatus["artifacts"]> = {};
  for (const { wish, artifact } of served) {
    if (artifact === undefined || artifact.name in entries) continue;
    const { uid, name, status, claim } = artifact;
    entries[name] = {
      uid,
      name,
      model: wish.source.modelId,
      status,
      ...(claim ? { persistentVolumeClaim: claim } : {}),
    };
  }
  return entries;
}
