import { rawText } from "./diff_normalize.ts";

/**
 * A 64-bit hash of what is applied, as text: the key under which verdicts are remembered. Independent of
 * the order of keys; fields that are `undefined` do not count, nor do the preconditions `metadata.uid`
 * and `metadata.resourceVersion`. Not cryptographic.
 */
export function hashOf(desired: object): string {
  const [high, low] = [hashValue(desired, 0x9e3779b9, 0), hashValue(desired, 0x85ebca6b, 0)];
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

function hashValue(value: unknown, seed: number, depth: number): number {
  if (typeof value === "string") return hashText(value, seed ^ 1);
  if (typeof value === "number") return hashText(String(value), seed ^ 2);
  if (value === null || typeof value !== "object") return hashText(String(value), seed ^ 3);
  const raw = rawText(value);
  if (raw !== undefined) return hashText(raw, seed ^ 2);
  let sum = Array.isArray(value) ? seed ^ 4 : seed ^ 5;
  if (Array.isArray(value)) {
    for (const item of value) sum = mix(sum, hashValue(item, seed, depth + 1));
    return finish(sum);
  }
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined || (depth === 1 && (key === "uid" || key === "resourceVersion"))) continue;
    sum = (sum + finish(mix(hashText(key, seed ^ 6), hashValue(field, seed, depth + 1)))) | 0;
  }
  return finish(sum);
}

function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return finish(hash ^ text.length);
}

function mix(hash: number, value: number): number {
  return Math.imul((hash << 13 | hash >>> 19) ^ value, 0xc2b2ae35);
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
