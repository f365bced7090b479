/**
 * `deno task bench --churn=MINUTES`: services, models, templates, caches, configs and nodes come, change and go at random,
 * at most two hundred services at a time. Then all of it is deleted. What the operator holds then is what it held before.
 */

import { join } from "node:path";
import type { ControlPlane } from "../control_plane/plane.ts";
import { addNodes, gpuNode } from "../control_plane/nodes.ts";
import { freePort } from "../control_plane/ports.ts";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, model, service, template } from "../e2e/catalogue.ts";
import { installInto } from "../e2e/installation.ts";
import { startSmallPlane } from "../endurance/small_cluster.ts";
import { Random } from "../simulation/random.ts";
import { delay } from "../../lib/kube/backoff.ts";
import { Heap } from "./heap.ts";
import { usageOf } from "./process_usage.ts";

export interface ChurnOptions {
  readonly minutes: number;
  readonly seed: number;
  /**
   * How long nothing happens before the last look. What events have said is remembered for ten minutes
   * (`lib/kube/event_recorder.ts`): after eleven it must be gone, before that it is part of what is left.
   */
  readonly restSeconds: number;
  /** Where heap snapshots of before and after go. Taking one raises resident memory for good: look at the heap then. */
  readonly snapshots?: string;
  readonly log: (line: string) => void;
}

/** What the operator holds at a moment. */
export interface Held {
  /** Objects that something holds, after a garbage collection. */
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
}

export interface ChurnFigures {
  readonly operations: number;
  /** After one service came and went: all code is loaded. */
  readonly before: Held;
  readonly peak: Held;
  readonly after: Held;
  /** What is left over what there was: 1.1 is wanted at most. */
  readonly heapAfterOverBefore: number;
  readonly residentAfterOverBefore: number;
  readonly requestsAMinute: number;
}

const aim = "/apis/aim.eai.amd.com/v1alpha1";
const namespaces = ["churn-a", "churn-b", "churn-c"];
const nodes = ["churn-node-0", "churn-node-1", "churn-node-2"];
const mostServices = 200;
/** Users at work at a time. */
const users = 4;

/** Runs the churn on a control plane of its own. */
export async function churn(
  { minutes, seed, restSeconds, snapshots, log }: ChurnOptions,
): Promise<ChurnFigures> {
  await using plane = await startSmallPlane();
  const inspectorPort = freePort();
  const { operator } = await installInto(plane, { inspectorPort });
  using heap = await Heap.of(inspectorPort);
  const world = new World(plane, new Random(seed));
  const held = async (): Promise<Held> => ({
    heapMegabytes: await heap.heldMegabytes(),
    residentMegabytes: (await usageOf(operator.pid)).residentMegabytes,
  });
  const all = () => Promise.all(Array.from({ length: users }, () => world.act()));

  await world.furnish();
  for (let round = 0; round < 40; round++) await all();
  await world.clear();
  const before = await held();
  log(`before: ${words(before)}`);
  if (snapshots) await heap.snapshot(join(snapshots, "before.heapsnapshot"));

  await world.furnish();
  const start = performance.now();
  const sent = (await plane.auditEvents()).filter(({ user }) => user.username === operator.user).length;
  let peak = before;
  for (let minute = 1; minute <= minutes; minute++) {
    while (performance.now() - start < minute * 60_000) await all();
    const now = await held();
    if (now.residentMegabytes > peak.residentMegabytes) peak = now;
    log(`minute ${minute}: ${world.operations} operations, ${world.services.size} services, ${words(now)}`);
  }
  const requests = (await plane.auditEvents()).filter(({ user }) => user.username === operator.user).length -
    sent;
  await world.clear();
  log(`everything is deleted: ${words(await held())}; ${restSeconds} s at rest`);
  await delay(restSeconds * 1_000);
  const after = await held();
  log(`after: ${words(after)}`);
  if (snapshots) await heap.snapshot(join(snapshots, "after.heapsnapshot"));
  await operator.stop();
  return {
    operations: world.operations,
    before,
    peak,
    after,
    heapAfterOverBefore: after.heapMegabytes / before.heapMegabytes,
    residentAfterOverBefore: after.residentMegabytes / before.residentMegabytes,
    requestsAMinute: requests / minutes,
  };
}

function words({ heapMegabytes, residentMegabytes }: Held): string {
  return `${heapMegabytes.toFixed(1)} MB of objects, ${residentMegabytes.toFixed(0)} MB resident`;
}

/** What users have in the cluster, and what they do to it. */
class World {
  readonly services = new Map<string, string>();
  operations = 0;
  #made = 0;

  constructor(private readonly plane: ControlPlane, private readonly random: Random) {}

  /** The catalogue and the namespaces: made anew each time, so that nothing of the last time is left. */
  async furnish(): Promise<void> {
    for (const name of namespaces) {
      await until(`namespace ${name}`, async () => {
        await this.plane.request("POST", "/api/v1/namespaces", { metadata: { name } });
        return true;
      });
    }
    await this.plane.apply([
      clusterModel("churn"),
      clusterTemplate("churn-latency", "churn"),
      clusterTemplate("churn-throughput", "churn", { metric: "throughput" }),
    ]);
  }

  /** Deletes all of it, and waits until nothing is left. */
  async clear(): Promise<void> {
    for (const name of namespaces) await this.plane.request("DELETE", `/api/v1/namespaces/${name}`);
    for (const plural of ["aimclustermodels", "aimclusterservicetemplates", "aimclusterruntimeconfigs"]) {
      await this.plane.request("DELETE", `${aim}/${plural}`);
    }
    for (const name of nodes) await this.plane.request("DELETE", `/api/v1/nodes/${name}`).catch(() => {});
    await until("everything deleted", async () => {
      const { items } = await this.plane.request("GET", "/api/v1/namespaces");
      return !items.some(({ metadata }: { metadata: { name: string } }) =>
        namespaces.includes(metadata.name)
      );
    }, { seconds: 300, everyMilliseconds: 1_000 });
    this.services.clear();
    // What was put off is due after half a minute at the latest.
    await delay(35_000);
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
    return this.plane.request("POST", path(namespace, "aimservices"), service(name, namespace, { ...spec }));
  }

  #editService(): Promise<unknown> {
    const [name, namespace] = this.#anyService();
    const body = this.random.pick<object>([
      { spec: { replicas: 1 + this.random.below(4) } },
      { spec: { env: [{ name: "LEVEL", value: `${this.random.below(9)}` }] } },
      { metadata: { labels: { team: `${this.random.below(9)}` } } },
      { spec: { routing: { enabled: this.random.chance(0.5), gatewayRef: { name: "inference" } } } },
    ]);
    return this.plane.request(
      "PATCH",
      path(namespace, "aimservices", name),
      body,
      "application/merge-patch+json",
    );
  }

  #deleteService(): Promise<unknown> {
    const [name, namespace] = this.#anyService();
    this.services.delete(name);
    return this.plane.request("DELETE", path(namespace, "aimservices", name));
  }

  #anyService(): [string, string] {
    return this.random.pick([...this.services]);
  }

  /** Makes an object, or deletes it where it is there. */
  async #turn(plural: string, namespace: string, object: { metadata?: { name?: string } }): Promise<void> {
    const { name } = object.metadata!;
    await this.plane.request("DELETE", path(namespace, plural, name)).catch(() =>
      this.plane.request("POST", path(namespace, plural), object)
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
    await this.plane.request("DELETE", `/api/v1/nodes/${name}`).catch(() =>
      addNodes(this.plane, [gpuNode(name, { model: this.random.pick(["MI300X", "MI325X"]) })])
    );
  }
}

function path(namespace: string, plural: string, name = ""): string {
  return `${aim}/namespaces/${namespace}/${plural}${name && `/${name}`}`;
}
