/** The recorded cases: what AIM Engine made of given objects (their README stands beside them). */

import type { KubeObject } from "../../lib/kube/object.ts";

/** An object as it was created; one with a status was paused and stayed as given. */
export interface Given {
  readonly object: KubeObject;
  readonly uid: string;
  readonly status?: Record<string, unknown>;
}

export interface RecordedCase {
  /** First letter: the kind that the case is about. */
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

/** Where the cases are; undefined where this checkout stands alone. */
export const corpusFile = await firstReadable([
  new URL("../../../shared/corpus/cases.jsonl", import.meta.url),
]);

/** The cases whose id begins with one of the letters, in their order. */
export async function recordedCases(letters: string): Promise<RecordedCase[]> {
  if (corpusFile === undefined) return [];
  const lines = (await Deno.readTextFile(corpusFile)).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as RecordedCase).filter(({ id }) => letters.includes(id[0]));
}

async function firstReadable(files: readonly URL[]): Promise<URL | undefined> {
  for (const file of files) {
    try {
      await Deno.stat(file);
      return file;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
