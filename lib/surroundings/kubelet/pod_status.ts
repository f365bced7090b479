/** The status that a kubelet writes, for each moment of a pod's life. */

import type { ContainerState, ContainerStatus, PodCondition } from "kubernetes-types/core/v1";
import type { BoundPod, Run } from "./behaviour.ts";

/** How the containers are; `ready` only while they run, `started` once the init containers are done. */
export interface Moment {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly restartCount?: number;
  /** How single containers are, where they differ; those that are not named have not begun. */
  readonly containers?: ReadonlyMap<string, ContainerMoment>;
  /** Whether the init containers are done; only with `containers`. */
  readonly initialised?: boolean;
}

/** How one container is. */
export interface ContainerMoment {
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly restartCount?: number;
  readonly ready: boolean;
}

export function waiting(reason: string, message?: string): Moment {
  return { phase: "Pending", state: { waiting: { reason, message } } };
}

export function running(at: Date): Moment {
  return { phase: "Running", state: { running: { startedAt: at.toISOString() } } };
}

export function ended(run: Run, from: Date, at: Date, message?: string): Moment {
  const terminated = { ...terminatedOf(run, from, at), ...(message && { message }) };
  return { phase: terminated.exitCode === 0 ? "Succeeded" : "Failed", state: { terminated } };
}

/** The first container has ended, the others run on. */
export function endedBeside(pod: BoundPod, run: Run, from: Date, at: Date): Moment {
  const states = (pod.spec?.containers ?? []).map(({ name }, index): [string, ContainerMoment] => [
    name,
    index === 0
      ? { state: { terminated: terminatedOf(run, from, at) }, ready: false }
      : { ...running(from), ready: true },
  ]);
  return { ...running(from), containers: new Map(states), initialised: true };
}

/** Waits for its next run after one that ended. */
export function crashed(run: Run, from: Date, at: Date): Moment {
  return {
    phase: "Running",
    state: {
      waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s restarting failed container" },
    },
    lastState: { terminated: terminatedOf(run, from, at) },
    restartCount: 1,
  };
}

function terminatedOf({ exitCode, outOfMemory }: Run, from: Date, at: Date) {
  const code = exitCode ?? (outOfMemory ? 137 : 0);
  return {
    exitCode: code,
    reason: outOfMemory ? "OOMKilled" : code === 0 ? "Completed" : "Error",
    startedAt: from.toISOString(),
    finishedAt: at.toISOString(),
  };
}

/** The whole status, over what the API server and the scheduler have written into it. */
export function statusOf(pod: BoundPod, moment: Moment, { address, now }: { address: string; now: Date }) {
  const started = moment.initialised ??
    (moment.state.waiting === undefined || moment.lastState !== undefined);
  const init = started
    ? { terminated: terminatedOf({}, now, now) }
    : { waiting: { reason: "PodInitializing" } };
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const ready = moment.containers === undefined
    ? moment.state.running !== undefined
    : containers.every(({ name }) => moment.containers!.get(name)?.ready);
  const why = moment.phase === "Succeeded"
    ? "PodCompleted"
    : moment.phase === "Failed"
    ? "PodFailed"
    : "ContainersNotReady";
  const facts: [string, boolean, string?][] = [
    ["PodReadyToStartContainers", true],
    ["Initialized", started, "ContainersNotInitialized"],
    ["ContainersReady", ready, why],
    ["Ready", ready, why],
  ];
  const own = facts.map(([type, holds, reason]) => conditionOf(pod, type, holds, reason, now));
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !own.some((each) => each.type === type));
  return {
    phase: moment.phase,
    hostIP: "127.0.0.1",
    hostIPs: [{ ip: "127.0.0.1" }],
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: pod.metadata?.creationTimestamp,
    conditions: [...others, ...own],
    initContainerStatuses: initContainers.length === 0
      ? undefined
      : initContainers.map((each) =>
        containerStatus(each, momentOf(each, moment) ?? { state: init, ready: started })
      ),
    containerStatuses: containers.map((each) =>
      containerStatus(each, momentOf(each, moment) ?? { ...moment, ready })
    ),
  };
}

function momentOf({ name }: { name: string }, moment: Moment): ContainerMoment | undefined {
  return moment.containers?.get(name);
}

function containerStatus(
  { name, image = "" }: { name: string; image?: string },
  { state, lastState, restartCount = 0, ready }: ContainerMoment,
): ContainerStatus & Record<string, unknown> {
  const id = `node-agent://${name}`;
  return {
    name,
    image,
    imageID: state.waiting && !lastState ? "" : `node-agent://${image}`,
    containerID: state.waiting && !lastState ? "" : id,
    ready,
    started: state.running !== undefined,
    restartCount,
    state,
    lastState: lastState ?? {},
  };
}

function conditionOf(
  pod: BoundPod,
  type: string,
  holds: boolean,
  reason: string | undefined,
  now: Date,
): PodCondition {
  const status = holds ? "True" : "False";
  const before = pod.status?.conditions?.find((each) => each.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now.toISOString();
  return { type, status, lastTransitionTime, ...(holds ? {} : { reason }) };
}
