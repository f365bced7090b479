import { isRawNumber } from "../../../kube/json/json.ts";

/**
 * A 64-bit hash of what is applied, as text: the key under which verdicts are remembered. Independent of
 * the order of keys; fields that are `undefined` do not count, nor do the preconditions `metadata.uid`
 * and `metadata.resourceVersion`. Not cryptographic.
 */
export function hashOf(desired: object): string {
  return [0x9e3779b9, 0x85ebca6b].map((seed) => {
    const hash = hashMap(
      desired,
      seed,
      (key, field) =>
        key === "metadata" && typeof field === "object" && field !== null
          ? hashMap(
            field,
            seed,
            (name, value) => PRECONDITIONS.has(name) ? undefined : hashValue(value, seed),
          )
          : hashValue(field, seed),
    );
    return (hash >>> 0).toString(16).padStart(8, "0");
  }).join("");
}

const PRECONDITIONS = new Set(["uid", "resourceVersion"]);

function hashValue(value: unknown, seed: number): number {
  if (typeof value === "string") return hashText(value, seed ^ 1);
  if (typeof value === "number") return hashText(String(value), seed ^ 2);
  if (value === null || typeof value !== "object") return hashText(String(value), seed ^ 3);
  if (isRawNumber(value)) return hashText(value.rawJSON, seed ^ 2);
  if (!Array.isArray(value)) return hashMap(value, seed, (_key, field) => hashValue(field, seed));
  let hash = seed ^ 4;
  for (const item of value) hash = mix(hash, hashValue(item, seed));
  return finish(hash);
}

/** The sum over the fields, so that their order does not matter; a field without a hash does not count. */
function hashMap(
  map: object,
  seed: number,
  hashField: (key: string, field: unknown) => number | undefined,
): number {
  let sum = seed ^ 5;
  for (const key in map) {
    const field = (map as Record<string, unknown>)[key];
    const hash = field === undefined ? undefined : hashField(key, field);
    if (hash !== undefined) sum = (sum + finish(mix(hashText(key, seed ^ 6), hash))) | 0;
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

/** Lets every bit count in every other. With a sign: then the engine need not keep the number on its heap. */
function finish(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return hash ^ hash >>> 16;
}
