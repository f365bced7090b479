/**
 * What a template's sources learn of their sizes: the page's "the template controller discovers model sizes", for
 * sources that are written into a template without one. What a discovery has found says them itself.
 */

import {
  type AIMArtifact,
  bytesQuantity,
  formatQuantity,
  type ModelSource,
  parseQuantity,
} from "../../lib/api/mod.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import { defineQuery, type Reading } from "../../lib/operator/core/view.ts";
import type { Template } from "./scope.ts";

const measured = artifacts.index(
  "measured source",
  (artifact) => {
    const { metadata: { namespace }, spec, status } = artifact;
    if (spec === undefined || !status?.discoveredSizeBytes || takesPart(artifact)) return [];
    return [keyOf(namespace, spec.sourceUri), keyOf(undefined, spec.sourceUri)];
  },
);

/** In a namespace; without one in the whole cluster. */
function keyOf(namespace: string | undefined, sourceUri: string): string {
  return `${namespace ?? ""} ${sourceUri}`;
}

/** Whether only some of the files are wanted: their size says nothing of the source's. */
function takesPart({ spec }: AIMArtifact): boolean {
  return (spec?.env ?? []).some(({ name }) => /^AIM_DOWNLOADER_(INCLUDE|EXCLUDE)$/.test(name));
}

/** The largest that was measured: what has the least room to spare must fit, too. 0 where nothing was. */
const largest = defineQuery<string, number>(
  "measuredSize",
  (view, key) => Math.max(0, ...view.list(measured, key).map(({ status }) => status!.discoveredSizeBytes!)),
);

/** The sources of the spec; of one without a size what artifacts measured, else what was learnt before. */
export function sourcesWithSizes({ metadata, spec, status }: Template, view: Reading): ModelSource[] {
  return (spec?.modelSources ?? []).map((source) => {
    if (isSized(source)) return source;
    const bytes = view.query(largest, keyOf(metadata.namespace, source.sourceUri));
    if (bytes > 0) return { ...source, size: formatQuantity(bytesQuantity(BigInt(bytes))) };
    const before = status?.modelSources?.find(({ sourceUri }) => sourceUri === source.sourceUri);
    return before !== undefined && isSized(before) ? { ...source, size: before.size } : source;
  });
}

function isSized({ size }: ModelSource): boolean {
  return parseQuantity(size ?? 0).nano > 0n;
}
