import assert from "node:assert/strict";
import fc from "fast-check";
import type { AIMRuntimeConfig, RuntimeConfigSpec } from "../api/mod.ts";
import { completed } from "./status/health.ts";
import type { ReconciledKind } from "./naming/labels.ts";
import {
  type ConfigLookup,
  headroomPercent,
  mergedConfig,
  resolvedConfig,
  runtimeConfigHealth,
  runtimeConfigName,
} from "./runtime_config.ts";

const config = (spec: RuntimeConfigSpec, namespace?: string): AIMRuntimeConfig => ({
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: namespace ? "AIMRuntimeConfig" : "AIMClusterRuntimeConfig",
  metadata: { name: "default", namespace, uid: namespace ? "n-uid" : "c-uid" },
  spec,
});
const lookup = (
  cluster?: RuntimeConfigSpec,
  namespaced?: RuntimeConfigSpec,
  name = "default",
): ConfigLookup => ({
  name,
  namespace: "ml",
  inNamespace: namespaced && config(namespaced, "ml"),
  inCluster: cluster && config(cluster),
});
const merge = (cluster?: RuntimeConfigSpec, namespaced?: RuntimeConfigSpec) =>
  mergedConfig(lookup(cluster, namespaced));

Deno.test("a stored config that today's schema refuses is not merged: its consumers say what is wrong", () => {
  const faulty: ConfigLookup = {
    ...lookup({ routing: { enabled: true } }),
    fault: "spec.env must be a list",
  };
  assert.equal(mergedConfig(faulty), undefined);
  for (const consumer of ["AIMService", "AIMModel", "AIMArtifact"] as const) {
    const { errors, role } = runtimeConfigHealth(consumer, faulty)!;
    assert.deepEqual(errors, [
      {
        category: "InvalidSpec",
        reason: "InvalidSpec",
        message: "spec.env must be a list",
        code: "AIM-0202",
      },
    ]);
    assert.equal(role, "input"); // nothing is made by guessing
  }
});

Deno.test("merging goes by presence: the table of model-sources-and-config.md §10.2 with its Better lines", () => {
  const gateway = { name: "a", namespace: "ns-a", sectionName: "s", port: 80 };
  const rows: [cluster: RuntimeConfigSpec, namespaced: RuntimeConfigSpec, merged: RuntimeConfigSpec][] = [
    [{ routing: { enabled: true } }, { routing: { enabled: false } }, { routing: { enabled: false } }],
    [{ model: { autoDiscovery: true } }, { model: { autoDiscovery: false } }, {
      model: { autoDiscovery: false },
    }],
    [{ storage: { pvcHeadroomPercent: 20 } }, { storage: { pvcHeadroomPercent: 0 } }, {
      storage: { pvcHeadroomPercent: 0 },
    }],
    [
      { storage: { pvcHeadroomPercent: 20 } },
      { storage: { defaultStorageClassName: "x", pvcHeadroomPercent: 10 } },
      { storage: { defaultStorageClassName: "x", pvcHeadroomPercent: 20 } },
    ],
    [
      { storage: { defaultStorageClassName: "x" } },
      { storage: { defaultStorageClassName: "" } },
      { storage: { defaultStorageClassName: "" } },
    ],
    [{ routing: { requestTimeout: "30s" } }, { routing: { requestTimeout: "0s" } }, {
      routing: { requestTimeout: "0s" },
    }],
    [{ routing: { pathTemplate: "/a" } }, { routing: { pathTemplate: "" } }, {
      routing: { pathTemplate: "" },
    }],
    [{ routing: { gatewayRef: gateway } }, { routing: { gatewayRef: { name: "b" } } }, {
      routing: { gatewayRef: { name: "b" } },
    }],
    [
      { labelPropagation: { enabled: true, match: ["a", "b"] } },
      { labelPropagation: { enabled: false, match: ["c"] } },
      { labelPropagation: { enabled: true, match: ["c"] } },
    ],
    [
      { labelPropagation: { enabled: false, match: ["a"] } },
      { labelPropagation: { enabled: true } },
      { labelPropagation: { enabled: true, match: ["a"] } },
    ],
    [
      { storage: { defaultStorageClassName: "cl", pvcHeadroomPercent: 30 } },
      { defaultStorageClassName: "old" },
      { storage: { defaultStorageClassName: "old", pvcHeadroomPercent: 30 } },
    ],
    [
      { routing: { annotations: { a: "1", b: "2" } } },
      { routing: { annotations: { b: "" } } },
      { routing: { annotations: { a: "1", b: "" } } },
    ],
    [{ routing: { annotations: { a: "1" } } }, { routing: { enabled: true } }, {
      routing: { enabled: true, annotations: { a: "1" } },
    }],
    [{ routing: { enabled: true } }, {}, { routing: { enabled: true } }],
    [{}, {}, {}],
  ];
  for (const [cluster, namespaced, merged] of rows) {
    assert.deepEqual(merge(cluster, namespaced), merged, JSON.stringify([cluster, namespaced]));
  }
});

Deno.test("the worked example of model-sources-and-config.md §16.1", () => {
  const gatewayRef = { name: "aim-gateway", namespace: "kgateway-system" };
  const token = { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "team-a-hf", key: "token" } } };
  const cluster: RuntimeConfigSpec = {
    storage: { defaultStorageClassName: "shared-rwx", pvcHeadroomPercent: 20 },
    routing: { enabled: true, gatewayRef, annotations: { a: "1", b: "2" } },
    env: [
      { name: "HF_ENDPOINT", value: "https://mirror" },
      { name: "AIM_ENGINE_ARGS", value: '{"max-model-len":4096,"x":{"p":1}}' },
    ],
  };
  const team: RuntimeConfigSpec = {
    routing: { pathTemplate: "/team-a/{.metadata.name}", annotations: { b: "3" } },
    env: [token, { name: "AIM_ENGINE_ARGS", value: '{"x":{"q":2}}' }],
  };
  assert.deepEqual(merge(cluster, team), {
    storage: { defaultStorageClassName: "shared-rwx", pvcHeadroomPercent: 20 },
    routing: {
      enabled: true,
      gatewayRef,
      annotations: { a: "1", b: "3" },
      pathTemplate: "/team-a/{.metadata.name}",
    },
    env: [
      { name: "HF_ENDPOINT", value: "https://mirror" },
      { name: "AIM_ENGINE_ARGS", value: '{"max-model-len":4096,"x":{"p":1,"q":2}}' },
      token,
    ],
  });
});

Deno.test("one config alone is taken as it is, with deprecated fields folded in (§10.1 rule 5)", () => {
  assert.equal(merge(), undefined);
  assert.deepEqual(merge(undefined, { routing: { enabled: false } }), { routing: { enabled: false } });
  assert.deepEqual(merge({ defaultStorageClassName: "old", pvcHeadroomPercent: 25 }), {
    storage: { defaultStorageClassName: "old", pvcHeadroomPercent: 25 },
  });
  assert.deepEqual(
    merge({
      storage: { defaultStorageClassName: "new", pvcHeadroomPercent: 5 },
      defaultStorageClassName: "old",
      pvcHeadroomPercent: 25,
    }),
    {
      storage: { defaultStorageClassName: "new", pvcHeadroomPercent: 5 },
    },
  );
  assert.deepEqual(merge({ defaultStorageClassName: "" }), {});
});

Deno.test("headroom: 10 where nobody says otherwise, 0 where somebody says so", () => {
  assert.equal(headroomPercent(undefined), 10);
  assert.equal(headroomPercent(merge({ storage: { pvcHeadroomPercent: 10 } })), 10);
  assert.equal(headroomPercent(merge({ storage: { pvcHeadroomPercent: 0 } })), 0);
  assert.equal(headroomPercent(merge({ storage: { pvcHeadroomPercent: 10 }, pvcHeadroomPercent: 30 })), 30);
});

Deno.test("status.resolvedRuntimeConfig (§10.5)", () => {
  assert.equal(resolvedConfig(lookup()), undefined);
  assert.deepEqual(resolvedConfig(lookup({})), {
    name: "default",
    scope: "Cluster",
    kind: "AIMClusterRuntimeConfig",
    uid: "c-uid",
  });
  const namespaced = { name: "default", namespace: "ml", kind: "AIMRuntimeConfig", uid: "n-uid" };
  assert.deepEqual(resolvedConfig(lookup(undefined, {})), { ...namespaced, scope: "Namespace" });
  assert.deepEqual(resolvedConfig(lookup({}, {})), { ...namespaced, scope: "Merged" });
});

Deno.test("RuntimeConfigReady of every consumer (§13.1)", () => {
  const found = lookup({}), none = lookup(), missing = lookup(undefined, undefined, "mine");
  const says = (kind: ReconciledKind, at: ConfigLookup) => {
    const health = runtimeConfigHealth(kind, at);
    if (health === undefined) return undefined;
    const { state, reason, message, errors } = completed(health);
    return [state, errors[0]?.category ?? "-", reason, message].join(" ").trim();
  };
  assert.equal(says("AIMService", found), "Ready - RuntimeConfigResolved");
  assert.equal(says("AIMService", none), undefined);
  assert.equal(
    says("AIMService", missing),
    "Degraded MissingUpstream ReferenceNotFound RuntimeConfig mine not found in namespace ml or cluster scope",
  );
  for (const kind of ["AIMModel", "AIMServiceTemplate", "AIMClusterServiceTemplate"] as const) {
    assert.equal(says(kind, found), "Ready - ConfigFound");
    assert.equal(says(kind, none), "Ready - DefaultConfigNotFound Default config was not found");
    assert.equal(says(kind, missing), "Degraded MissingUpstream ConfigNotFound RuntimeConfig mine not found");
  }
  for (const kind of ["AIMClusterModel", "AIMTemplateCache", "AIMArtifact"] as const) {
    assert.equal(says(kind, found), "Ready - ConfigFound");
    assert.equal(says(kind, none), "Ready - DefaultConfigNotFound Default config was not found");
    assert.match(
      says(kind, missing)!,
      /^Degraded MissingUpstream ReferenceNotFound RuntimeConfig mine not found in /,
    );
  }
  assert.equal(
    says("AIMClusterModel", { ...missing, namespace: undefined }),
    "Degraded MissingUpstream ReferenceNotFound RuntimeConfig mine not found in cluster scope",
  );
  assert.equal(says("AIMClusterModelSource", found), undefined);
});

Deno.test("§9 Better: deprecated fields are named in RuntimeConfigReady of whoever goes by the config", () => {
  const says = (at: ConfigLookup) => completed(runtimeConfigHealth("AIMService", at)!);
  const old = { defaultStorageClassName: "fast", pvcHeadroomPercent: 0 };
  assert.equal(
    says(lookup(old)).message,
    "DeprecatedFields: AIMClusterRuntimeConfig default has spec.defaultStorageClassName and spec.pvcHeadroomPercent; " +
      "write spec.storage.defaultStorageClassName and spec.storage.pvcHeadroomPercent instead",
  );
  assert.equal(
    says(lookup({ pvcHeadroomPercent: 5 }, { defaultStorageClassName: "fast" })).message,
    "DeprecatedFields: AIMRuntimeConfig ml/default has spec.defaultStorageClassName; " +
      "write spec.storage.defaultStorageClassName instead; " +
      "DeprecatedFields: AIMClusterRuntimeConfig default has spec.pvcHeadroomPercent; " +
      "write spec.storage.pvcHeadroomPercent instead",
  );
  assert.equal(says(lookup(old)).state, "Ready");
  assert.equal(says(lookup({ storage: old, defaultStorageClassName: "" })).message, "");
});

Deno.test("the name: empty means default, nothing is trimmed", () => {
  assert.equal(runtimeConfigName(undefined), "default");
  assert.equal(runtimeConfigName(""), "default");
  assert.equal(runtimeConfigName(" x"), " x");
});

const anySpec: fc.Arbitrary<RuntimeConfigSpec> = fc.record({
  storage: fc.record({
    defaultStorageClassName: fc.constantFrom("", "a", "b"),
    pvcHeadroomPercent: fc.constantFrom(0, 20, 30),
  }, { requiredKeys: [], noNullPrototype: true }),
  routing: fc.record({
    enabled: fc.boolean(),
    pathTemplate: fc.constantFrom("", "/a"),
    gatewayRef: fc.record({ name: fc.constantFrom("a", "b"), port: fc.constantFrom(1, 2) }, {
      requiredKeys: ["name"],
    }),
  }, { requiredKeys: [], noNullPrototype: true }),
  model: fc.record({ autoDiscovery: fc.boolean() }, { requiredKeys: [], noNullPrototype: true }),
}, { requiredKeys: [], noNullPrototype: true });

Deno.test("property: each field comes from the namespace if it is there, else from the cluster", () => {
  fc.assert(fc.property(anySpec, anySpec, (cluster, namespaced) => {
    const merged = merge(cluster, namespaced)!;
    for (const group of ["storage", "routing", "model"] as const) {
      const [below, above, result] = [cluster[group], namespaced[group], merged[group]] as Record<
        string,
        unknown
      >[];
      for (const key of new Set(Object.keys({ ...below, ...above }))) {
        assert.deepEqual(result[key], above && key in above ? above[key] : below[key], `${group}.${key}`);
      }
    }
    assert.deepEqual(merge(namespaced, namespaced), merge(namespaced), "a config laid over itself is itself");
  }));
});

Deno.test("what would have everything refused is left out, the rest applies, and consumers say what is left out", () => {
  const bad = lookup({
    env: [{ name: "A=B", value: "1" }, { name: "C", valueFrom: {} }, { name: "OK", value: "2" }],
    routing: { enabled: true, annotations: { "a b": "1", "example.com/ok": "2", "Example.com/Also": "3" } },
    pvcHeadroomPercent: -50,
    labelPropagation: { match: ["["] },
  }, { env: [{ name: "", value: "3" }, { name: "MINE", value: "4" }] });
  assert.deepEqual(mergedConfig(bad), {
    env: [{ name: "OK", value: "2" }, { name: "MINE", value: "4" }],
    routing: { enabled: true, annotations: { "example.com/ok": "2", "Example.com/Also": "3" } },
    labelPropagation: { match: ["["] },
  });
  assert.equal(headroomPercent(mergedConfig(bad)), 10);
  const { state, message } = completed(runtimeConfigHealth("AIMService", bad)!);
  assert.equal(state, "Ready");
  assert.equal(
    message,
    "DeprecatedFields: AIMClusterRuntimeConfig default has spec.pvcHeadroomPercent; write " +
      "spec.storage.pvcHeadroomPercent instead; spec.env[0].name of AIMRuntimeConfig ml/default is left out, as no " +
      "object may have it: see its condition Ready; spec.env[0].name and spec.env[1].valueFrom and " +
      "spec.routing.annotations and spec.pvcHeadroomPercent of AIMClusterRuntimeConfig default is left out, as no " +
      "object may have it: see its condition Ready",
  );
});
