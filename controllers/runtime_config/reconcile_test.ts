import assert from "node:assert/strict";
import type { AIMClusterRuntimeConfig, AIMRuntimeConfig, RuntimeConfigSpec } from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { clusterRuntimeConfigController, runtimeConfigController } from "./reconcile.ts";

type Config = AIMRuntimeConfig | AIMClusterRuntimeConfig;
type Conditions = NonNullable<Config["status"]>["conditions"];

/** Not the one that any other fixture has. */
const generation = 7;

const config = (spec: unknown, namespace?: string, status?: Config["status"]): Config => ({
  apiVersion: API_VERSION,
  kind: namespace ? "AIMRuntimeConfig" : "AIMClusterRuntimeConfig",
  metadata: { name: "default", ...(namespace && { namespace }), generation },
  ...(spec === undefined ? {} : { spec: spec as RuntimeConfigSpec }),
  ...(status && { status }),
});

const storageClass = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "nfs" } };

/** One pass over a config, beside others. */
function pass(object: Config, others: readonly KubeObject[] = [], outOfReach: readonly string[] = []) {
  const live = liveObject(object);
  const { result: plan } = onView(
    [object, storageClass, ...others],
    { kinds: watchedKinds, outOfReach },
    (view) =>
      object.kind === "AIMRuntimeConfig"
        ? runtimeConfigController.reconcile(live, view)
        : clusterRuntimeConfigController.reconcile(live, view),
  );
  const status = plan.status?.(outcomesOf(plan));
  const events = status === undefined ? [] : plan.events?.(object.status, status, outcomesOf(plan)) ?? [];
  const short = (type: string) => {
    const found = status?.conditions?.find((each) => each.type === type);
    return found && `${found.status} ${found.reason} ${found.message}`;
  };
  return { plan, status, short, events, ready: short("Ready")! };
}

const gatewayRef = { name: "gw", namespace: "gateways" };
const full: RuntimeConfigSpec = {
  storage: { defaultStorageClassName: "nfs", pvcHeadroomPercent: 0 },
  routing: {
    enabled: true,
    gatewayRef: { ...gatewayRef, kind: "Gateway", sectionName: "https", port: 443 },
    pathTemplate: "/{.metadata.namespace}/{.metadata.name}",
    requestTimeout: "1h30m",
    annotations: { "example.com/rate": "100", plain: "" },
  },
  env: [
    { name: "HF_ENDPOINT", value: "https://mirror" },
    { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } },
    { name: "AIM_ENGINE_ARGS", value: '{"seed": 9007199254740993}' },
  ],
  model: { autoDiscovery: false },
  labelPropagation: { enabled: true, match: ["team-*", "cost.example.com/*"] },
};

Deno.test("a config in which all is right", () => {
  for (const namespace of [undefined, "ml"]) {
    const { plan, status, short, events } = pass(config(full, namespace));
    assert.equal(short("Ready"), "True ConfigurationValid Configuration is valid");
    assert.deepEqual([plan.children, plan.removals, plan.edits], [[], [], undefined]);
    assert.equal(status?.observedGeneration, generation);
    assert.deepEqual(status?.conditions?.map(({ type, observedGeneration }) => [type, observedGeneration]), [
      ["InUse", generation],
      ["Ready", generation],
    ]);
    assert.deepEqual(events.map(({ type, reason }) => [type, reason]), [["Normal", "ConfigurationValid"]]);
  }
});

Deno.test("empty configs are right: nothing, an empty spec, empty texts that switch off what the cluster says", () => {
  const off = {
    storage: { defaultStorageClassName: "" },
    routing: { enabled: false, pathTemplate: "", requestTimeout: "0s" },
  };
  for (const spec of [undefined, {}, off]) {
    assert.equal(pass(config(spec, "ml")).ready, "True ConfigurationValid Configuration is valid");
  }
});

/** Every field in which something can be wrong: what is written, and what the message must say of it. */
const faulty: readonly (readonly [field: string, spec: unknown, says: readonly RegExp[]])[] = [
  ["storage class", { storage: { defaultStorageClassName: "NFS_x" } }, [
    /^spec\.storage\.defaultStorageClassName is "NFS_x" but is no name of a storage class: .*; write/,
  ]],
  ["old storage class", { defaultStorageClassName: "a b" }, [/^spec\.defaultStorageClassName is "a b" but/]],
  ["headroom", { storage: { pvcHeadroomPercent: -1 } }, [
    /^spec\.storage\.pvcHeadroomPercent is -1 but must be at least 0; set it to 0 or more$/,
  ]],
  ["old headroom", { pvcHeadroomPercent: -1 }, [
    /^spec\.pvcHeadroomPercent is -1 but is negative.*; set spec\.storage\.pvcHeadroomPercent to 0 or more$/,
  ]],
  ["gateway kind", { routing: { gatewayRef: { ...gatewayRef, kind: "Gatway" } } }, [
    /^spec\.routing\.gatewayRef\.kind "Gatway" is no kind of group .* write Gateway or ListenerSet/,
  ]],
  ["gateway group", { routing: { gatewayRef: { ...gatewayRef, group: "gateways" } } }, [
    /no API group; remove group/,
  ]],
  ["gateway name", { routing: { gatewayRef: {} } }, [/^spec\.routing\.gatewayRef\.name is required; set it/]],
  ["gateway port", { routing: { gatewayRef: { ...gatewayRef, port: 0 } } }, [/gatewayRef\.port is 0 but/]],
  ["path field", { routing: { pathTemplate: "/{.metadata.nam}" } }, [
    /^spec\.routing\.pathTemplate: .*"\.metadata\.nam".*; every \{…\} must be a JSONPath/,
  ]],
  ["path syntax", { routing: { pathTemplate: "/{name}" } }, [/pathTemplate: .*invalid jsonpath expression/]],
  ["path length", { routing: { pathTemplate: "/" + "a".repeat(300) } }, [/exceeds 200 characters/]],
  ["timeout", { routing: { requestTimeout: "1d" } }, [
    /^spec\.routing\.requestTimeout "1d" of this config: "1d" is not a duration; write .*90s or 1h30m/,
  ]],
  ["empty timeout", { routing: { requestTimeout: "" } }, [/requestTimeout "" of this config/]],
  ["fine timeout", { routing: { requestTimeout: "10us" } }, [/finer than a millisecond/]],
  ["negative timeout", { routing: { requestTimeout: "-1s" } }, [/is negative/]],
  ["annotation", { routing: { annotations: { "a b": "1" } } }, [
    /^spec\.routing\.annotations is "a b" but is no key of an annotation: .*example\.com\/name, or remove it$/,
  ]],
  ["env name", { env: [{ name: "OK" }, { name: "A=B", value: "1" }] }, [
    /^spec\.env\[1\]\.name is "A=B" but is no name of a variable; use letters/,
  ]],
  ["env source", { env: [{ name: "A", valueFrom: {} }] }, [/^spec\.env\[0\]\.valueFrom: names nowhere/]],
  ["env value beside source", {
    env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
  }, [/^spec\.env\[0\]\.value stands beside valueFrom; remove one/]],
  ["env secret", { env: [{ name: "A", valueFrom: { secretKeyRef: { key: "k" } } }] }, [
    /^spec\.env\[0\]\.valueFrom\.secretKeyRef\.name is "" but is no name of a Secret/,
  ]],
  ["engine args", { env: [{ name: "AIM_ENGINE_ARGS", value: "{max-model-len: 1}" }] }, [
    /^spec\.env\[0\]\.value is no JSON object, which AIM_ENGINE_ARGS must be; write it like \{"max-model-len"/,
  ]],
  ["pattern", { labelPropagation: { enabled: true, match: ["ok", "team["] } }, [
    /^spec\.labelPropagation\.match\[1\] "team\[" is malformed; give every \[ its \]/,
  ]],
  ["pattern that cannot match", { labelPropagation: { enabled: true, match: ["team "] } }, [
    /^spec\.labelPropagation\.match\[0\] "team " matches no label key; write it for the whole key/,
  ]],
  ["of an older schema", { env: "A=1" }, [/^spec\.env is "A=1" but must be a list; replace it by a list$/]],
  ["two of an older schema", { env: "A=1", routing: { enabled: "yes" } }, [
    /^spec\.routing\.enabled is "yes" .*; spec\.env is "A=1" but must be a list; replace it by a list$/,
  ]],
];
for (const [field, spec, says] of faulty) {
  Deno.test(`a fault is told with field, value and remedy: ${field}`, () => {
    const { status, short, events } = pass(config(spec, "ml"));
    const message = short("Ready")!.replace("False InvalidSpec ", "");
    for (const pattern of says) assert.match(message, pattern);
    // Each row has what it says and no second fault behind it.
    assert.equal(message.match(/(^|; )spec\./g)?.length, field.startsWith("two") ? 2 : 1, message);
    assert.equal(short("Stalled"), `True InvalidSpec ${message}`);
    assert.deepEqual(status?.conditions?.map(({ type }) => type), ["InUse", "Stalled", "Ready"]);
    assert.deepEqual(events, [{ type: "Warning", reason: "InvalidSpec", message }]);
  });
}

Deno.test("several faults are told together, five in full", () => {
  const env = Array.from({ length: 8 }, (_, i) => ({ name: `=${i}` }));
  const { ready } = pass(config({ routing: { requestTimeout: "x" }, env }));
  assert.match(ready, /requestTimeout.*env\[0\].*env\[3\].*; and 4 more$/);
  assert.doesNotMatch(ready, /env\[4\]/);
});

Deno.test("a tenant's patterns cost no more than a moment, however long and many they are", () => {
  const costly = (length: number) => (_: unknown, i: number) =>
    `${"*[^!]*[^!]".repeat(length / 10)}`.slice(0, length - 5) + `${1000 + i}_`;
  const rows: [match: string[], says: RegExp][] = [
    [Array.from({ length: 1_000 }, costly(310)), /matches no label key.*; and 60 more$/],
    [Array.from({ length: 3_000 }, costly(320)), /match\[0\] .* is longer than a label key.*; and 60 more$/],
    [
      ["a".repeat(1_000_000)],
      /^False InvalidSpec .{500,1200} is longer than a label key; write at most 316/,
    ],
    [Array(65).fill("*"), /match has 65 patterns, and only the first 64 count; write fewer, with \*$/],
  ];
  for (const [match, says] of rows) {
    const before = performance.now();
    const { ready } = pass(config({ labelPropagation: { enabled: true, match } }, "ml"));
    // Far above what it takes (0.1 s), far below the lease's 10 s.
    assert.ok(performance.now() - before < 3_000);
    assert.match(ready, says);
  }
});

Deno.test("a storage class that is not there: told until it comes", () => {
  const named = config({ storage: { defaultStorageClassName: "fast" } });
  assert.match(
    pass(named).ready,
    /^False ReferenceNotFound spec\.storage\.defaultStorageClassName is "fast" but this cluster has no such storage class, so claims for weights stay unbound unless volumes of that class were made by hand; make/,
  );
  const fast = { ...storageClass, metadata: { name: "fast" } };
  assert.match(pass(named, [fast]).ready, /^True/);
  // The deprecated field counts where the other is not set, and only there.
  assert.match(
    pass(config({ defaultStorageClassName: "fast" })).ready,
    /spec\.defaultStorageClassName is "fast"/,
  );
  const both = { defaultStorageClassName: "fast", storage: { defaultStorageClassName: "nfs" } };
  assert.match(pass(config(both)).ready, /^True/);
  // What is written wrong comes first.
  assert.match(
    pass(config({ storage: { defaultStorageClassName: "fast" }, env: [{ name: "" }] })).ready,
    /^False InvalidSpec spec\.env\[0\].*this cluster has no such storage class/,
  );
});

/** What is allowed and seldom meant; the message begins with "Configuration is valid". */
const remarks: readonly (readonly [
  what: string,
  spec: RuntimeConfigSpec,
  cluster: RegExp | undefined,
  ns: RegExp | undefined,
])[] = [
  [
    "deprecated",
    { pvcHeadroomPercent: 5 },
    /DeprecatedFields: .*write spec\.storage\.pvcHeadroomPercent/,
    /DeprecatedFields/,
  ],
  [
    "literal secret",
    { env: [{ name: "HF_TOKEN", value: "hf_x" }] },
    /value of HF_TOKEN to every tenant/,
    undefined,
  ],
  ["literal key", { env: [{ name: "aws_access_key_id", value: "x" }] }, /aws_access_key_id/, undefined],
  [
    "all that names a secret",
    {
      env: [..."DB_PASSWORD MY_SECRET hub_token S3_ACCESS_KEY SIZE".split(" ")].map((name) => ({
        name,
        value: "x",
      })),
    },
    /value of DB_PASSWORD, MY_SECRET, hub_token, S3_ACCESS_KEY to every tenant/,
    undefined,
  ],
  ["empty token", { env: [{ name: "HF_TOKEN", value: "" }] }, undefined, undefined],
  ["narrow name", { env: [{ name: "A B" }] }, /before 1\.34 .*"A B"/, /before 1\.34 .*"A B"/],
  ["one path", { routing: { pathTemplate: "/chat" } }, /the same path/, /put \{\.metadata\.name\} into it/],
  [
    "path without namespace",
    { routing: { pathTemplate: "/{.metadata.name}" } },
    /put \{\.metadata\.namespace\} into it/,
    undefined,
  ],
  [
    "path with a word like a field's",
    { routing: { pathTemplate: "/uid/{.metadata.name}" } },
    /put \{\.metadata\.namespace\} into it/,
    undefined,
  ],
  [
    "path with an open brace",
    { routing: { pathTemplate: "/{.metadata.name" } },
    /spec\.routing\.pathTemplate "\/\{\.metadata\.name" has a \{ or \} .*give every \{ its \}$/,
    /spec\.routing\.pathTemplate .*give every \{ its \}$/,
  ],
  [
    "path with empty braces",
    { routing: { pathTemplate: "/{.metadata.namespace}/{}" } },
    /has a \{ or \}/,
    /has a \{ or \}/,
  ],
  [
    "labels that are a tool's",
    { labelPropagation: { enabled: true, match: ["team", "helm.sh/*", "app.kubernetes.io/managed-by"] } },
    /match "helm\.sh\/\*", "app\.kubernetes\.io\/managed-by" copies no label: .*; remove/,
    /copies no label: .*; remove/,
  ],
  [
    "labels of a domain that a tool shares",
    { labelPropagation: { enabled: true, match: ["app.kubernetes.io/*", "*/*", "helm.*/x", "helm"] } },
    undefined,
    undefined,
  ],
  ["path by uid", { routing: { pathTemplate: "/{.metadata.uid}" } }, undefined, undefined],
  [
    "a template's own",
    { env: [{ name: "AIM_METRIC", value: "latency" }] },
    /AIM_METRIC of spec\.env gives way/,
    /AIM_METRIC/,
  ],
  [
    "a download's own",
    { env: [{ name: "TARGET_DIR", value: "/x" }] },
    /TARGET_DIR of spec\.env replaces .*remove it/,
    /TARGET_DIR/,
  ],
  [
    "no gateway",
    { routing: { enabled: true } },
    /GatewayNotConfigured.*or its namespace/,
    /GatewayNotConfigured/,
  ],
  ["labels off", { labelPropagation: { match: ["a"] } }, undefined, /match copies no label/],
];
for (const [what, spec, cluster, ns] of remarks) {
  Deno.test(`a remark leaves the config Ready: ${what}`, () => {
    for (const [namespace, says] of [[undefined, cluster], ["ml", ns]] as const) {
      const { ready } = pass(config(spec, namespace));
      const plain = "True ConfigurationValid Configuration is valid";
      if (says === undefined) assert.equal(ready, plain);
      else assert.match(ready, new RegExp(`^${plain}; .*${says.source}`));
    }
  });
}

Deno.test("no remark where the cluster's config of that name has what is missing", () => {
  const named = (name: string, spec: RuntimeConfigSpec, namespace?: string): Config => ({
    ...config(spec, namespace),
    metadata: { ...config(spec, namespace).metadata, name },
  });
  const spec = { routing: { enabled: true }, labelPropagation: { match: ["a"] } };
  const labelled = { enabled: true };
  const rows: [cluster: Config, gateway: boolean, labels: boolean][] = [
    [named("fast", { routing: { gatewayRef }, labelPropagation: labelled }), false, false],
    [named("fast", { routing: { gatewayRef } }), false, true],
    [named("fast", { routing: { enabled: true }, labelPropagation: labelled }), true, false],
    [named("fast", { routing: {}, labelPropagation: { enabled: false, match: ["a"] } }), true, true],
    [named("fast", {}), true, true],
    [named("default", { routing: { gatewayRef }, labelPropagation: labelled }), true, true],
    [named("fast", { routing: { gatewayRef }, labelPropagation: labelled }, "other"), true, true],
  ];
  for (const [cluster, gateway, labels] of rows) {
    const { ready } = pass(named("fast", spec, "ml"), [cluster]);
    assert.match(ready, /^True ConfigurationValid Configuration is valid(;|$)/);
    assert.deepEqual(
      [/set spec\.routing\.gatewayRef/, /set spec\.labelPropagation\.enabled/].map((each) =>
        each.test(ready)
      ),
      [gateway, labels],
      JSON.stringify(cluster),
    );
  }
});

Deno.test("in scoped mode nothing is called missing that cannot be read", () => {
  const spec = {
    storage: { defaultStorageClassName: "fast" },
    routing: { enabled: true },
    labelPropagation: { match: ["a"] },
  };
  assert.equal(
    pass(config(spec, "ml"), [], ["storageclasses", "aimclusterruntimeconfigs"]).ready,
    "True ConfigurationValid Configuration is valid",
  );
});

Deno.test("a value of a variable is never quoted", () => {
  const valueFrom = { secretKeyRef: { name: "s", key: "k" } };
  for (
    const entry of [{ name: "HF_TOKEN" }, { name: "AIM_ENGINE_ARGS" }, { name: "A=B" }, {
      name: "A",
      valueFrom,
    }]
  ) {
    assert.doesNotMatch(
      JSON.stringify(pass(config({ env: [{ ...entry, value: "s3cret" }] })).status),
      /s3cret/,
    );
  }
});

const service = (namespace: string, runtimeConfigName?: string) =>
  ({
    apiVersion: API_VERSION,
    kind: "AIMService",
    metadata: { name: "s", namespace },
    spec: { model: { name: "m" }, runtimeConfigName },
  }) as KubeObject;

Deno.test("InUse says whether anybody goes by it", () => {
  assert.equal(
    pass(config({}, "ml")).short("InUse"),
    "False Unused No object in namespace ml is without spec.runtimeConfigName",
  );
  assert.match(pass(config({}, "ml"), [service("ml")]).short("InUse")!, /^True InUse /);
  assert.match(pass(config({}, "ml"), [service("other")]).short("InUse")!, /^False Unused /);
  assert.match(pass(config({}), [service("other")]).short("InUse")!, /^True InUse /);
  const named = { ...config({}), metadata: { name: "fast" } };
  assert.equal(
    pass(named, [service("ml")]).short("InUse"),
    "False Unused No object has spec.runtimeConfigName: fast",
  );
  assert.match(pass(named, [service("ml", "fast")]).short("InUse")!, /^True/);
});

Deno.test("events tell of a change of Ready, and nothing of what stays", () => {
  const stored = (status: "True" | "False", reason: string): Config["status"] => ({
    observedGeneration: generation,
    conditions: [{
      type: "Ready",
      status,
      reason,
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    }] as Conditions,
  });
  const told = (spec: RuntimeConfigSpec, before: Config["status"]) =>
    pass(config(spec, "ml", before)).events.map(({ type, reason }) => `${type} ${reason}`);
  const wrong = { routing: { requestTimeout: "1d" } };
  assert.deepEqual(told({}, stored("True", "ConfigurationValid")), []);
  assert.deepEqual(told(wrong, stored("True", "ConfigurationValid")), ["Warning InvalidSpec"]);
  assert.deepEqual(told(wrong, stored("False", "InvalidSpec")), []);
  assert.deepEqual(told({}, stored("False", "InvalidSpec")), ["Normal ConfigurationValid"]);
  // Who goes by it comes and goes, and nobody is told.
  const before = stored("True", "ConfigurationValid");
  const first = pass(config({}, "ml", before), [service("ml")]);
  assert.deepEqual([first.short("InUse")?.split(" ")[0], first.events], ["True", []]);
});

Deno.test("one that is going is left alone, a paused one says that it is paused and stays else as it is", () => {
  const going = config({ env: [{ name: "" }] }, "ml");
  going.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  const still = config({ env: [{ name: "" }] }, "ml");
  still.metadata.annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  assert.equal(pass(going).status, undefined);
  const said = (object: Config) =>
    pass(object).status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
  assert.deepEqual(said(still), ["Paused True Paused", "Ready False Paused"]);
  const known = pass(config({}, "ml")).status!;
  const again = { ...still, status: known };
  assert.deepEqual(said(again), [
    "InUse False Unused",
    "Paused True Paused",
    "Ready True ConfigurationValid",
  ]);
  assert.equal(pass({ ...still, status: pass(again).status }).status, undefined);
  const resumed = { ...config({}, "ml"), status: pass(again).status };
  assert.deepEqual(said(resumed), ["InUse False Unused", "Ready True ConfigurationValid"]);
});
