/** What a pod that is played lives through, one moment after the other. What it has lived through stands in its status. */

import type { ContainerStatus } from "kubernetes-types/core/v1";
import { backoffAfter, type BackoffBounds } from "../../kube/backoff.ts";
import { type Behaviour, type BoundPod, type Log, type Run, textOf } from "./behaviour.ts";
import { crashed, ended, endedBeside, type Moment, running, waiting } from "./pod_status.ts";

/** How long a try to pull is seen to have failed, before it is seen to wait for the next one. Milliseconds. */
const failureShows = 1_000;

/** How often it is looked whether what a running pod does has changed, in milliseconds. */
const lookEvery = 1_000;

/**
 * The pauses before what could not start is tried again. A kubelet's first is ten seconds; who has mended what a pod of ours
 * waits for sees it sooner.
 */
const pause: BackoffBounds = { first: 1_000, longest: 300_000, jitter: 0 };

/** A pod that could not start. */
export interface Hold {
  /** What it comes to, if to anything new. */
  readonly moment?: Moment;
  /** How long nothing is tried, in milliseconds. */
  readonly again: number;
  /** How many pauses between tries have begun. */
  readonly pauses: number;
}

/** What a pod comes to, if to anything new, and after how many milliseconds to look again; or that it could not start. */
export type Next = { readonly moment?: Moment; readonly again?: number } | Hold;

/**
 * What the pod comes to next; undefined when it stays as it is.
 *
 * @param pauses of the last {@link Hold}; 0 if the pod has started since
 */
export function momentAfter(
  pod: BoundPod,
  behaviour: Behaviour,
  now: Date,
  pauses: number,
): Next | undefined {
  const [first] = pod.status?.containerStatuses ?? [];
  switch (behaviour.does) {
    case "never start": {
      if (hasStarted(first)) return { again: lookEvery };
      const { reason = "ContainerCreating", message } = behaviour;
      return paused(first === undefined ? waiting(reason, message) : undefined, pauses);
    }
    case "fail to pull":
      return failedPull(first, behaviour.message, pauses);
    case "serve":
      return hasStarted(first) ? undefined : { moment: running(now) };
    case "crash":
    case "run":
      if (!hasStarted(first)) return { moment: running(now), again: behaviour.milliseconds ?? 0 };
      return afterRun(pod, behaviour, now);
  }
}

/** A kubelet alternates: the attempt with the registry's words, then the pause. */
function failedPull(before: ContainerStatus | undefined, message: string, pauses: number): Hold {
  return before?.state?.waiting?.reason === "ErrImagePull"
    ? paused(waiting("ImagePullBackOff", `Back-off pulling image: ErrImagePull: ${message}`), pauses)
    : { moment: waiting("ErrImagePull", message), again: failureShows, pauses };
}

/** The next pause begins, after so many. */
function paused(moment: Moment | undefined, before: number): Hold {
  const pauses = before + 1;
  return { moment, again: backoffAfter(pauses, pause, 0), pauses };
}

/** A container that runs ends once its time is over. */
function afterRun(
  pod: BoundPod,
  behaviour: Extract<Behaviour, { does: "run" | "crash" }>,
  now: Date,
): Next | undefined {
  const startedAt = pod.status?.containerStatuses?.[0].state?.running?.startedAt;
  if (startedAt === undefined) return undefined;
  const from = new Date(startedAt);
  const left = from.getTime() + (behaviour.milliseconds ?? 0) - now.getTime();
  if (left > 0) return { again: left };
  const run: Run = behaviour;
  if (behaviour.does === "crash") return { moment: crashed(run, from, now) };
  if (behaviour.othersStay) return { moment: endedBeside(pod, run, from, now) };
  return { moment: ended(run, from, now, terminationMessage(pod, run)) };
}

/** The end of the log of a run that failed, where the container asks for it: a kubelet keeps 2048 bytes of it. */
function terminationMessage({ spec }: BoundPod, { log, exitCode = 0 }: Run): string | undefined {
  const asked = spec?.containers[0]?.terminationMessagePolicy === "FallbackToLogsOnError";
  return asked && exitCode !== 0 && log !== undefined ? textOf(log).slice(-2048) : undefined;
}

function hasStarted(container: ContainerStatus | undefined): boolean {
  return container?.state?.running !== undefined || container?.state?.terminated !== undefined ||
    container?.lastState?.terminated !== undefined;
}

/** The log that there is from the moment on in which a run begins: that of all of it. Undefined at other moments. */
export function logAt(behaviour: Behaviour, { state }: Moment): Log | undefined {
  if (state.running === undefined) return undefined;
  return "log" in behaviour ? behaviour.log ?? "" : "";
}
