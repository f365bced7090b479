/** What the benches of the catalogue stand on: a control plane without KServe, played discovery pods, registries. */

import { fileURLToPath } from "node:url";
import { Discovery } from "../../lib/kube/discovery.ts";
import { Informer } from "../../lib/kube/informer.ts";
import type { KubeObject, Resource } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { aimLabels, type Deployment } from "../catalogue/aim_image.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { gpuNode } from "../control_plane/nodes.ts";
import { until } from "../control_plane/until.ts";
import { discoveryImages, type DryRun, profiled } from "../node_agent/discovery_images.ts";
import { type NodeAgent, startNodeAgent } from "../node_agent/node_agent.ts";
import { type OperatorProcess, startOperator } from "../operator_process.ts";
import { type Registry, startRegistry } from "../registry/registry.ts";
import { bareClient, create, inParallel } from "./bare_client.ts";
import { observe } from "./progress.ts";

export const namespaces = Array.from({ length: 10 }, (_, i) => `catalogue-${i}`);

const kind = (group: string, version: string, kind: string, plural: string): Resource => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
});
const models = kind("aim.eai.amd.com", "v1alpha1", "AIMModel", "aimmodels");
const jobs = kind("batch", "v1", "Job", "jobs");

type Job = KubeObject & { status?: { conditions?: { type: string; status: string }[] } };

export class CatalogueCluster implements AsyncDisposable {
  /** The word in each model's status, by namespace and name. */
  readonly words = new Map<string, string>();
  /** The most discovery Jobs that were there and had not ended, at any moment. */
  mostJobs = 0;
  readonly #activeJobs = new Set<string>();
  readonly #watching = new AbortController();

  private constructor(
    readonly plane: ControlPlane,
    readonly agent: NodeAgent,
    readonly client: Transport,
    readonly registry: Registry,
    readonly operator: OperatorProcess,
    readonly dryRuns: Map<string, DryRun>,
  ) {
    const { signal } = this.#watching;
    observe(client, models, ({ metadata, status }) => {
      this.words.set(`${metadata.namespace}/${metadata.name}`, status?.status ?? "");
    }, signal);
    const ended = ({ status }: Job) =>
      status?.conditions?.some(({ type, status }) => /^(Complete|Failed)$/.test(type) && status === "True");
    const seen = (job: Job) => {
      const uid = job.metadata!.uid!;
      if (ended(job)) this.#activeJobs.delete(uid);
      else this.#activeJobs.add(uid);
      this.mostJobs = Math.max(this.mostJobs, this.#activeJobs.size);
    };
    new Informer<Job>({
      transport: client,
      discovery: new Discovery(client),
      resource: jobs,
      labelSelector: "app.kubernetes.io/component=discovery",
      sink: {
        put: seen,
        replaced: (items) => items.forEach(seen),
        removed: ({ metadata }) => this.#activeJobs.delete(metadata.uid),
        uninstalled() {},
      },
    }).run(signal);
  }

  static async start(): Promise<CatalogueCluster> {
    const dryRuns = new Map<string, DryRun>();
    const plane = await startControlPlane({
      controllerManager: true,
      scheduler: true,
      kserve: {},
      gatewayApi: true,
      auditLog: true,
    });
    let agent: NodeAgent | undefined;
    let registry: Registry | undefined;
    try {
      agent = await startNodeAgent(plane, {
        nodes: [gpuNode("bench-node", { model: "MI300X", pods: 500 })],
        behaviourOf: discoveryImages(dryRuns),
        log: (line) => console.error(line),
      });
      const manifests = fileURLToPath(new URL("../../manifests", import.meta.url));
      const applied = await plane.kubectl(["apply", "-k", manifests]);
      if (applied.code !== 0) throw new Error(applied.stderr);
      const client = await bareClient(plane.adminKubeconfig);
      for (const name of namespaces) {
        await create(client, "/api/v1/namespaces", {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name },
        });
      }
      registry = await startRegistry({ program: "go-containerregistry" });
      const operator = await startOperator(plane);
      return new CatalogueCluster(plane, agent, client, registry, operator, dryRuns);
    } catch (error) {
      await registry?.stop();
      await agent?.stop();
      await plane.stop();
      throw error;
    }
  }

  /**
   * Pushes an image for each name.
   *
   * @param host of the registry, or of what stands before it, as models are to name it
   * @returns the references, in the order of the names
   */
  async push(
    names: readonly string[],
    deployments: readonly Deployment[],
    host: string,
  ): Promise<string[]> {
    await inParallel(
      names,
      (name) => this.registry.push(`${name}:1`, aimLabels(modelIdOf(name), deployments)),
    );
    return names.map((name) => {
      const reference = `${host}/${name}:1`;
      this.dryRuns.set(reference, profiled(modelIdOf(name), 1));
      return reference;
    });
  }

  /** Creates a model for each image, spread over the namespaces; returns their keys in {@link words}. */
  async createModels(prefix: string, images: readonly string[]): Promise<string[]> {
    const objects = images.map((image, n) => ({
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMModel",
      metadata: { name: `${prefix}-${n}`, namespace: namespaces[n % namespaces.length] },
      spec: { image },
    }));
    await inParallel(objects, (object) => {
      const path = `/apis/aim.eai.amd.com/v1alpha1/namespaces/${object.metadata.namespace}/aimmodels`;
      return create(this.client, path, object);
    });
    return objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  /** Waits until all of these models are Ready. */
  async allReady(keys: readonly string[], seconds: number): Promise<void> {
    const ready = () => keys.filter((key) => this.words.get(key) === "Ready").length;
    await until(`${keys.length} models Ready`, () => ready() === keys.length, {
      seconds,
      everyMilliseconds: 100,
    }).catch((error) => {
      throw new Error(`${error.message}; ${ready()} are`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching.abort();
    await this.agent.stop();
    await this.registry.stop();
    await this.plane.stop();
  }
}

/** `bench/model-1` for `aim/model-1` */
function modelIdOf(name: string): string {
  return `bench/${name.split("/").at(-1)}`;
}
