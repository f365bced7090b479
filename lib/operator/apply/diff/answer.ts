import type { KubeObject } from "../../../kube/object.ts";
import { isObject, type JsonObject } from "../../../kube/json/json.ts";
import { hashOf } from "./hash.ts";
import type { Difference } from "./difference.ts";
import { differencesOf, type OwnerOptions } from "./walk.ts";

/**
 * What a server or webhook made of an apply: the places where the response differs from what was sent,
 * and what it holds there. Kept in memory per object; plain data.
 */
export interface RememberedAnswer {
  readonly uid: string;
  /** `hashOf` the D that was sent. */
  readonly hash: string;
  readonly paths: readonly string[];
  /** For each path, why it differs and what the response holds there. */
  readonly answer: readonly string[];
}

/**
 * After an apply of `desired` was answered with `response`: what differs nonetheless, to be handed to
 * `compare` as `tolerate` so that an identical difference is not sent again. `undefined` when the server
 * did as told. (A webhook that sets its own value, a mutating policy that strips a field.)
 *
 * One difference is not remembered, since the next apply settles it: an apply that takes the last field
 * out of a map of ours makes the server drop the map or leave a null, though `{}` was applied.
 */
export function answeredDifferently(
  desired: object,
  response: KubeObject,
  options: OwnerOptions,
): RememberedAnswer | undefined {
  const differences = differencesOf(desired as JsonObject, response, options)
    .filter((difference) => !isDroppedMap(difference));
  if (differences.length === 0) return undefined;
  return {
    uid: response.metadata?.uid ?? "",
    hash: hashOf(desired),
    paths: differences.map((difference) => difference.path),
    answer: differences.map(answerOf),
  };
}

/** Every difference is one that this very object answered to this very D before. */
export function tolerated(
  differences: readonly Difference[],
  answer: RememberedAnswer,
  desired: object,
  live: KubeObject,
): boolean {
  if (answer.uid !== live.metadata?.uid || answer.hash !== hashOf(desired)) return false;
  const known = new Set(answer.paths.map((path, i) => `${path} ${answer.answer[i]}`));
  return differences.every((difference) => known.has(`${difference.path} ${answerOf(difference)}`));
}

function isDroppedMap({ why, desired, live }: Difference): boolean {
  return why === "value" && (live === undefined || live === null) && isObject(desired) &&
    Object.keys(desired).length === 0;
}

function answerOf(difference: Difference): string {
  return `${difference.why} ${JSON.stringify(difference.live)}`;
}
