/**
 * The termination message: the result in a form that does not depend on wording (caching-and-artifacts.md §6.3 Better).
 *
 * It stands in `$TMPDIR/termination-log`, by default `/tmp/termination-log`, since Deno opens nothing below `/dev`: the Jobs say
 * `terminationMessagePath: /tmp/termination-log`.
 */

import { join } from "node:path";
import type { FailureClass, FailureDetail } from "../failure.ts";

/** What a size check found. */
export interface Measured {
  readonly url: string;
  readonly sizeBytes: number;
  /** The commit that was measured; give it to the download as `AIM_DOWNLOADER_REVISION`. */
  readonly revision?: string;
}

export type Result = Measured | {
  readonly class: FailureClass;
  readonly message: string;
  readonly detail?: FailureDetail;
};

/** A kubelet keeps 4096 bytes; a message of more would be cut inside of the JSON. */
const longestMessage = 3000;

/** The message as JSON. */
export function terminationMessage(result: Result): string {
  if (!("class" in result)) return JSON.stringify(result);
  let { message } = result;
  const json = () => JSON.stringify({ class: result.class, message, detail: result.detail });
  while (new TextEncoder().encode(json()).length > longestMessage) {
    message = `${message.slice(0, Math.floor(message.length * 0.8))} …`;
  }
  return json();
}

/** Writes it; outside of a pod there may be no such place, which harms nobody. */
export async function writeTermination(folder: string, result: Result): Promise<void> {
  await Deno.writeTextFile(join(folder, "termination-log"), terminationMessage(result)).catch(() => {});
}
