/**
 * The recorded cases: random but valid objects, and what AIM Engine made of them on a real API server. Around them stood
 * nodes without a GPU and with an MI300X, MI325X or MI210, and the CRDs of KServe and of the Gateway API without their
 * controllers; pods of Jobs succeeded at once without a log, and claims were never bound.
 */

import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/object.ts";

/** An object as it was created; one with a status was paused and stayed as given. */
export interface Given {
  readonly object: KubeObject;
  readonly uid: string;
  readonly status?: Record<string, unknown>;
}

export interface RecordedCase {
  /** First letter: `s` and `u` services, `m` a model, `t` a template, `c` a template cache, `a` an artifact. */
  readonly id: string;
  readonly given: readonly Given[];
  /** Exactly the fields that a manager owned by server-side apply at the end. */
  readonly applied: readonly { readonly manager: string; readonly object: KubeObject }[];
  /** Of the objects that were not paused, without times and messages. */
  readonly status: readonly {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly status: Record<string, unknown>;
  }[];
}

/** The cases whose id begins with one of the letters, in their order. */
export async function recordedCases(letters: string): Promise<RecordedCase[]> {
  using file = await Deno.open(new URL("cases.jsonl.gz", import.meta.url));
  const text = await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
  const cases = text.trimEnd().split("\n").map((line) => JSON.parse(line) as RecordedCase);
  assert.equal(cases.length, 285, "cases that were recorded");
  return cases.filter(({ id }) => letters.includes(id[0]));
}
