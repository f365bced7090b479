/** The volumes through which an InferenceService sees its weights (services.md §8.5). */

import type { AIMTemplateCache } from "../../../lib/api/mod.ts";
import type { InferenceService, Volume } from "../../../lib/operator/objects.ts";
import { artifactVolumeName } from "../../../lib/operator/naming/object_names.ts";
import { cacheRoot } from "./container_env.ts";

/** A claim and where it is mounted. */
export interface CacheVolume {
  readonly name: string;
  readonly claimName: string;
  readonly mountPath: string;
}

/** Name of the volume that every InferenceService has for shared memory. */
export const sharedMemory = "dshm";

/**
 * What to mount: the cache's Ready artifacts, in the order that is there already if they are the same; the
 * live volumes while the cache is missing or not Ready.
 */
export function cacheVolumes(
  cache: AIMTemplateCache | undefined,
  live: InferenceService | undefined,
): readonly CacheVolume[] {
  const mounted = live === undefined ? [] : mountedVolumes(live);
  if (cache?.status?.status !== "Ready") return mounted;
  const wanted = readyVolumes(cache);
  return sameSet(wanted, mounted) ? mounted : wanted;
}

/** One volume for each Ready artifact that has a claim, ordered by the artifact's name. */
export function readyVolumes(cache: AIMTemplateCache): CacheVolume[] {
  const artifacts = Object.values(cache.status?.artifacts ?? {});
  return artifacts
    .filter(({ status, persistentVolumeClaim }) => status === "Ready" && persistentVolumeClaim)
    .sort((a, b) => (a.name ?? "") < (b.name ?? "") ? -1 : 1)
    .map(({ name, model, mountPoint, persistentVolumeClaim }) => {
      const volume = artifactVolumeName(name ?? "");
      return {
        name: volume,
        claimName: persistentVolumeClaim!,
        mountPath: mountPoint || mountPathOf(model, volume),
      };
    });
}

/** `/workspace/cache/<model id>`, without any way out of it; the volume's name where no model id is known. */
function mountPathOf(model: string | undefined, volume: string): string {
  const clean = (model ?? "").replaceAll("..", "").split("/").filter((part) => part !== "" && part !== ".");
  return `${cacheRoot}/${clean.length === 0 ? volume : clean.join("/")}`;
}

function mountedVolumes(live: InferenceService): CacheVolume[] {
  const predictor = live.spec?.predictor;
  const mounts = predictor?.containers?.[0]?.volumeMounts ?? [];
  return (predictor?.volumes ?? []).filter(isClaim).map(({ name, persistentVolumeClaim }) => ({
    name,
    claimName: persistentVolumeClaim.claimName,
    mountPath: mounts.find((mount) => mount.name === name)?.mountPath ?? `${cacheRoot}/${name}`,
  }));
}

function isClaim(volume: Volume): volume is Volume & { persistentVolumeClaim: { claimName: string } } {
  return volume.name !== sharedMemory && volume.persistentVolumeClaim !== undefined;
}

function sameSet(a: readonly CacheVolume[], b: readonly CacheVolume[]): boolean {
  const text = ({ name, claimName, mountPath }: CacheVolume) => `${name}\n${claimName}\n${mountPath}`;
  const [left, right] = [a.map(text).sort(), b.map(text).sort()];
  return left.length === right.length && left.every((each, i) => each === right[i]);
}

/** Whether a live InferenceService stands on cached weights. */
export function mountsCache(live: InferenceService | undefined): boolean {
  return live !== undefined && mountedVolumes(live).length > 0;
}

/** Whether a live InferenceService stands on weights of the cache that are not there, or not whole, now. */
export function mountsUnready(cache: AIMTemplateCache, live: InferenceService | undefined): boolean {
  const mounted = new Set(live === undefined ? [] : mountedVolumes(live).map(({ claimName }) => claimName));
  return Object.values(cache.status?.artifacts ?? {}).some(({ status, persistentVolumeClaim }) =>
    status !== "Ready" && mounted.has(persistentVolumeClaim ?? "")
  );
}

/** Whether every Ready artifact of the cache has its claim: no endpoint starts on half its weights (caching §7). */
export function everyArtifactHasClaim(cache: AIMTemplateCache | undefined): boolean {
  return Object.values(cache?.status?.artifacts ?? {}).every(({ status, persistentVolumeClaim }) =>
    status !== "Ready" || !!persistentVolumeClaim
  );
}
