/** One pod's life on a node that runs its containers as processes. */

import { join } from "node:path";
import { delay } from "../../../lib/kube/backoff.ts";
import type { ContainerState } from "../../../lib/operator/objects.ts";
import type { Warden } from "../../control_plane/processes/warden.ts";
import type { BoundPod } from "../../../lib/surroundings/kubelet/behaviour.ts";
import type { LoggedRun } from "../pod_life.ts";
import { type ContainerMoment, type Moment, waiting } from "../../../lib/surroundings/kubelet/pod_status.ts";
import { ContainerRun, type Mount } from "./container.ts";
import { ConfigError, environmentOf, expanded, type Variable } from "./environment.ts";
import { type Image, type ImageOf, packageEnvironment, sharedMounts } from "./image.ts";
import { fieldOf, MountError, type Volumes } from "./volumes.ts";

/** A container as it stands in a pod, as far as it is honoured here. */
interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly Variable[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
  readonly securityContext?: SecurityContext;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: string;
  readonly readinessProbe?: {
    readonly tcpSocket?: { readonly port: number | string };
    readonly httpGet?: { readonly port: number | string; readonly path?: string };
  };
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly fsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  readonly readOnlyRootFilesystem?: boolean;
}

/** What a pod needs of its node. */
export interface Node {
  readonly imageOf: ImageOf;
  readonly volumes: Volumes;
  /** Folder for what the node keeps of its pods. */
  readonly folder: string;
  /** Ends what runs when we do. */
  readonly warden: Warden;
  /** Address at which the pod's processes are to listen: one of the loopback range for each pod. */
  readonly listenAddress: string;
  /** What a kubelet puts into every container, `KUBERNETES_SERVICE_HOST` and the like. */
  readonly env: Readonly<Record<string, string>>;
  readonly writeStatus: (pod: BoundPod, moment: Moment) => Promise<unknown>;
}

/** How often what does not hold yet is looked at again, in milliseconds. */
const lookAgain = 200;
/** The first pause before a container is started again; it doubles. A kubelet begins with 10 s. */
const firstBackoff = 1_000;
const longestBackoff = 300_000;

/** Of one container: what a kubelet would say of it, and the run that its log is of. */
interface State {
  moment: ContainerMoment;
  run?: ContainerRun;
  /** Of the run before this one. */
  previousLog?: string;
}

export class ProcessPod {
  readonly #states = new Map<string, State>();
  readonly #stopping = new AbortController();
  #initialised = false;
  #termination?: Promise<void>;
  /** Resolves when no process of the pod is left and nothing more is written. */
  readonly lived: Promise<void>;

  /** @param failed is told what ended the pod's life before its time */
  constructor(public pod: BoundPod, private readonly node: Node, failed: (error: unknown) => void) {
    this.lived = this.#live().catch((error) => {
      if (!this.#stopping.signal.aborted) failed(error);
    });
  }

  /** The log of a container; undefined if it has not begun. */
  runOf(container: string): LoggedRun | undefined {
    const state = this.#states.get(container);
    if (state?.run !== undefined) return { log: state.run.log, follow: state.run.follow(), over: false };
    return state?.previousLog === undefined ? undefined : { log: state.previousLog, over: true };
  }

  /** Ends its processes: asks them, and kills what is left after the pod's grace period. */
  terminate(): Promise<void> {
    return this.#termination ??= this.#terminate();
  }

  async #terminate(): Promise<void> {
    const { deletionGracePeriodSeconds: grace = 30 } = this.pod.metadata as {
      deletionGracePeriodSeconds?: number;
    };
    this.#stopping.abort(new Error("the pod is gone"));
    const runs = [...this.#states.values()].flatMap(({ run }) => run ?? []);
    const ended = Promise.all(runs.map((run) => run.ended));
    for (const run of runs) await run.kill("SIGTERM");
    const timer = setTimeout(() => runs.forEach((run) => run.kill("SIGKILL")), grace * 1000);
    await ended;
    clearTimeout(timer);
    await this.lived;
    await this.node.volumes.release(this.pod);
  }

  /** Ends it at once. */
  stop(): void {
    this.#stopping.abort(new Error("the node stops"));
    for (const { run } of this.#states.values()) run?.kill("SIGKILL");
  }

  async #live(): Promise<void> {
    const { initContainers = [], containers = [] } = this.pod.spec as {
      initContainers?: ContainerSpec[];
      containers: ContainerSpec[];
    };
    const folders = await this.#mounted();
    for (const container of initContainers) {
      if (await this.#toItsEnd(container, folders) !== 0) {
        await this.#write("Failed");
        return;
      }
    }
    this.#initialised = true;
    const codes = await Promise.all(containers.map((each) => this.#toItsEnd(each, folders)));
    await this.#write(codes.every((code) => code === 0) ? "Succeeded" : "Failed");
  }

  /** The folders of its volumes, once all can be had. */
  async #mounted(): Promise<ReadonlyMap<string, string>> {
    for (let told = "";;) {
      try {
        return await this.node.volumes.prepare(this.pod);
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        if (told !== error.message) {
          await this.node.writeStatus(this.pod, waiting("ContainerCreating", error.message));
          told = error.message;
        }
      }
      await this.#pause(lookAgain);
    }
  }

  /** Runs a container until it is not to be started again; returns its exit code. */
  async #toItsEnd(container: ContainerSpec, folders: ReadonlyMap<string, string>): Promise<number> {
    const always = (this.pod.spec?.restartPolicy ?? "Always") === "Always" && this.#initialised;
    const state: State = { moment: { state: { waiting: { reason: "ContainerCreating" } }, ready: false } };
    this.#states.set(container.name, state);
    for (let restarts = 0;; restarts++) {
      const run = await this.#started(container, folders, state, restarts);
      const probing = this.#becomesReady(container, state, run);
      const { exitCode } = await run.ended;
      const terminated = await this.#terminated(container, run, exitCode);
      await probing;
      if (!always) {
        state.moment = { state: { terminated }, ready: false, restartCount: restarts };
        await this.#write("Running");
        return exitCode;
      }
      state.previousLog = run.log;
      state.run = undefined;
      const reason = "CrashLoopBackOff";
      const pause = Math.min(longestBackoff, firstBackoff * 2 ** restarts);
      const message = `back-off ${pause / 1000}s restarting failed container=${container.name}`;
      state.moment = {
        state: { waiting: { reason, message } },
        lastState: { terminated },
        ready: false,
        restartCount: restarts,
      };
      await this.#write("Running");
      await this.#pause(pause);
    }
  }

  /** Starts the container as soon as its configuration can be read. */
  async #started(
    container: ContainerSpec,
    folders: ReadonlyMap<string, string>,
    state: State,
    restarts: number,
  ): Promise<ContainerRun> {
    for (;;) {
      this.#stopping.signal.throwIfAborted();
      try {
        const run = await this.#start(container, folders);
        state.run = run;
        state.moment = {
          ...state.moment,
          state: { running: { startedAt: run.from.toISOString() } },
          restartCount: restarts,
          ready: false,
        };
        await this.#write("Running");
        return run;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        state.moment = {
          ...state.moment,
          state: { waiting: { reason: "CreateContainerConfigError", message: error.message } },
          ready: false,
        };
        await this.#write(restarts > 0 ? "Running" : "Pending");
      }
      await this.#pause(lookAgain);
    }
  }

  async #start(container: ContainerSpec, folders: ReadonlyMap<string, string>): Promise<ContainerRun> {
    const image = this.node.imageOf(container.image ?? "");
    if (image === undefined) throw new ConfigError(`image ${container.image} runs nothing on this node`);
    const pod = (this.pod.spec?.securityContext ?? {}) as SecurityContext;
    const { runAsUser, runAsGroup, runAsNonRoot, readOnlyRootFilesystem = false } = {
      ...pod,
      ...container.securityContext,
    };
    if (runAsNonRoot && !runAsUser) {
      throw new ConfigError("container has runAsNonRoot and image will run as root");
    }
    const env = await environmentOf(container.env ?? [], this.#references(), {
      HOME: "/",
      ...packageEnvironment(),
      DENO_NO_UPDATE_CHECK: "1",
      POD_LISTEN_ADDRESS: this.node.listenAddress,
      ...this.node.env,
      ...image.env,
    });
    const messageFile = this.#messageFile(container);
    await Deno.mkdir(join(messageFile, ".."), { recursive: true });
    await Deno.writeTextFile(messageFile, "");
    await Deno.chmod(messageFile, 0o666);
    return new ContainerRun({
      command: commandOf(container, image, env),
      env,
      workingDir: container.workingDir,
      user: runAsUser ?? 0,
      group: runAsGroup ?? 0,
      groups: [...pod.supplementalGroups ?? [], ...pod.fsGroup === undefined ? [] : [pod.fsGroup]],
      readOnlyRoot: readOnlyRootFilesystem,
      mounts: [
        ...Object.entries(sharedMounts()).map(([from, to]) => ({ from, to, readOnly: true })),
        ...Object.entries(image.files ?? {}).map(([to, from]) => ({ from, to, readOnly: true })),
        ...this.#volumeMounts(container, folders),
        { from: messageFile, to: messagePath(container), readOnly: false },
      ],
    }, this.node.warden);
  }

  #references() {
    const namespace = this.pod.metadata?.namespace ?? "";
    const { volumes } = this.node;
    return {
      secret: (name: string) => volumes.data("secrets", namespace, name),
      configMap: (name: string) => volumes.data("configmaps", namespace, name),
      field: (path: string) => fieldOf(this.pod, path),
    };
  }

  #volumeMounts({ volumeMounts = [] }: ContainerSpec, folders: ReadonlyMap<string, string>): Mount[] {
    return volumeMounts.flatMap(({ name, mountPath, subPath = "", readOnly = false }) => {
      const folder = folders.get(name);
      return folder === undefined ? [] : [{ from: join(folder, subPath), to: mountPath, readOnly }];
    });
  }

  /** Says that the container is ready once its probe succeeds; at once where it has none. */
  async #becomesReady(container: ContainerSpec, state: State, run: ContainerRun): Promise<void> {
    let over = false;
    run.ended.then(() => over = true);
    while (!over && !this.#stopping.signal.aborted) {
      if (await this.#probe(container)) {
        if (over) return;
        state.moment = { ...state.moment, ready: true };
        await this.#write("Running");
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, lookAgain));
    }
  }

  async #probe({ readinessProbe, ports = [] }: ContainerSpec): Promise<boolean> {
    // Without a probe, a container that has a port is ready once it listens there: before, nobody could be served.
    const asked = readinessProbe?.httpGet ?? readinessProbe?.tcpSocket;
    const target = asked ?? (ports.length > 0 ? { port: ports[0].containerPort } : undefined);
    if (target === undefined) return true;
    const port = typeof target.port === "number"
      ? target.port
      : ports.find(({ name }) => name === target.port)?.containerPort;
    try {
      if (readinessProbe?.httpGet !== undefined) {
        const { path = "/" } = readinessProbe.httpGet;
        const answer = await fetch(`http://${this.node.listenAddress}:${port}${path}`);
        await answer.body?.cancel();
        return answer.status < 400;
      }
      (await Deno.connect({ hostname: this.node.listenAddress, port: port! })).close();
      return true;
    } catch {
      return false;
    }
  }

  async #terminated(container: ContainerSpec, run: ContainerRun, exitCode: number) {
    let message = (await Deno.readTextFile(this.#messageFile(container))).slice(0, 4096);
    if (message === "" && exitCode !== 0 && container.terminationMessagePolicy === "FallbackToLogsOnError") {
      message = run.log.slice(-2048);
    }
    const terminated: ContainerState["terminated"] & { startedAt: string } = {
      exitCode,
      reason: exitCode === 0 ? "Completed" : "Error",
      ...(message === "" ? {} : { message }),
      startedAt: run.from.toISOString(),
      finishedAt: new Date().toISOString(),
    };
    return terminated;
  }

  #messageFile({ name }: ContainerSpec): string {
    return join(this.node.folder, "messages", this.pod.metadata?.uid ?? "", name);
  }

  #write(phase: Moment["phase"]): Promise<unknown> {
    const containers = new Map([...this.#states].map(([name, { moment }]) => [name, moment]));
    const state: ContainerState = { waiting: { reason: "PodInitializing" } };
    return this.node.writeStatus(this.pod, { phase, state, containers, initialised: this.#initialised });
  }

  #pause(milliseconds: number): Promise<void> {
    return delay(milliseconds, this.#stopping.signal);
  }
}

function messagePath({ terminationMessagePath }: ContainerSpec): string {
  return terminationMessagePath || "/dev/termination-log";
}

/** The pod's `command` in place of the image's, and its `args` behind it. */
function commandOf(
  { command, args = [] }: ContainerSpec,
  image: Image,
  env: Readonly<Record<string, string>>,
): string[] {
  const own = [...command ?? [], ...args].map((each) => expanded(each, env));
  return command === undefined || command.length === 0 ? [...image.entrypoint, ...own] : own;
}
