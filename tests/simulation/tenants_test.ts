/**
 * A change of a runtime config reconciles the objects that go by it, and nobody else's (model-sources-and-config.md
 * §13.2 Better): counted over two tenants, against a merge of the table of §10.2 that is written here.
 */

import assert from "node:assert/strict";
import { controllers } from "../../mod.ts";
import type { AIMRuntimeConfig, RuntimeConfigSpec } from "../../lib/api/mod.ts";
import * as kinds from "../../lib/cluster/kinds.ts";
import { apiVersionOf, type KubeObject, type Resource } from "../../lib/kube/object.ts";
import { aimFacts } from "./aim_facts.ts";
import { assertComplete, assertSelfContained } from "./settled_state.ts";
import type { Random } from "./random.ts";
import { promisesSettled, type Turns } from "./turns.ts";
import { forSeeds, runs, type Scenario, World } from "./world.ts";

const tenants = ["a", "b"] as const;
const configNames = ["default", "fast"] as const;

/** One thing that a config may say, for each row of the table of §11. */
type Setting = readonly [
  part: "routing" | "storage" | "env" | "model" | "labelPropagation",
  field: string | undefined,
  values: readonly unknown[],
];
const settings: readonly Setting[] = [
  ["routing", "pathTemplate", ["/x/{.metadata.name}", "/y/{.metadata.nam}"]],
  ["routing", "enabled", [true, false]],
  ["routing", "gatewayRef", [{ name: "gw", namespace: "gateways" }, { name: "gw", namespace: "edge" }]],
  ["routing", "requestTimeout", ["30s", "0s"]],
  ["routing", "annotations", [{ rate: "1" }, { rate: "2", burst: "1" }]],
  ["storage", "defaultStorageClassName", ["nfs", "block"]],
  ["storage", "pvcHeadroomPercent", [0, 20]],
  ["env", undefined, [[{ name: "A", value: "1" }], [{ name: "A", value: "2" }, { name: "B", value: "1" }]]],
  ["model", "autoDiscovery", [true, false]],
  ["labelPropagation", undefined, [
    { enabled: true, match: ["team"] },
    { enabled: false, match: ["team"] },
    { enabled: true, match: ["cost"] },
  ]],
];

/** The spec with another value of that one field, or without it. */
function edited(
  spec: RuntimeConfigSpec = {},
  [part, field, values]: Setting,
  random: Random,
): RuntimeConfigSpec {
  const value = random.pick([undefined, ...values]);
  const fields = (field === undefined ? value : { ...spec[part], [field]: value }) as object | undefined;
  const isEmpty = Object.values(fields ?? {}).every((each) => each === undefined);
  return JSON.parse(JSON.stringify({ ...spec, [part]: isEmpty ? undefined : fields }));
}

/**
 * What holds in a namespace for a kind, as one text: the namespace's wins field by field, variables by their names. Who
 * reads what is the table of §11.
 */
function effective(world: World, namespace: string | undefined, name: string, consumer: string): string {
  const read = (kind: { resource: Resource }, inside: string | undefined) =>
    (world.server.get(kind.resource, inside, name) as AIMRuntimeConfig | undefined)?.spec;
  const cluster = read(kinds.clusterRuntimeConfigs, undefined);
  const own = namespace === undefined ? undefined : read(kinds.runtimeConfigs, namespace);
  const env = new Map(
    [cluster, own].flatMap((spec) => spec?.env ?? []).map(({ name, value }) => [name, value]),
  );
  const [isService, isArtifact] = [consumer === "AIMService", consumer === "AIMArtifact"];
  /** Presence decides, also of what is false, 0 or empty. */
  const either = <T>(of: (spec: RuntimeConfigSpec) => T | undefined) => of(own ?? {}) ?? of(cluster ?? {});
  const routing = [
    either(({ routing }) => routing?.pathTemplate),
    either(({ routing }) => routing?.enabled),
    either(({ routing }) => routing?.gatewayRef),
    either(({ routing }) => routing?.requestTimeout),
    [...Object.entries({ ...cluster?.routing?.annotations, ...own?.routing?.annotations })].sort(),
  ];
  return JSON.stringify([
    cluster !== undefined,
    own !== undefined,
    isService ? [routing, either(({ model }) => model?.autoDiscovery)] : [],
    isService || isArtifact
      ? [either(({ storage }) => storage?.defaultStorageClassName), [...env].sort()]
      : [],
    isArtifact ? either(({ storage }) => storage?.pvcHeadroomPercent) : [],
    either(({ labelPropagation }) => labelPropagation?.match),
    [cluster, own].some((spec) => spec?.labelPropagation?.enabled === true),
  ]);
}

function make(world: World, kind: unknown, namespace: string | undefined, name: string, spec: object): void {
  const { resource } = kind as { resource: Resource };
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, spec };
  world.server.create(resource, object as KubeObject, "kubectl");
}

const source = { modelId: "org/w", sourceUri: "hf://org/w", size: "2Gi" };
const weights = {
  discovery: { extractMetadata: false },
  modelSources: [source],
  custom: { hardware: { gpu: { requests: 1, model: "MI300X" } }, type: "optimized" },
};

const scenario: Scenario = {
  program: { kinds: kinds.watchedKinds, controllers, facts: aimFacts },
  begin: (world) => {
    for (const name of configNames) make(world, kinds.clusterRuntimeConfigs, undefined, name, {});
    make(world, kinds.clusterModels, undefined, "shared", { image: "reg/shared:1", ...weights });
    for (const tenant of tenants) {
      make(world, kinds.runtimeConfigs, tenant, "default", {});
      make(world, kinds.models, tenant, "m", { image: "reg/m:1", ...weights });
      make(world, kinds.models, tenant, "quick", { image: "reg/q:1", ...weights, runtimeConfigName: "fast" });
      const gatewayRef = { name: "gw", namespace: "gateways" };
      make(world, kinds.services, tenant, "plain", { model: { name: "m" }, routing: { gatewayRef } });
      make(world, kinds.services, tenant, "named", {
        model: { name: "quick" },
        runtimeConfigName: "fast",
        routing: { gatewayRef },
      });
    }
  },
  mutate: () => {},
  others: () => false,
  fact: () => undefined,
};

/** Keys that ran because a change was seen; nothing that they want is carried out yet. */
async function ranBecauseOf(change: () => void, { process }: World, turns: Turns): Promise<Set<string>> {
  const from = process.ran.length;
  change();
  for (const stream of process.streams) while (stream.lags) stream.deliver();
  for (; turns.waiting > 0; await promisesSettled()) turns.run();
  return new Set(process.ran.slice(from));
}

/** `service|a/plain` as kind, namespace and effective name of a consumer; undefined for configs. */
function consumer(world: World, key: string) {
  const [controller, path] = key.split("|");
  const { kind: { resource } } = controllers.find(({ name }) => name === controller)!;
  if (resource.kind.endsWith("RuntimeConfig")) return undefined;
  const [namespace, name] = path.split("/");
  const object = world.server.get(resource, namespace || undefined, name) as
    | { spec?: { runtimeConfigName?: string } }
    | undefined;
  return {
    kind: resource.kind,
    namespace: namespace || undefined,
    config: object?.spec?.runtimeConfigName || "default",
  };
}

/** What holds for every kind in every place. */
function allEffective(world: World): Map<string, string> {
  const all = controllers.flatMap(({ kind: { resource: { kind } } }) =>
    [undefined, ...tenants].flatMap((namespace) =>
      configNames.map((config) =>
        [place(kind, namespace, config), effective(world, namespace, config, kind)] as const
      )
    )
  );
  return new Map(all);
}

function place(kind: string, namespace: string | undefined, config: string): string {
  return `${kind} ${namespace} ${config}`;
}

/** Kinds that look at the storage class of artifacts beside what they read themselves: who else may use the weights. */
const looksAtArtifacts = new Set(["AIMService", "AIMTemplateCache"]);

Deno.test("a config's change reconciles those for whom something else holds now, and no other tenant's objects", async () => {
  const ran = { expected: 0, spared: 0 };
  await forSeeds(runs(8), 1, async (seed, turns) => {
    const world = new World(scenario, seed, turns);
    await world.settle();
    for (const setting of [...settings, ...settings]) {
      const { random } = world;
      const namespace = random.pick([undefined, ...tenants]);
      const name = namespace === undefined ? random.pick(configNames) : "default";
      const { resource } = namespace === undefined ? kinds.clusterRuntimeConfigs : kinds.runtimeConfigs;
      const before = allEffective(world);
      const { spec: old } = world.server.get(resource, namespace, name) as AIMRuntimeConfig;
      const spec = edited(old, setting, random);
      const keys = await ranBecauseOf(
        () =>
          world.server.edit<AIMRuntimeConfig>(resource, namespace, name, (it) => it.spec = spec, "kubectl"),
        world,
        turns,
      );
      const now = allEffective(world);
      const changed = (kind: string, namespace: string | undefined, names: readonly string[]) =>
        names.some((each) =>
          now.get(place(kind, namespace, each)) !== before.get(place(kind, namespace, each))
        );
      for (const key of world.process.passes.keys()) {
        const who = consumer(world, key);
        if (who === undefined) continue;
        const told = `${key} on ${namespace}/${name} ${JSON.stringify(spec)}`;
        if (changed(who.kind, who.namespace, [who.config])) {
          assert.ok(keys.has(key), `missed ${told}`);
          ran.expected++;
        } else if (
          !looksAtArtifacts.has(who.kind) || !changed("AIMArtifact", who.namespace, configNames)
        ) {
          assert.ok(!keys.has(key), `woken for nothing: ${told}`);
          ran.spared++;
        }
      }
      await world.settle();
      assertComplete(world);
    }
    assertSelfContained(world);
  });
  assert.ok(ran.expected > 50 && ran.spared > 200, JSON.stringify(ran));
});

Deno.test("a service more or less writes no status of a config but for the first and the last", async () => {
  await forSeeds(1, 1, async (seed, turns) => {
    const world = new World(scenario, seed, turns);
    await world.settle();
    make(world, kinds.runtimeConfigs, "a", "mine", {});
    await world.settle();
    const written = () =>
      world.process.writer.written.filter(({ resource }) => resource.kind.endsWith("RuntimeConfig")).length;
    const inUse = () => {
      const { status } = world.server.get(kinds.runtimeConfigs.resource, "a", "mine") as AIMRuntimeConfig;
      return status?.conditions?.find(({ type }) => type === "InUse")?.status;
    };
    assert.equal(inUse(), "False");
    const before = written();
    for (let n = 0; n < 30; n++) {
      make(world, kinds.services, "a", `s${n}`, { model: { name: "m" }, runtimeConfigName: "mine" });
    }
    await world.settle();
    assert.deepEqual([inUse(), written() - before], ["True", 1]);
    for (let n = 0; n < 29; n++) world.server.delete(kinds.services.resource, "a", `s${n}`);
    await world.settle();
    assert.deepEqual([inUse(), written() - before], ["True", 1]);
  });
});
