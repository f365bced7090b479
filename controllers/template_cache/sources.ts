/** What a cache keeps: one wish for each model source (caching-and-artifacts.md §3.1, §4.1, §4.3). */

import type { AIMTemplateCache, EnvVar, ModelSource } from "../../lib/api/mod.ts";
import { isDedicatedCache } from "../../lib/cluster/cache_users.ts";
import type { Live } from "../../lib/kube/object.ts";
import { mergeEnv } from "../../lib/operator/naming/env.ts";
import { artifactName } from "../../lib/operator/naming/object_names.ts";
import type { Template } from "./template.ts";

export interface Wish {
  readonly source: ModelSource;
  /** Position among the sources: fixed, whichever artifacts exist (§3.2 Better). */
  readonly index: number;
  /** The cache's under the source's own (§5.8). */
  readonly env: readonly EnvVar[];
  /** Name of the artifact, should one have to be made. */
  readonly artifactName: string;
}

/**
 * The cache's own sources where it names some (api.md §11 Better), else those of its template, with the sizes that a
 * person or a discovery said: what others measured may be of another day, so an artifact measures for itself.
 */
export function sourcesOf(cache: AIMTemplateCache, template: Template | undefined): readonly ModelSource[] {
  const own = cache.spec?.modelSources ?? [];
  if (own.length > 0) return own;
  const inline = template?.spec?.modelSources ?? [];
  return (template?.status?.modelSources ?? []).map((source) => {
    const written = inline.find(({ sourceUri }) => sourceUri === source.sourceUri);
    return written === undefined ? source : { ...source, size: written.size };
  });
}

export function wishesOf(cache: Live<AIMTemplateCache>, template: Template | undefined): Wish[] {
  const { spec, metadata } = cache;
  return sourcesOf(cache, template).map((source, index) => {
    const env = mergeEnv(spec?.env, source.env);
    const dedicatedTo = isDedicatedCache(cache) ? metadata.name : undefined;
    return {
      source,
      index,
      env,
      artifactName: artifactName(source.sourceUri, env, spec?.storageClassName, dedicatedTo),
    };
  });
}
