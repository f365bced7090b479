/**
 * A 64-bit hash of what is applied, as text: the key under which verdicts are remembered. Fields that are `undefined` do
 * not count, nor do the preconditions `metadata.uid` and `metadata.resourceVersion`. Whoever builds an object writes its
 * keys in the same order each time; another order is another hash, which costs a comparison. Not cryptographic.
 */
export function hashOf(desired: object): string {
  const { metadata } = desired as { metadata?: object };
  // Keys that are undefined are left out of the text.
  const text = JSON.stringify(
    metadata === undefined
      ? desired
      : { ...desired, metadata: { ...metadata, uid: undefined, resourceVersion: undefined } },
  );
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul((high << 13 | high >>> 19) ^ unit, 0xc2b2ae35);
  }
  return hex(finish(low ^ text.length)) + hex(finish(high ^ text.length));
}

/** Lets every bit of the sum count in every bit of the hash. */
function finish(sum: number): number {
  sum = Math.imul(sum ^ sum >>> 16, 0x85ebca6b);
  sum = Math.imul(sum ^ sum >>> 13, 0xc2b2ae35);
  return (sum ^ sum >>> 16) >>> 0;
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, "0");
}
