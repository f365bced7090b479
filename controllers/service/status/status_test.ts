/** The status of a service beside its single components (services.md §11.1, §11.2, §11.4–§11.6, §12). */

import assert from "node:assert/strict";
import { withCause } from "../../../lib/operator/errors/codes.ts";
import type { AIMServiceStatus, AIMTemplateCache } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  cache,
  clusterConfig,
  clusterModel,
  clusterTemplate,
  config,
  endpoint,
  inferenceService,
  model,
  pass,
  pod,
  ready,
  route,
  routed,
  service,
  template,
  uid,
} from "../service_sample.ts";

/** The table "Reference outcomes" of §11.5, as far as models by name and Shared caches go. */
const outcomes: [
  title: string,
  spec: Parameters<typeof service>[0],
  objects: KubeObject[],
  overall: string,
  conditions: string[],
][] = [
  ["named model missing", {}, [], "Failed", [
    "ModelReady: False ModelNotFound",
    "TemplateReady: False TemplateNotFound",
    "ConfigValid: False ReferenceNotFound",
    "Ready: False ReferenceNotFound",
  ]],
  ["named template missing", { spec: { template: { name: "t1" } } }, [model()], "Failed", [
    "TemplateReady: False TemplateNotFound",
  ]],
  ["model Ready, no template", {}, [model()], "Pending", [
    "ModelReady: True ModelResolved",
    "TemplateReady: False TemplateNotFound",
  ]],
  [
    "model Ready, only a Failed template",
    {},
    [model(), template({ status: { status: "Failed" } })],
    "Pending",
    [
      "TemplateReady: False TemplateNotReady",
    ],
  ],
  [
    "model Progressing, template Ready",
    {},
    [model({ status: { status: "Progressing" } }), template()],
    "Pending",
    [
      "ModelReady: False ModelNotReady",
    ],
  ],
  ["model Failed", {}, [model({ status: { status: "Failed" } }), template()], "Failed", [
    "ModelReady: False ModelNotReady",
  ]],
  ["cache downloading", {}, [model(), template(), cache({ status: { status: "Progressing" } })], "Starting", [
    "CacheReady: False CacheNotReady",
  ]],
  [
    "cache Failed, no InferenceService",
    {},
    [model(), template(), cache({ status: { status: "Failed" } })],
    "Failed",
    [
      "CacheReady: False CacheFailed",
    ],
  ],
  [
    "pod unschedulable",
    {},
    [
      model(),
      template(),
      cache(),
      inferenceService({ status: { conditions: [] } }),
      pod({
        status: {
          phase: "Pending",
          conditions: [{
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "no node",
          }],
        },
      }),
    ],
    "Pending",
    ["InferenceServicePodsReady: False FailedScheduling"],
  ],
  [
    "pull auth failure",
    {},
    [
      model(),
      template(),
      cache(),
      inferenceService({ status: { conditions: [] } }),
      pod({
        status: {
          phase: "Pending",
          containerStatuses: [{
            name: "kserve-container",
            state: { waiting: { reason: "ImagePullBackOff", message: "unauthorized" } },
          }],
        },
      }),
    ],
    "Failed",
    ["InferenceServicePodsReady: False ImagePullAuthFailure", "AuthValid: False AuthError"],
  ],
  ["routing on, no gateway", { spec: { routing: { enabled: true } } }, [model(), template()], "Failed", [
    "HTTPRouteReady: False GatewayNotConfigured",
    "ConfigValid: False InvalidSpec",
  ]],
  [
    "routing on, no gateway, while an endpoint serves",
    { spec: { routing: { enabled: true } } },
    [...ready],
    "Degraded",
    [
      "HTTPRouteReady: False GatewayNotConfigured",
      "ConfigValid: False InvalidSpec",
    ],
  ],
  [
    "Shared cache deleted under a running InferenceService",
    {},
    ready.filter(({ kind }) => kind !== "AIMTemplateCache"),
    "Degraded",
    [
      "CacheReady: False CacheLost",
    ],
  ],
];
for (const [title, spec, objects, overall, conditions] of outcomes) {
  Deno.test(`reference outcome: ${title}`, () => {
    const made = pass(service(spec), objects);
    assert.equal(made.status.status, overall);
    for (const condition of conditions) {
      assert.ok(made.conditions.includes(condition), made.conditions.join("; "));
    }
    assert.equal(made.condition("Ready")?.startsWith("False"), true);
  });
}

Deno.test("reference outcome: all up", () => {
  const made = pass(service({ spec: { routing: routed, runtimeConfigName: "rc" } }), [
    ...ready,
    route(),
    config({}, "rc"),
  ]);
  assert.equal(made.status.status, "Running");
  assert.deepEqual(made.conditions, [
    "ModelReady: True ModelResolved",
    "TemplateReady: True Resolved",
    "RuntimeConfigReady: True RuntimeConfigResolved",
    "InferenceServiceReady: True RuntimeReady",
    "InferenceServicePodsReady: True PodsReady",
    "CacheReady: True CacheReady",
    "HTTPRouteReady: True HTTPRouteAccepted",
    "TemplateSelected: True BestMatch",
    "Ready: True AllComponentsReady",
  ]);
  assert.equal(made.message("Ready"), "All components are ready");
});

Deno.test("components in the order of §11.2", () => {
  const made = pass(service({ spec: { routing: routed } }), [config({})]);
  assert.deepEqual(made.conditions.map((each) => each.split(":")[0]), [
    "ModelReady",
    "TemplateReady",
    "RuntimeConfigReady",
    "InferenceServiceReady",
    "CacheReady",
    "HTTPRouteReady",
    "ConfigValid",
    "Stalled",
    "Ready",
  ]);
});

Deno.test("Better §11.1: the generation is observed in every pass, on both levels", () => {
  const { status } = pass(service({ metadata: { generation: 7 } }), []);
  assert.equal(status.observedGeneration, 7);
  for (const { type, observedGeneration } of status.conditions!) assert.equal(observedGeneration, 7, type);
});

const resolutions: [
  title: string,
  configs: KubeObject[],
  expected: AIMServiceStatus["resolvedRuntimeConfig"],
][] = [
  ["none", [], undefined],
  ["the namespace's", [config({})], {
    name: "default",
    namespace: "ns",
    scope: "Namespace",
    kind: "AIMRuntimeConfig",
    uid: "uid-AIMRuntimeConfig-ns-default",
  }],
  ["the cluster's", [clusterConfig({})], {
    name: "default",
    scope: "Cluster",
    kind: "AIMClusterRuntimeConfig",
    uid: "uid-AIMClusterRuntimeConfig--default",
  }],
  ["both", [config({}), clusterConfig({})], {
    name: "default",
    namespace: "ns",
    scope: "Merged",
    kind: "AIMRuntimeConfig",
    uid: "uid-AIMRuntimeConfig-ns-default",
  }],
];
for (const [title, configs, expected] of resolutions) {
  Deno.test(`Better §11.1: resolvedRuntimeConfig: ${title}`, () => {
    const made = pass(service(), configs);
    assert.deepEqual(made.status.resolvedRuntimeConfig, expected);
    assert.equal(
      made.condition("RuntimeConfigReady"),
      expected === undefined ? undefined : "True RuntimeConfigResolved",
    );
    assert.equal(made.message("RuntimeConfigReady"), expected === undefined ? undefined : "");
  });
}

Deno.test("Better §11.3: a named runtime config that is missing is named, and closes the gate", () => {
  const made = pass(service({ spec: { runtimeConfigName: "rc" } }), [model(), template(), config({})]);
  assert.equal(made.condition("RuntimeConfigReady"), "False ReferenceNotFound");
  assert.equal(
    made.message("RuntimeConfigReady"),
    "RuntimeConfig rc not found in namespace ns or cluster scope",
  );
  assert.equal(made.condition("ConfigValid"), "False ReferenceNotFound");
  assert.equal(made.status.status, "Failed");
  assert.deepEqual(made.children, []);
});

Deno.test("Better §11.1: resolved references carry scope, uid and, of namespaced objects, the namespace", () => {
  const { status } = pass(service(), ready);
  assert.deepEqual(status.resolvedModel, {
    name: "m",
    namespace: "ns",
    scope: "Namespace",
    uid: "uid-AIMModel-ns-m",
  });
  assert.deepEqual(status.resolvedTemplate, {
    name: "t1",
    namespace: "ns",
    scope: "Namespace",
    uid: "uid-AIMServiceTemplate-ns-t1",
  });
  assert.deepEqual(status.cache?.templateCacheRef, {
    name: "t1-e2c6bafc",
    namespace: "ns",
    uid: "uid-AIMTemplateCache-ns-t1-e2c6bafc",
  });
  const clusterWide = pass(service(), [clusterModel(), clusterTemplate()]).status;
  assert.deepEqual(clusterWide.resolvedModel, { name: "m", scope: "Cluster", uid: "uid-AIMClusterModel--m" });
});

Deno.test("references are stored before what depends on them, and kept when it is not Ready any more", () => {
  const made = pass(service(), [model(), template(), cache()]);
  const { resolvedModel, resolvedTemplate, cache: cached } = made.status;
  assert.deepEqual(made.plan.sticky, { resolvedModel, resolvedTemplate, cache: cached });

  const before = service({ status: made.status });
  const later = pass(before, [
    model({ status: { status: "Failed" } }),
    template({ status: { status: "Progressing" } }),
    cache({ status: { status: "Failed" } }),
  ]);
  assert.deepEqual(later.status.resolvedModel, resolvedModel);
  assert.deepEqual(later.status.resolvedTemplate, resolvedTemplate);
  assert.deepEqual(later.status.cache, cached);
});

Deno.test("Better §11.1: routing.path while there is a route, gone with it", () => {
  const spec = { routing: routed };
  assert.equal(pass(service({ spec }), ready).status.routing, undefined);
  const there = pass(service({ spec }), [...ready, route()]).status;
  assert.deepEqual(there.routing, { path: `/ns/${uid}` });
  assert.equal(pass(service({ status: there }), ready).status.routing, undefined);
});

const stale = (type: string) => ({
  type,
  status: "False" as const,
  reason: "Old",
  message: "old",
  lastTransitionTime: "2025-12-31T00:00:00Z",
});

Deno.test("Better §11.1: the condition of a component that no longer applies goes, and counts no more", () => {
  const types = ["HTTPRouteReady", "HPAReady", "RuntimeConfigReady"];
  const before = service({ status: { status: "Failed", conditions: types.map(stale) } });
  const made = pass(before, ready);
  assert.equal(made.status.status, "Running");
  for (const type of types) assert.equal(made.condition(type), undefined);
});

Deno.test("the three framework conditions turn True after having been False, and are never made True from nothing", () => {
  const types = ["DependenciesReachable", "AuthValid", "ConfigValid"];
  for (const type of types) assert.equal(pass(service(), ready).condition(type), undefined);
  const before = service({ status: { conditions: types.map(stale) } });
  const made = pass(before, ready);
  assert.equal(made.condition("DependenciesReachable"), "True Reachable");
  assert.equal(made.condition("AuthValid"), "True AuthenticationValid");
  assert.equal(made.condition("ConfigValid"), "True ConfigurationValid");
  assert.equal(made.message("ConfigValid"), "Configuration is valid");
});

Deno.test("Better §11.4: framework messages name component and cause after the fixed text", () => {
  const missing = pass(service(), []);
  const cause = 'Referenced resource not found: Model: model "m" not found in namespace ns or cluster scope';
  assert.equal(missing.message("ConfigValid"), cause);
  assert.equal(missing.message("Ready"), withCause(cause, "AIM-0101"));
});

Deno.test("rule 4: the worst component speaks for Ready, else what is waited for", () => {
  const failed = pass(service(), [
    model({ status: { status: "Failed" } }),
    template(),
    cache({ status: { status: "Failed" } }),
  ]);
  assert.equal(failed.condition("Ready"), "False ModelNotReady");
  assert.equal(
    failed.message("Ready"),
    withCause("Component Model is not ready: AIMModel m is in failed state", "AIM-0103"),
  );
});

/** What the first part of the cause is when no InferenceService is made yet: it follows from the cache. */
const awaitedCaches: [status: NonNullable<AIMTemplateCache["status"]>["status"], ready: string][] = [
  [undefined, "False Progressing"],
  ["Pending", "False Progressing"],
  ["Progressing", "False Progressing"],
  ["Degraded", "False Progressing"],
  ["NotAvailable", "False Progressing"],
  ["Failed", "False CacheFailed"],
];
for (const [status, ready] of awaitedCaches) {
  Deno.test(`spec/README: while a cache of status ${status} is awaited, Ready speaks of the cache`, () => {
    const caches = status === undefined ? [] : [cache({ status: { status } })];
    const made = pass(service(), [model(), template(), ...caches]);
    assert.equal(made.condition("InferenceServiceReady"), "False CreatingRuntime");
    assert.equal(made.condition("Ready"), ready);
    assert.match(made.message("Ready")!, /^(Waiting for components to become ready:|Component) Cache\b/);
    assert.doesNotMatch(made.message("Ready")!, /InferenceService not found/);
  });
}

Deno.test("conditions carry no times: those are the runner's", () => {
  for (const condition of pass(service(), ready).status.conditions!) {
    assert.equal("lastTransitionTime" in condition, false);
  }
});

const runtimes: [replicas: number | undefined, expected: AIMServiceStatus["runtime"]][] = [
  [2, { currentReplicas: 2, desiredReplicas: 2, minReplicas: 2, maxReplicas: 2, replicas: "2" }],
  [undefined, { currentReplicas: 1, desiredReplicas: 1, minReplicas: 1, maxReplicas: 1, replicas: "1" }],
  [0, { replicas: "0" }],
];
for (const [replicas, expected] of runtimes) {
  Deno.test(`status.runtime of replicas ${replicas}`, () => {
    assert.deepEqual(pass(service({ spec: { replicas } }), []).status.runtime, expected);
  });
}

/** What the API server or an admission webhook answered to a child. */
const refusal = {
  result: "rejected",
  category: "InvalidSpec",
  reason: "Forbidden",
  message: 'admission webhook "x" denied the request',
} as const;

for (
  const [kind, plural, component] of [
    ["InferenceService", "inferenceservices", "InferenceService"],
    ["HTTPRoute", "httproutes", "HTTPRoute"],
  ]
) {
  Deno.test(`Better §2.3: a refused ${kind} is on its component, and the gate stays open`, () => {
    const except = { [`${plural}/ns/${endpoint}`]: refusal };
    const spec = { routing: routed };
    const first = pass(service({ spec }), [...ready, route()], { except });
    assert.equal(first.condition(`${component}Ready`), "False Forbidden");
    assert.equal(
      first.message(`${component}Ready`),
      `failed to apply ${kind} ${endpoint}: admission webhook "x" denied the request`,
    );
    assert.equal(first.condition("ConfigValid"), "False InvalidSpec");
    assert.equal(first.condition("DependenciesReachable"), undefined);
    assert.equal(first.status.status, "Degraded");
    const again = pass(service({ spec, status: first.status }), [...ready, route()], { except });
    assert.deepEqual(again.children, [`apply HTTPRoute ${endpoint}`, `apply InferenceService ${endpoint}`]);
  });
}

Deno.test("Better §2.3: a refused cache is on component Cache", () => {
  const except = { "aimtemplatecaches/ns/t1-e2c6bafc": refusal };
  const made = pass(service(), [model(), template()], { except });
  assert.equal(made.condition("CacheReady"), "False Forbidden");
});

Deno.test("an API server that does not answer a write: DependenciesReachable, Degraded", () => {
  const except = {
    [`inferenceservices/ns/${endpoint}`]: {
      result: "rejected",
      category: "Infrastructure",
      reason: "Timeout",
      message: "timed out",
    } as const,
  };
  const made = pass(service(), [model(), template(), cache()], { except });
  assert.equal(made.condition("DependenciesReachable"), "False InfrastructureError");
  assert.equal(
    made.message("DependenciesReachable"),
    `Failed to apply resources: failed to apply InferenceService ${endpoint}: timed out`,
  );
});

Deno.test("conventions.md §7.1: events are milestones: choices made, failures, Running; nothing for what waits", () => {
  const started = pass(service(), [model(), template()]);
  assert.deepEqual(started.events().map((text) => text.split(":")[0]), [
    "Normal Resolved",
  ]);
  const running = pass(service({ status: started.status }), ready);
  assert.deepEqual(running.events(), ["Normal AllComponentsReady: All components are ready"]);
  assert.deepEqual(pass(service({ status: running.status }), ready).events(), []);
});

Deno.test("Better §12: a Warning when something begins to fail, none while it stays", () => {
  const failed = pass(service(), []);
  assert.deepEqual(failed.events().map((text) => text.split(":")[0]), [
    "Warning ModelNotFound",
    "Warning ReferenceNotFound",
    "Warning ReferenceNotFound",
  ]);
  assert.deepEqual(pass(service({ status: failed.status }), []).events(), []);
});
