/**
 * What holds of every pass, for random services in random worlds: it comes to rest, it is pure, it wants nothing
 * that cannot be applied, and the order in which objects came does not matter.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { AIMService, AIMServiceSpec, AIMServiceStatus, RuntimeConfigSpec } from "../../lib/api/mod.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { liveObject } from "../../lib/operator/runner/view_fixture.ts";
import {
  cache,
  clusterConfig,
  clusterModel,
  clusterTemplate,
  config,
  model,
  node,
  type Pass,
  pass,
  routed,
  service,
  template,
} from "./service_sample.ts";

const runs = { numRuns: 300 * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1) };

const status = fc.constantFrom(
  "Ready",
  "Ready",
  "Ready",
  "Pending",
  "Progressing",
  "Failed",
  "Degraded",
  "NotAvailable",
);
const env = fc.option(
  fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("A", "B", "AIM_METRIC", "AIM_ENGINE_ARGS", "HF_TOKEN"),
      value: fc.constantFrom("", "1", '{"a":1}', '{"a":{"b":2}}', "x"),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  ),
  { nil: undefined },
);
const resources = fc.option(
  fc.record({
    requests: fc.constantFrom(undefined, { cpu: "2" }, { memory: "64Gi" }, { "amd.com/gpu": "2" }),
    limits: fc.constantFrom(undefined, { memory: "16Gi" }, { "amd.com/gpu": "4" }, { cpu: "500m" }),
  }),
  { nil: undefined },
);
const secrets = fc.constantFrom(undefined, [], [{ name: "one" }], [{ name: "one" }, { name: "two" }]);
const routing = fc.constantFrom<AIMServiceSpec["routing"][]>(
  undefined,
  { enabled: true },
  { enabled: false },
  routed,
  { ...routed, pathTemplate: "/{.metadata.name}", requestTimeout: "90s" },
  { ...routed, pathTemplate: "/{.metadata.labels['x']}" },
  { ...routed, requestTimeout: "soon" },
  { ...routed, annotations: { a: "b" } },
);

const services: fc.Arbitrary<Live<AIMService>> = fc.record({
  name: fc.constantFrom("s", "1x", "my.svc", "n".repeat(100)),
  labels: fc.constantFrom<(Record<string, string> | undefined)[]>(undefined, { team: "nlp" }, {
    team: "nlp",
    "aim.eai.amd.com/x": "y",
  }),
  modelName: fc.constantFrom("m", "m", "m", "nope", ""),
  template: fc.constantFrom(undefined, {}, { allowUnoptimized: true }, { name: "t1" }, { name: "nope" }),
  replicas: fc.constantFrom(undefined, 0, 1, 3),
  runtimeConfigName: fc.constantFrom(undefined, "", "default", "nope"),
  mode: fc.constantFrom(undefined, "Shared", "Always"),
  storage: fc.constantFrom(undefined, { defaultStorageClassName: "fast" }, { pvcHeadroomPercent: 20 }),
  env,
  resources,
  imagePullSecrets: secrets,
  serviceAccountName: fc.constantFrom(undefined, "", "sa"),
  routing,
}).map(({ name, labels, modelName, mode, ...spec }) =>
  service({
    metadata: { name, labels },
    spec: { ...spec, model: { name: modelName }, caching: mode && { mode } } as Partial<AIMServiceSpec>,
  })
);

const modelParts = fc.record({ status, imagePullSecrets: secrets }).map(({ status, imagePullSecrets }) => ({
  spec: { imagePullSecrets },
  status: { status },
}));

const templateParts = fc.record({
  name: fc.constantFrom("t1", "t2", "t.3"),
  status,
  metric: fc.constantFrom(undefined, "latency", "throughput"),
  precision: fc.constantFrom(undefined, "fp8", "bf16", "auto"),
  gpu: fc.constantFrom(undefined, "MI300X", "MI325X", "MI210"),
  type: fc.constantFrom("optimized", "optimized", "preview", undefined),
  sources: fc.boolean(),
  env,
  resources,
  imagePullSecrets: secrets,
}).map(({ name, status, metric, precision, gpu, type, sources, ...spec }) => ({
  metadata: { name },
  spec: { ...spec, metric, precision, ...(gpu && { hardware: { gpu: { requests: 1, model: gpu } } }) },
  status: {
    status,
    profile: { metadata: { type, metric, precision } },
    ...(sources ? {} : { modelSources: [] }),
    ...(gpu && { resolvedHardware: { gpu: { requests: 1, model: gpu } } }),
  },
}));

const caches = fc.record({
  name: fc.constantFrom("by-hand", "t1-e2c6bafc", "t2-e2c6bafc"),
  templateName: fc.constantFrom("t1", "t2"),
  templateScope: fc.constantFrom("Namespace", "Cluster"),
  creationTimestamp: fc.constantFrom("2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"),
  status,
}).map(({ name, creationTimestamp, status, ...spec }) =>
  cache({ metadata: { name, creationTimestamp }, spec: spec as never, status: { status: status as "Ready" } })
);

const configSpecs = fc.record({
  storage: fc.constantFrom(undefined, { defaultStorageClassName: "slow" }),
  env,
  labelPropagation: fc.constantFrom(undefined, { enabled: true, match: ["*"] }, {
    enabled: true,
    match: ["te?m"],
  }),
  routing,
}) as fc.Arbitrary<RuntimeConfigSpec>;

const maybe = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 1 });
const many = <T extends KubeObject>(one: fc.Arbitrary<T>) =>
  fc.uniqueArray(one, { selector: ({ metadata }) => metadata!.name, maxLength: 3 });

const worlds: fc.Arbitrary<KubeObject[]> = fc.tuple(
  maybe(modelParts.map((parts) => model(parts as never))),
  maybe(modelParts.map((parts) => clusterModel(parts as never))),
  many(templateParts.map((parts) => template(parts as never))),
  many(templateParts.map((parts) => clusterTemplate(parts as never))),
  many(caches),
  maybe(configSpecs.map((spec) => config(spec))),
  maybe(configSpecs.map((spec) => clusterConfig(spec))),
  fc.constantFrom([], [node("74a1")], [node("74a1"), node("740f")]),
).map((parts) => parts.flat() as KubeObject[]);

const cases = fc.tuple(services, worlds);

/** As it would be stored. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** A plan as plain data, so that two can be compared. */
function plain(made: Pass) {
  const children = made.plan.children.map((child) => ({
    how: child.how,
    kind: child.ref.kind.resource.kind,
    name: child.ref.name,
    desired: child.how === "keep" ? undefined : child.desired,
  }));
  const removals = made.plan.removals.map(({ ref, uid, resourceVersion }) => ({
    kind: ref.kind.resource.kind,
    name: ref.name,
    uid,
    resourceVersion,
  }));
  return stored({
    children,
    removals,
    finalizer: made.plan.finalizer,
    sticky: made.plan.sticky,
    status: made.status,
    events: made.events(),
  });
}

const keyOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata!.namespace ?? ""}/${metadata!.name}`;

/** The world after everything that a pass wants has been done. */
function after(made: Pass, objects: readonly KubeObject[]): [Live<AIMService>, KubeObject[]] {
  const there = new Map(objects.map((object) => [keyOf(object), object]));
  for (const child of made.plan.children) {
    if (child.how === "keep") continue;
    const before = there.get(keyOf(child.desired));
    assert.ok(child.how === "apply" || before === undefined, `creates ${keyOf(child.desired)} again`);
    const status = (before as { status?: unknown } | undefined)?.status;
    there.set(
      keyOf(child.desired),
      { ...child.desired, ...(status === undefined ? {} : { status }) } as KubeObject,
    );
  }
  for (const { ref } of made.plan.removals) {
    there.delete(`${ref.kind.resource.kind} ${ref.namespace ?? ""}/${ref.name}`);
  }
  return [{ ...made.service, status: made.status }, [...there.values()]];
}

const atRest = (made: Pass, objects: readonly KubeObject[]) => {
  const [next, world] = after(made, objects);
  assert.deepEqual(stored(next.status), stored(made.service.status));
  assert.deepEqual(stored(world), stored([...objects]));
};

Deno.test("a service comes to rest: within four passes the next one wants nothing", () => {
  fc.assert(
    fc.property(cases, ([first, objects]) => {
      let [current, world] = [first, [...objects]];
      for (let i = 0; i < 4; i++) [current, world] = after(pass(current, world), world);
      atRest(pass(current, world), world);
    }),
    runs,
  );
});

Deno.test("it comes to rest again after its caches have become Ready, and after its runtime has", () => {
  const grown = (object: KubeObject): KubeObject => {
    switch (object.kind) {
      case "AIMTemplateCache":
        return { ...object, status: cache().status } as KubeObject;
      case "InferenceService":
        return { ...object, status: { conditions: [{ type: "Ready", status: "True" }] } } as KubeObject;
      default:
        return object;
    }
  };
  fc.assert(
    fc.property(cases, ([first, objects]) => {
      let [current, world] = [first, [...objects]];
      for (let i = 0; i < 8; i++) [current, world] = after(pass(current, world), world.map(grown));
      atRest(pass(current, world.map(grown)), world.map(grown));
    }),
    runs,
  );
});

Deno.test("a pass is pure: the same inputs, the same plan; it changes none of them", () => {
  fc.assert(
    fc.property(cases, ([object, objects]) => {
      const before = stored([object, objects]);
      assert.deepEqual(plain(pass(object, objects)), plain(pass(object, objects)));
      assert.deepEqual(stored([object, objects]), before);
    }),
    runs,
  );
});

Deno.test("the order in which objects came into the stores changes nothing", () => {
  const shuffled = cases.chain(([object, objects]) =>
    fc.tuple(
      fc.constant(object),
      fc.constant(objects),
      fc.shuffledSubarray(objects, { minLength: objects.length }),
    )
  );
  fc.assert(
    fc.property(shuffled, ([object, objects, others]) => {
      assert.deepEqual(plain(pass(object, objects)), plain(pass(object, others)));
    }),
    runs,
  );
});

Deno.test("what is said is bounded, complete and legal", () => {
  fc.assert(
    fc.property(cases, ([object, objects]) => {
      const { status } = pass(object, objects);
      assert.ok(["Pending", "Starting", "Running", "Degraded", "Failed"].includes(status.status!));
      const types = status.conditions!.map(({ type }) => type);
      assert.deepEqual(types, [...new Set(types)]);
      assert.equal(types.at(-1), "Ready");
      for (const { reason, message } of status.conditions!) {
        assert.match(reason, /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
        assert.ok([...message].length <= 1024);
      }
    }),
    runs,
  );
});

/** What a service stands on whose template and model may be gone or not Ready. */
const recorded: AIMServiceStatus = {
  observedGeneration: 4,
  resolvedModel: { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
  resolvedTemplate: { name: "t1", namespace: "ns", scope: "Namespace", uid: "uid-AIMServiceTemplate-ns-t1" },
};

Deno.test("a service that is there already is never without its endpoint: kept or applied, never dropped", () => {
  fc.assert(
    fc.property(cases, ([object, objects]) => {
      const owner = { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "AIMService", controller: true } as const;
      const { name, uid } = object.metadata;
      const live = liveObject({
        apiVersion: "serving.kserve.io/v1beta1",
        kind: "InferenceService",
        metadata: {
          name: { s: "s-e2c6bafc", "1x": "s-1x-e2c6bafc", "my.svc": "my-svc-e2c6bafc" }[name] ??
            `${"n".repeat(63 - "isvc.-predictor-e2c6bafc".length)}-e2c6bafc`,
          namespace: "ns",
          ownerReferences: [{ ...owner, name, uid }],
        },
      });
      const stands = { ...object, status: { ...object.status, ...recorded } };
      for (const each of [object, stands]) {
        const made = pass(each, [...objects, live]);
        assert.ok(made.children.some((child) => child.endsWith(`InferenceService ${live.metadata.name}`)));
        assert.ok(!made.removals.some((removal) => removal.startsWith("InferenceService")));
      }
    }),
    runs,
  );
});
