/** Users of a bench: services, models, templates, caches, configs and nodes come, change and go at random. */

import { gpuNode } from "../control_plane/nodes.ts";
import { clusterModel, clusterTemplate, model, service, template } from "../e2e/catalogue.ts";
import type { Random } from "../simulation/random.ts";

/** The cluster that they have. */
export interface ChurnedCluster {
  /** One request of an administrator; throws what is refused. */
  // deno-lint-ignore no-explicit-any
  request(method: string, path: string, body?: object, contentType?: string): Promise<any>;
  addNode(node: ReturnType<typeof gpuNode>): Promise<unknown>;
  /** Lets so many milliseconds pass. */
  pause(milliseconds: number): Promise<unknown>;
}

const aim = "/apis/aim.eai.amd.com/v1alpha1";
const namespaces = ["churn-a", "churn-b", "churn-c"];
const nodes = ["churn-node-0", "churn-node-1", "churn-node-2"];
const mostServices = 200;

/** What users have in the cluster, and what they do to it. */
export class ChurningUsers {
  readonly services = new Map<string, string>();
  operations = 0;
  #made = 0;

  constructor(private readonly cluster: ChurnedCluster, private readonly random: Random) {}

  /** The catalogue and the namespaces: made anew each time, so that nothing of the last time is left. */
  async furnish(): Promise<void> {
    for (const name of namespaces) {
      await this.cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
    }
    await this.cluster.request("POST", `${aim}/aimclustermodels`, clusterModel("churn"));
    for (
      const object of [
        clusterTemplate("churn-latency", "churn"),
        clusterTemplate("churn-throughput", "churn", { metric: "throughput" }),
      ]
    ) await this.cluster.request("POST", `${aim}/aimclusterservicetemplates`, object);
  }

  /** Deletes all of it, and waits until nothing is left. */
  async clear(): Promise<void> {
    for (const name of namespaces) await this.cluster.request("DELETE", `/api/v1/namespaces/${name}`);
    for (const plural of ["aimclustermodels", "aimclusterservicetemplates", "aimclusterruntimeconfigs"]) {
      await this.cluster.request("DELETE", `${aim}/${plural}`);
    }
    for (const name of nodes) await this.cluster.request("DELETE", `/api/v1/nodes/${name}`).catch(() => {});
    for (;;) {
      const { items } = await this.cluster.request("GET", "/api/v1/namespaces");
      const isOurs = ({ metadata }: { metadata: { name: string } }) => namespaces.includes(metadata.name);
      if (!items.some(isOurs)) break;
      await this.cluster.pause(1_000);
    }
    this.services.clear();
    // What was put off is due after half a minute at the latest.
    await this.cluster.pause(35_000);
  }

  /** One thing that a user does. Refusals are the user's own affair. */
  async act(): Promise<void> {
    this.operations++;
    const namespace = this.random.pick(namespaces);
    const { size } = this.services;
    const acts: [number, () => Promise<unknown>][] = [
      [size < mostServices ? 5 : 0, () => this.#makeService(namespace)],
      [size > 0 ? 6 : 0, () => this.#editService()],
      [size > 20 ? 4 : 0, () => this.#deleteService()],
      [1, () => this.#turn("aimmodels", namespace, model(`own-${this.random.below(5)}`, namespace))],
      [1, () => this.#turn("aimservicetemplates", namespace, this.#template(namespace))],
      [1, () => this.#turn("aimtemplatecaches", namespace, this.#cache(namespace))],
      [1, () => this.#turn("aimruntimeconfigs", namespace, this.#config(namespace))],
      [1, () => this.#turnNode()],
    ];
    await this.random.weighted(acts)().catch(() => {});
  }

  #makeService(namespace: string): Promise<unknown> {
    const name = `svc-${this.#made++}`;
    const spec = this.random.pick<object>([
      { model: { name: "churn" } },
      { model: { name: "churn" }, overrides: { metric: "throughput" } },
      { model: { name: `own-${this.random.below(5)}` } },
      { model: { name: "churn" }, template: { name: "not-there" } },
      { model: { name: "churn" }, caching: { mode: "Dedicated" } },
      { model: { name: "churn" }, runtimeConfigName: this.random.pick(["default", "own", "none"]) },
      { model: { name: "churn" }, routing: { enabled: true, gatewayRef: { name: "inference" } } },
    ]);
    this.services.set(name, namespace);
    return this.cluster.request(
      "POST",
      path(namespace, "aimservices"),
      service(name, namespace, { ...spec }),
    );
  }

  #editService(): Promise<unknown> {
    const [name, namespace] = this.#anyService();
    const body = this.random.pick<object>([
      { spec: { replicas: 1 + this.random.below(4) } },
      { spec: { env: [{ name: "LEVEL", value: `${this.random.below(9)}` }] } },
      { metadata: { labels: { team: `${this.random.below(9)}` } } },
      { spec: { routing: { enabled: this.random.chance(0.5), gatewayRef: { name: "inference" } } } },
    ]);
    return this.cluster.request(
      "PATCH",
      path(namespace, "aimservices", name),
      body,
      "application/merge-patch+json",
    );
  }

  #deleteService(): Promise<unknown> {
    const [name, namespace] = this.#anyService();
    this.services.delete(name);
    return this.cluster.request("DELETE", path(namespace, "aimservices", name));
  }

  #anyService(): [string, string] {
    return this.random.pick([...this.services]);
  }

  /** Makes an object, or deletes it where it is there. */
  async #turn(plural: string, namespace: string, object: { metadata?: { name?: string } }): Promise<void> {
    const { name } = object.metadata!;
    await this.cluster.request("DELETE", path(namespace, plural, name)).catch(() =>
      this.cluster.request("POST", path(namespace, plural), object)
    );
  }

  #template(namespace: string) {
    const metric = this.random.pick(["latency", "throughput"]);
    return template(`own-template-${this.random.below(5)}`, namespace, "churn", { metric });
  }

  #cache(namespace: string) {
    const spec = { templateName: "churn-latency", templateScope: "Cluster", mode: "Shared" };
    const metadata = { name: `by-hand-${this.random.below(3)}`, namespace };
    return { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "AIMTemplateCache", metadata, spec };
  }

  #config(namespace: string) {
    const metadata = { name: this.random.pick(["default", "own"]), namespace };
    const spec = { env: [{ name: "FROM_CONFIG", value: `${this.random.below(9)}` }] };
    return { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "AIMRuntimeConfig", metadata, spec };
  }

  async #turnNode(): Promise<void> {
    const name = this.random.pick(nodes);
    await this.cluster.request("DELETE", `/api/v1/nodes/${name}`).catch(() =>
      this.cluster.addNode(gpuNode(name, { model: this.random.pick(["MI300X", "MI325X"]) }))
    );
  }
}

function path(namespace: string, plural: string, name = ""): string {
  return `${aim}/namespaces/${namespace}/${plural}${name && `/${name}`}`;
}
