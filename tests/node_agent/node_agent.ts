/**
 * A kubelet stand-in: nodes of ours, whose pods live as a function says, with logs that the real `pods/log`
 * reads. Nothing is executed. kwok may run beside it for other kinds: it leaves nodes without its annotation
 * alone.
 *
 * The nodes are Ready from the start and stay so: the controller that would miss their heartbeat is off
 * (`controllers.ts`).
 */

import { Discovery } from "../../lib/kube/discovery.ts";
import { isStatus } from "../../lib/kube/errors.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { Informer } from "../../lib/kube/informer.ts";
import { kubeconfigAccess } from "../../lib/kube/kubeconfig.ts";
import type { Live, Resource } from "../../lib/kube/object.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import { type gpuNode, kwokNodeAnnotation } from "../control_plane/nodes.ts";
import type { BehaviourOf, BoundPod } from "./behaviour.ts";
import { serveLogs } from "./log_server.ts";
import { PodLife } from "./pod_life.ts";
import { type Moment, statusOf } from "./pod_status.ts";

const pods: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

export interface NodeAgentOptions {
  /** Nodes as `gpuNode` makes them; what marks them as kwok's is taken off. */
  readonly nodes: readonly ReturnType<typeof gpuNode>[];
  /** What pods on them do. It may answer otherwise later: a pod that has not started is asked for again. */
  readonly behaviourOf?: BehaviourOf;
  /** Told of a status that could not be written. */
  readonly log?: (line: string) => void;
}

/** Registers the nodes and plays their pods until it is stopped. */
export async function startNodeAgent(plane: ControlPlane, options: NodeAgentOptions): Promise<NodeAgent> {
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

export class NodeAgent implements AsyncDisposable {
  readonly #transport: HttpTransport;
  readonly #options: NodeAgentOptions;
  readonly #lives = new Map<string, PodLife>();
  readonly #nodes = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #addresses = 0;

  /** Use {@link startNodeAgent}. */
  constructor(transport: HttpTransport, plane: ControlPlane, options: NodeAgentOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#server = serveLogs(plane.authority.forServer(["127.0.0.1"]), (namespace, name, container) => {
      const life = this.#lives.get(`${namespace}/${name}`);
      const known = life?.pod.spec?.containers.some((each) => each.name === container);
      return known ? { run: life!.run } : undefined;
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
      life?.stop();
      this.#report(this.#remove(pod));
    } else if (life === undefined && !hasEnded(pod)) this.#begin(key, pod);
  }

  #begin(key: string, pod: Live<BoundPod>): void {
    const address = `10.244.${this.#addresses >> 8 & 255}.${this.#addresses++ & 255}`;
    const life = new PodLife(
      pod,
      (pod) => this.#options.behaviourOf?.(pod),
      (pod, moment) => this.#write(pod, moment, address),
      (error) => this.#failed(error),
    );
    this.#lives.set(key, life);
  }

  #gone(key: string): void {
    this.#lives.get(key)?.stop();
    this.#lives.delete(key);
  }

  async #write(pod: BoundPod, moment: Moment, address: string): Promise<void> {
    await this.#transport.performRequest({
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
