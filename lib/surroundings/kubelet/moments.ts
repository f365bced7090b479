/** What a pod that is played lives through, one moment after the other. What it has lived through stands in its status. */

import type { ContainerStatus } from "kubernetes-types/core/v1";
import { type Behaviour, type BoundPod, type Log, type Run, textOf } from "./behaviour.ts";
import { crashed, ended, endedBeside, type Moment, running, waiting } from "./pod_status.ts";

/** How often an image that was not to be had is pulled again, in milliseconds. */
export const pullEvery = 1_000;

/** What a pod comes to, and when to look again; or how long it stays as it is. Milliseconds. */
export type Next = { readonly moment: Moment; readonly again?: number } | { readonly wait: number };

/** What the pod comes to next; undefined when it stays as it is. */
export function momentAfter(pod: BoundPod, behaviour: Behaviour, now: Date): Next | undefined {
  const [first] = pod.status?.containerStatuses ?? [];
  switch (behaviour.does) {
    case "never start":
      if (first !== undefined) return { wait: pullEvery };
      return {
        moment: waiting(behaviour.reason ?? "ContainerCreating", behaviour.message),
        again: pullEvery,
      };
    case "fail to pull":
      return { moment: failedPull(first, behaviour.message), again: pullEvery };
    case "serve":
      return hasStarted(first) ? undefined : { moment: running(now) };
    case "crash":
    case "run":
      if (!hasStarted(first)) return { moment: running(now), again: behaviour.milliseconds ?? 0 };
      return afterRun(pod, behaviour, now);
  }
}

/** A kubelet alternates: the attempt with the registry's words, then the pause. */
function failedPull(before: ContainerStatus | undefined, message: string): Moment {
  return before?.state?.waiting?.reason === "ErrImagePull"
    ? waiting("ImagePullBackOff", `Back-off pulling image: ErrImagePull: ${message}`)
    : waiting("ErrImagePull", message);
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
  if (left > 0) return { wait: left };
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
