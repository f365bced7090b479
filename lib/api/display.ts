/**
 * The strings in a status that are made for people (api.md §9.4).
 */
import type { Hardware } from "./structures/hardware.ts";

/** Hardware in one phrase: `2 x MI300X`, a model alone when none is consumed, `CPU`, or nothing when unknown. */
export function hardwareSummary(hardware: Hardware | undefined): string {
  if (hardware === undefined) return "";
  const requests = hardware.gpu?.requests ?? 0;
  const model = hardware.gpu?.model ?? "";
  if (requests > 0) return `${requests} x ${model || "GPU"}`;
  return model || "CPU";
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A number of bytes in the largest binary unit that it fills: `42.5 GiB`, `477 MiB`, `0 B`. */
export function displaySize(bytes: bigint): string {
  let unit = 0;
  let size = 1n;
  while (unit < units.length - 1 && bytes >= size * 1024n) {
    size *= 1024n;
    unit++;
  }
  const value = Number(bytes) / Number(size);
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
  return `${text} ${units[unit]}`;
}

/** Progress in percent: `42 %`. */
export function displayPercentage(percent: number): string {
  return `${percent} %`;
}

/** Progress of a download that failed. */
export const unknownPercentage = "N/A";

/** Replicas in one phrase: the number when it is fixed, else `current/desired (min-max)` (api.md §8). */
export function displayReplicas(
  { current, desired, min, max }: { current: number; desired: number; min: number; max: number },
): string {
  return min === max ? `${current}` : `${current}/${desired} (${min}-${max})`;
}
