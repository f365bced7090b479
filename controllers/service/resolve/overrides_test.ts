/** Overrides: a filter of the selection, and templates derived for them (services.md §5.1, §6). */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMServiceTemplate } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { cache, clusterTemplate, model, node, pass, service, template } from "../service_sample.ts";

type Overrides = NonNullable<AIMServiceSpec["overrides"]>;
const selecting = (overrides: Overrides) => service({ spec: { overrides } });
const explicit = (overrides: Overrides, more: Partial<AIMServiceSpec> = {}) =>
  service({ spec: { template: { name: "t1" }, overrides, ...more } });
const profiled = (name: string, metadata: Record<string, unknown>) =>
  template({ metadata: { name }, status: { profile: { metadata: { type: "optimized", ...metadata } } } });
/** Vector of §1.1. */
const derivedName = "t1-ovr-latency-817c";

Deno.test("auto-selection: overrides filter, and what is chosen is used as it is", () => {
  const both = [profiled("t1", { metric: "latency" }), profiled("t2", { metric: "throughput" })];
  const made = pass(selecting({ metric: "throughput" }), [model(), ...both]);
  assert.equal(made.status.resolvedTemplate?.name, "t2");
  assert.equal(made.desired("AIMServiceTemplate"), undefined);
});

const filters: [overrides: Overrides, metadata: Record<string, unknown>, passes: boolean][] = [
  [{ metric: "latency" }, { metric: "throughput" }, false],
  [{ precision: "fp8" }, { precision: "fp16" }, false],
  [{ precision: "fp8" }, {}, false],
  [{ hardware: { gpu: { model: "MI210" } } }, { gpu: "MI300X" }, false],
  [{ hardware: { gpu: { model: "AMD Instinct mi300x" } } }, { gpu: "MI300X" }, true],
  [{ hardware: { gpu: { requests: 2 } } }, { gpuCount: 1 }, false],
  [{ hardware: { gpu: { minVram: "1Ti" } } }, {}, true],
];
for (const [overrides, metadata, passes] of filters) {
  Deno.test(`${JSON.stringify(overrides)} ${passes ? "takes" : "drops"} ${JSON.stringify(metadata)}`, () => {
    const made = pass(selecting(overrides), [model(), node(), profiled("t1", metadata)]);
    assert.equal(made.condition("TemplateReady"), passes ? "True Resolved" : "False TemplateNotFound");
    if (!passes) assert.match(made.message("TemplateReady")!, /t1: ServiceOverridesNotMatched \(/);
  });
}

Deno.test("Better §6 rule 1: a chosen template that leaves open what was asked for is derived from", () => {
  const made = pass(selecting({ hardware: { gpu: { requests: 2 } } }), [model(), template()]);
  const derived = made.desired<AIMServiceTemplate>("AIMServiceTemplate")!;
  assert.match(derived.metadata.name, /^t1-ovr-2gpu-[0-9a-f]{4}$/);
  assert.deepEqual(derived.spec?.hardware, { gpu: { requests: 2 } });
});

Deno.test("a derived template of a base with a long name has labels that the API server takes", () => {
  const name = "t".repeat(100);
  const made = pass(explicit({ metric: "latency" }, { template: { name } }), [
    model(),
    template({ metadata: { name } }),
  ]);
  const value = made.desired("AIMServiceTemplate")!.metadata!.labels!["aim.eai.amd.com/template"];
  assert.match(value, /^t{54}-[0-9a-f]{8}$/);
});

for (const base of [template(), clusterTemplate()]) {
  Deno.test(`Better §6 rule 2: an explicit ${base.kind}: a derived template in the namespace, without an owner`, () => {
    const spec = {
      runtimeConfigName: "",
      imagePullSecrets: [{ name: "x" }],
      resources: { limits: { cpu: "1" } },
    };
    const made = pass(explicit({ metric: "latency" }, spec), [model(), base]);
    assert.deepEqual(made.desired("AIMServiceTemplate"), {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMServiceTemplate",
      metadata: {
        name: derivedName,
        namespace: "ns",
        labels: {
          "app.kubernetes.io/managed-by": "aim-engine",
          "aim.eai.amd.com/origin": "derived",
          "aim.eai.amd.com/template": "t1",
          "aim.eai.amd.com/service.name": "s",
        },
      },
      spec: {
        modelName: "m",
        runtimeConfigName: "default",
        metric: "latency",
        imagePullSecrets: [{ name: "x" }],
        resources: { limits: { cpu: "1" } },
      },
    });
    assert.equal(made.condition("TemplateReady"), "False TemplateNotReady");
    assert.equal(made.message("TemplateReady"), `Derived template ${derivedName} is being created`);
    assert.deepEqual(made.children, [`create AIMServiceTemplate ${derivedName}`]);
  });
}

Deno.test("§5.2, §6: a derived template is for the model of its base, whichever the service has", () => {
  for (const modelName of ["other", "m"]) {
    const base = template({ spec: { modelName } });
    const derived = pass(explicit({ metric: "latency" }), [model(), base]).desired<AIMServiceTemplate>(
      "AIMServiceTemplate",
    );
    assert.equal(derived?.spec?.modelName, modelName);
  }
});

Deno.test("§6: the runtime config of a derived template is the service's, else its base's, else the default", () => {
  const rows: [services: string | undefined, bases: string | undefined, derived: string][] = [
    ["services", "bases", "services"],
    [undefined, "bases", "bases"],
    ["", "bases", "bases"],
    ["services", undefined, "services"],
    [undefined, undefined, "default"],
  ];
  const configs = ["services", "bases"].map((name) => ({
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMRuntimeConfig",
    metadata: { name, namespace: "ns" },
    spec: {},
  }));
  for (const [services, bases, expected] of rows) {
    const base = template({ spec: { ...(bases === undefined ? {} : { runtimeConfigName: bases }) } });
    const spec = services === undefined ? {} : { runtimeConfigName: services };
    const made = pass(explicit({ metric: "latency" }, spec), [model(), base, ...configs]);
    const derived = made.desired<AIMServiceTemplate>("AIMServiceTemplate");
    assert.equal(derived?.spec?.runtimeConfigName, expected, `${services} over ${bases}`);
  }
});

Deno.test("Better §6 rule 2: a derived template keeps what its base says, but no cache of its own", () => {
  const env = [{ name: "A", value: "1" }];
  const base = template({ spec: { env, profileId: "p", caching: { enabled: true } } });
  const derived = pass(explicit({ metric: "latency" }), [model(), base]).desired<AIMServiceTemplate>(
    "AIMServiceTemplate",
  );
  assert.deepEqual(derived?.spec, {
    modelName: "m",
    runtimeConfigName: "default",
    env,
    profileId: "p",
    metric: "latency",
  });
});

Deno.test("Better §6 rule 2: the endpoint is made of the derived template once that is Ready", () => {
  const derived = (status: string) =>
    template({
      metadata: { name: derivedName },
      spec: { metric: "latency" },
      status: { status: status as "Ready" },
    });
  const waiting = pass(explicit({ metric: "latency" }), [
    model(),
    template(),
    derived("Progressing"),
    cache(),
  ]);
  assert.deepEqual(waiting.children, []);
  assert.equal(waiting.message("TemplateReady"), `AIMServiceTemplate ${derivedName} is not ready yet`);
  const ready = pass(explicit({ metric: "latency" }), [
    model(),
    template(),
    derived("Ready"),
    cache({ spec: { templateName: derivedName } }),
  ]);
  assert.equal(ready.status.resolvedTemplate?.name, derivedName);
  assert.equal(
    ready.desired<KubeObject>("InferenceService")!.metadata!.labels!["aim.eai.amd.com/template"],
    derivedName,
  );
});

Deno.test("a base that is not Ready, or not there, derives nothing", () => {
  const unready = pass(explicit({ metric: "latency" }), [
    model(),
    template({ status: { status: "Pending" } }),
  ]);
  assert.deepEqual(unready.children, []);
  assert.equal(unready.message("TemplateReady"), "AIMServiceTemplate t1 is not ready yet");
  const missing = pass(explicit({ metric: "latency" }), [model()]);
  // The user wrote t1, not the name of what would be derived from it.
  assert.match(
    missing.message("TemplateReady")!,
    /^template "t1" not found: spec\.template\.name asks for it/,
  );
});

for (
  const overrides of [{}, { hardware: { gpu: { minVram: "64Gi" } } }, {
    hardware: { cpu: { requests: "1" } },
  }]
) {
  Deno.test(`Better §6 rule 3: ${JSON.stringify(overrides)} has no part of a name, hence no effect`, () => {
    const made = pass(explicit(overrides), [model(), template()]);
    assert.equal(made.status.resolvedTemplate?.name, "t1");
    assert.equal(made.desired("AIMServiceTemplate"), undefined);
  });
}

Deno.test("Better §5.1: a chosen template that changed overrides no longer fit is chosen again", () => {
  const both = [profiled("t1", { metric: "latency" }), profiled("t2", { metric: "throughput" })];
  const before = pass(service(), [model(), ...both]).status;
  assert.equal(before.resolvedTemplate?.name, "t1");
  const changed = service({ spec: { overrides: { metric: "throughput" } }, status: before });
  assert.equal(pass(changed, [model(), ...both]).status.resolvedTemplate?.name, "t2");
});

Deno.test("Better §6 rule 4: the derived template goes with the last service that asks for it", () => {
  const deletionTimestamp = "2025-12-31T00:00:00Z";
  const derived = template({
    metadata: { name: derivedName, labels: { "aim.eai.amd.com/origin": "derived" } },
  });
  const gone = service({
    metadata: { deletionTimestamp, finalizers: ["aim.eai.amd.com/template-cache-cleanup"] },
    spec: { template: { name: "t1" }, overrides: { metric: "latency" } },
  });
  const { plan } = pass(gone, [template(), derived]);
  assert.deepEqual(plan.removals.map(({ ref }) => ref.name), [derivedName]);
  const { inUse } = plan.removals[0].unless!;
  const other = (spec: Partial<AIMServiceSpec>) => service({ metadata: { name: "o", uid: "o" }, spec });
  assert.equal(inUse([gone]), false);
  assert.equal(inUse([other({ template: { name: "t1" }, overrides: { metric: "latency" } })]), true);
  assert.equal(inUse([other({ template: { name: "t1" } })]), false);
  const goingToo = service({
    metadata: { name: "o", uid: "o", deletionTimestamp },
    spec: { template: { name: "t1" }, overrides: { metric: "latency" } },
  });
  assert.equal(inUse([gone, goingToo]), false, "one that goes itself asks for nothing");
  const standing = service({
    metadata: { name: "o", uid: "o" },
    status: { resolvedTemplate: { name: derivedName, namespace: "ns", scope: "Namespace" } },
  });
  assert.equal(inUse([standing]), true);
});

Deno.test("Better §6 rule 4: a template made by hand stays, whatever its name", () => {
  const gone = service({
    metadata: {
      deletionTimestamp: "2025-12-31T00:00:00Z",
      finalizers: ["aim.eai.amd.com/template-cache-cleanup"],
    },
    spec: { template: { name: "t1" }, overrides: { metric: "latency" } },
  });
  assert.deepEqual(pass(gone, [template(), template({ metadata: { name: derivedName } })]).removals, []);
});

/** A derived template as this operator makes it for service `s`: not Ready yet, so recorded by nobody. */
const waiting = template({
  metadata: {
    name: derivedName,
    labels: {
      "aim.eai.amd.com/origin": "derived",
      "aim.eai.amd.com/template": "t1",
      "aim.eai.amd.com/service.name": "s",
    },
  },
  spec: { metric: "latency" },
  status: { status: "Pending" },
});
const going = (name: string, spec: Partial<AIMServiceSpec>) =>
  service({
    metadata: {
      name,
      uid: name,
      deletionTimestamp: "2025-12-31T00:00:00Z",
      finalizers: ["aim.eai.amd.com/template-cache-cleanup"],
    },
    spec,
  });
const latency = { overrides: { metric: "latency" } } as const;

Deno.test("Better §6 rule 4: what was derived in auto-selection and never became Ready goes as well", () => {
  assert.deepEqual(pass(going("s", latency), [template(), waiting]).removals, [
    `AIMServiceTemplate ${derivedName}`,
  ]);
  const elsewhere = { ...waiting, metadata: { ...waiting.metadata, namespace: "other" } };
  assert.deepEqual(pass(going("s", latency), [elsewhere]).removals, []);
});

Deno.test("Better §6 rule 4: it goes with the last who waits for it, also if another had it made", () => {
  assert.deepEqual(pass(going("second", latency), [template(), waiting]).removals, [
    `AIMServiceTemplate ${derivedName}`,
  ]);
  assert.deepEqual(pass(going("third", {}), [template(), waiting]).removals, [], "never asked for it");
});

Deno.test("Better §6 rule 4: what earlier overrides have left goes too", () => {
  const throughput = { overrides: { metric: "throughput" } } as const;
  assert.deepEqual(pass(going("s", throughput), [template(), waiting]).removals, [
    `AIMServiceTemplate ${derivedName}`,
  ]);
});

Deno.test("Better §6 rule 4: it stays while another service waits for it, chosen or named", () => {
  const { inUse } = pass(going("s", latency), [template(), waiting]).plan.removals[0].unless!;
  const other = (spec: Partial<AIMServiceSpec>) => service({ metadata: { name: "o", uid: "o" }, spec });
  assert.equal(inUse([other(latency)]), true);
  assert.equal(inUse([other({ template: { name: "t1" }, ...latency })]), true);
  assert.equal(inUse([other({ template: { name: derivedName } })]), true);
  assert.equal(inUse([other({ model: { name: "another" }, ...latency })]), false);
  assert.equal(inUse([other({ overrides: { metric: "throughput" } })]), false);
  assert.equal(inUse([other({})]), false);
  assert.equal(inUse([going("o", latency)]), false);
  const ofTheCluster = service({
    metadata: { name: "o", uid: "o" },
    status: { resolvedTemplate: { name: derivedName, scope: "Cluster" } },
  });
  assert.equal(inUse([ofTheCluster]), false, "another template of the same name");
});

Deno.test("§1.3: an env entry with an empty value is written with its name only into a derived template", () => {
  const base = template({ spec: { env: [{ name: "A", value: "" }, { name: "B", value: "b" }] } });
  const made = pass(explicit({ metric: "latency" }), [model(), base]);
  const { spec } = made.desired<AIMServiceTemplate>("AIMServiceTemplate")!;
  assert.deepEqual(spec?.env, [{ name: "A" }, { name: "B", value: "b" }]);
});
