/**
 * A kubelet stand-in: nodes of ours, with logs that the real `pods/log` reads. A pod whose images are all known as
 * programs runs as real processes on this machine; every other pod is played, as a function says. kwok may run
 * beside it for other kinds: it leaves nodes without its annotation alone.
 *
 * The nodes are Ready from the start and stay so: the controller that would miss their heartbeat is off
 * (`controllers.ts`).
 */

import { join } from "node:path";
import { Discovery } from "../../lib/kube/discovery.ts";
import { isStatus } from "../../lib/kube/errors.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { Informer } from "../../lib/kube/watch/informer.ts";
import { kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import type { Live, Resource } from "../../lib/kube/object.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { Warden } from "../control_plane/processes/warden.ts";
import { type gpuNode, kwokNodeAnnotation } from "../control_plane/nodes.ts";
import { loopbackOf, podAddress } from "../../lib/surroundings/kubelet/addresses.ts";
import type { BehaviourOf, BoundPod } from "../../lib/surroundings/kubelet/behaviour.ts";
import { serveLogs } from "./log_server.ts";
import { type LoggedRun, PodLife } from "./pod_life.ts";
import { type Moment, statusOf } from "../../lib/surroundings/kubelet/pod_status.ts";
import type { ImageOf } from "./processes/image.ts";
import { ProcessPod } from "./processes/process_pod.ts";
import { Volumes } from "./processes/volumes.ts";

const pods: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

export interface NodeAgentOptions {
  /** Nodes as `gpuNode` makes them; what marks them as kwok's is taken off. */
  readonly nodes: readonly ReturnType<typeof gpuNode>[];
  /** What pods on them do. It may answer otherwise later: a pod that has not started is asked for again. */
  readonly behaviourOf?: BehaviourOf;
  /** Images whose containers run as processes; `behaviourOf` goes before it. */
  readonly imageOf?: ImageOf;
  /** Told of a status that could not be written. */
  readonly log?: (line: string) => void;
}

/** Registers the nodes and plays their pods until it is stopped. */
export async function startNodeAgent(plane: Cluster, options: NodeAgentOptions): Promise<NodeAgent> {
  const kubeconfig = await plane.kubeconfigForUser({ user: "node-agent", groups: ["system:masters"] });
  const transport = new HttpTransport(await kubeconfigAccess([kubeconfig]));
  const agent = new NodeAgent(transport, plane, options);
  try {
    for (const node of options.nodes) await agent.register(node);
  } catch (error) {
    await agent.stop();
    throw error;
  }
  return agent;
}

/** A pod's life, played or real. */
interface Life {
  pod: BoundPod;
  /** Resolves when nothing of it is left. */
  readonly lived: Promise<void>;
  /** Of a container, the run that has a log, if one has begun. */
  runOf(container: string): LoggedRun | undefined;
  /** Ends it as the deletion of its pod asks for. */
  terminate(): Promise<void>;
  /** Ends it at once. */
  stop(): void;
}

export class NodeAgent implements AsyncDisposable {
  readonly #transport: HttpTransport;
  readonly #options: NodeAgentOptions;
  readonly #lives = new Map<string, Life>();
  readonly #nodes = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  readonly #warden = new Warden();
  readonly #ownEnv: Readonly<Record<string, string>>;
  /** Where the volumes of pods that run stand. */
  readonly volumes: Volumes;
  #closed?: Promise<void>;
  #addresses = 0;

  /** Use {@link startNodeAgent}. */
  constructor(
    transport: HttpTransport,
    plane: Cluster,
    options: NodeAgentOptions,
    private readonly folder = join(plane.folder, "node-agent"),
  ) {
    this.#transport = transport;
    this.#options = options;
    this.volumes = new Volumes(transport, folder, plane.caFile);
    const { hostname, port } = new URL(plane.url);
    this.#ownEnv = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    this.#server = serveLogs(plane.authority.forServer(["127.0.0.1"]), (namespace, name, container) => {
      const life = this.#lives.get(`${namespace}/${name}`);
      const { containers = [], initContainers = [] } = life?.pod.spec ?? {};
      const known = [...containers, ...initContainers].some((each) => each.name === container);
      return known ? { run: life!.runOf(container) } : undefined;
    });
    const informer = new Informer<BoundPod>({
      transport,
      resource: pods,
      discovery: new Discovery(transport),
      sink: {
        replaced: (all) => {
          for (const pod of all) this.#seen(pod);
          const names = new Set(all.map(keyOf));
          for (const key of this.#lives.keys()) if (!names.has(key)) this.#gone(key);
        },
        put: (pod) => this.#seen(pod),
        removed: (pod) => this.#gone(keyOf(pod)),
        uninstalled() {},
      },
    });
    this.#watching = informer.run(this.#stopping.signal);
  }

  /** Makes a Node whose kubelet is this agent. */
  async register(node: ReturnType<typeof gpuNode>): Promise<void> {
    this.#nodes.add(node.metadata.name);
    const { [kwokNodeAnnotation]: _, ...annotations } = node.metadata.annotations;
    const now = new Date().toISOString();
    await this.#transport.performRequest({
      method: "POST",
      path: "/api/v1/nodes",
      expectJson: true,
      bodyJson: {
        ...node,
        metadata: { ...node.metadata, annotations },
        status: {
          ...node.status,
          addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
          daemonEndpoints: { kubeletEndpoint: { Port: this.#server.addr.port } },
          conditions: [{
            type: "Ready",
            status: "True",
            reason: "KubeletReady",
            message: "the node agent plays its pods",
            lastHeartbeatTime: now,
            lastTransitionTime: now,
          }],
        },
      },
    });
  }

  #seen(pod: Live<BoundPod>): void {
    const { nodeName } = pod.spec ?? {};
    if (nodeName === undefined || !this.#nodes.has(nodeName)) return;
    const key = keyOf(pod);
    let life = this.#lives.get(key);
    if (life !== undefined && life.pod.metadata?.uid !== pod.metadata.uid) {
      this.#gone(key);
      life = undefined;
    }
    if (life !== undefined) life.pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#report(this.#end(life, pod));
    } else if (life === undefined && !hasEnded(pod)) this.#begin(key, pod);
  }

  #begin(key: string, pod: Live<BoundPod>): void {
    const address = podAddress(++this.#addresses);
    const writeStatus = (pod: BoundPod, moment: Moment) => this.#write(pod, moment, address);
    const failed = (error: unknown) => this.#failed(error);
    this.#lives.set(
      key,
      this.#isExecuted(pod)
        ? new ProcessPod(pod, {
          imageOf: this.#options.imageOf!,
          volumes: this.volumes,
          folder: this.folder,
          warden: this.#warden,
          listenAddress: loopbackOf(address),
          env: this.#ownEnv,
          writeStatus,
        }, failed)
        : new PodLife(pod, (pod) => this.#options.behaviourOf?.(pod), writeStatus, failed),
    );
  }

  /** Whether all its images are programs, and nothing else is wanted of it. */
  #isExecuted(pod: BoundPod): boolean {
    const { imageOf, behaviourOf } = this.#options;
    const { containers = [], initContainers = [] } = pod.spec ?? {};
    return imageOf !== undefined && behaviourOf?.(pod) === undefined &&
      [...containers, ...initContainers].every(({ image }) => imageOf(image ?? "") !== undefined);
  }

  #gone(key: string): void {
    this.#lives.get(key)?.stop();
    this.#lives.delete(key);
  }

  async #write(pod: BoundPod, moment: Moment, address: string): Promise<BoundPod["status"]> {
    const written = await this.#transport.performRequest({
      method: "PATCH",
      path: `${pathOf(pod)}/status`,
      contentType: "application/merge-patch+json",
      // With the UID, so that a pod of the same name that came after it is not meant.
      bodyJson: {
        metadata: { uid: pod.metadata?.uid },
        status: statusOf(pod, moment, { address, now: new Date() }),
      },
      expectJson: true,
    });
    return (written as BoundPod).status;
  }

  async #end(life: Life | undefined, pod: Live<BoundPod>): Promise<void> {
    await life?.terminate();
    await this.#remove(pod);
  }

  /** What a kubelet does once the containers of a deleted pod have ended. */
  async #remove(pod: Live<BoundPod>): Promise<void> {
    await this.#transport.performRequest({
      method: "DELETE",
      path: pathOf(pod),
      bodyJson: { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } },
      expectJson: true,
    });
  }

  #report(work: Promise<void>): void {
    work.catch((error) => this.#failed(error));
  }

  #failed(error: unknown): void {
    // The pod went while it was written to.
    if (this.#stopping.signal.aborted || isStatus(error, 404) || isStatus(error, 409)) return;
    this.#options.log?.(`node agent: ${error instanceof Error ? error.message : error}`);
  }

  /** Plays no more; the Node objects stay. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the node agent stops"));
    for (const life of this.#lives.values()) life.stop();
    await this.#watching;
    await Promise.all([...this.#lives.values()].map((life) => life.lived));
    await (this.#closed ??= this.#warden.close());
    this.#transport.close();
    await this.#server.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function keyOf({ metadata }: BoundPod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function pathOf({ metadata }: BoundPod): string {
  return `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}`;
}

function hasEnded({ status }: BoundPod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
