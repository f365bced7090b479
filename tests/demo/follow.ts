/** Watching a service on its way, until it runs or the time is over. */

import { choiceOf, complaints, isRunning, type Objects, pathOf, progressOf } from "./path.ts";
import type { Screen } from "./screen.ts";

export interface FollowOptions {
  /** How long to wait. */
  readonly seconds: number;
  /** Often enough that no step is missed, seldom enough to take little from what is watched. */
  readonly everyMilliseconds?: number;
  /** Told each time that the table has shown a download under way. */
  readonly onDownloading?: () => void;
}

/** How it ended: with a running service and why it has its template, or with what the status says is missing. */
export type Outcome = { readonly running: true; readonly choice: string } | {
  readonly running: false;
  readonly says: string[];
};

/** Shows the table until the service runs or the time is over. A read that fails is tried again. */
export async function follow(
  read: () => Promise<Objects>,
  screen: Screen,
  { seconds, everyMilliseconds = 150, onDownloading }: FollowOptions,
): Promise<Outcome> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  let says = ["The cluster could not be read."];
  for (;;) {
    try {
      const objects = await read();
      screen.table(pathOf(objects), elapsed());
      if (objects.artifacts.some((each) => progressOf(each) !== undefined)) onDownloading?.();
      if (isRunning(objects)) return { running: true, choice: choiceOf(objects) ?? "" };
      says = complaints(objects);
    } catch (error) {
      says = [`The cluster could not be read: ${error instanceof Error ? error.message : error}`];
    }
    if (elapsed() >= seconds) return { running: false, says };
    await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
  }
}
