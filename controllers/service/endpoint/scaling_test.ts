/** Replicas and autoscaling (services.md §8.6, §11.3 "HPA", §11.6, §14.3). */

import assert from "node:assert/strict";
import type { AIMServiceSpec } from "../../../lib/api/mod.ts";
import type { HorizontalPodAutoscaler, InferenceService } from "../../../lib/operator/objects.ts";
import {
  cache,
  endpoint,
  inferenceService,
  model,
  pass,
  pod,
  ready,
  service,
  template,
} from "../service_sample.ts";

const base = [model(), template(), cache()];
const wanted = (spec: Partial<AIMServiceSpec>) =>
  pass(service({ spec }), base).desired<InferenceService>("InferenceService")!;
const podMetric = {
  metrics: [{
    type: "PodMetric" as const,
    podmetric: {
      metric: {
        backend: "opentelemetry" as const,
        metricNames: ["vllm:num_requests_running"],
        query: "vllm:num_requests_running",
        operationOverTime: "avg",
      },
      target: { type: "Value" as const, value: "1" },
    },
  }],
};

const rows: [title: string, spec: Partial<AIMServiceSpec>, min: number, max: number | undefined][] = [
  ["both", { minReplicas: 2, maxReplicas: 5 }, 2, 5],
  ["minimum only", { minReplicas: 2 }, 2, 2],
  ["maximum only", { maxReplicas: 3 }, 1, 3],
  ["metrics only", { autoScaling: {} }, 1, 1],
  ["replicas are ignored", { replicas: 7, minReplicas: 1, maxReplicas: 2 }, 1, 2],
];
for (const [title, spec, min, max] of rows) {
  Deno.test(`autoscaling: ${title}`, () => {
    const { minReplicas, maxReplicas } = wanted(spec).spec!.predictor!;
    assert.deepEqual([minReplicas, maxReplicas], [min, max]);
  });
}

Deno.test("§14.3: the autoscaling delta", () => {
  const made = wanted({ minReplicas: 1, maxReplicas: 3, autoScaling: podMetric });
  assert.equal(made.metadata!.name, "s-e2c6bafc");
  assert.deepEqual(made.metadata!.annotations, {
    "serving.kserve.io/autoscalerClass": "keda",
    "sidecar.opentelemetry.io/inject": "s-e2c6bafc-predictor",
    "prometheus.kserve.io/port": "8000",
  });
  const { minReplicas, maxReplicas, autoScaling } = made.spec!.predictor!;
  assert.deepEqual({ minReplicas, maxReplicas, autoScaling }, {
    minReplicas: 1,
    maxReplicas: 3,
    autoScaling: podMetric,
  });
});

Deno.test("switching back to fixed replicas leaves the one annotation", () => {
  assert.deepEqual(wanted({ replicas: 2 }).metadata!.annotations, {
    "serving.kserve.io/autoscalerClass": "none",
  });
  assert.equal(wanted({ replicas: 2 }).spec!.predictor!.autoScaling, undefined);
});

Deno.test("an empty autoScaling stays empty; empty texts of metrics are left out", () => {
  assert.deepEqual(wanted({ autoScaling: {} }).spec!.predictor!.autoScaling, {});
  const [metric] = podMetric.metrics;
  const holed = {
    metrics: [{
      ...metric,
      podmetric: { ...metric.podmetric, metric: { ...metric.podmetric.metric, serverAddress: "" } },
    }],
  };
  assert.deepEqual(wanted({ autoScaling: holed }).spec!.predictor!.autoScaling, podMetric);
});

const [first] = podMetric.metrics;
const target = (value: string) => ({
  metrics: [{ ...first, podmetric: { ...first.podmetric, target: { type: "Value" as const, value } } }],
});
const faults: [title: string, spec: Partial<AIMServiceSpec>, says: string][] = [
  [
    "minimum above maximum",
    { minReplicas: 4, maxReplicas: 2 },
    "spec.minReplicas 4 is above spec.maxReplicas 2",
  ],
  ["negative replicas", { replicas: -1 }, "spec.replicas is -1; set 0 or more"],
  ["a bad quantity", { autoScaling: target("many") }, 'podmetric.target.value "many" is no quantity'],
  [
    "a bad average",
    {
      autoScaling: {
        metrics: [first, {
          ...first,
          podmetric: { ...first.podmetric, target: { type: "AverageValue", averageValue: "1.5.2" } },
        }],
      },
    },
    'metrics[1].podmetric.target.averageValue "1.5.2" is no quantity',
  ],
  [
    "a metric without its podmetric",
    { autoScaling: { metrics: [first, { type: "PodMetric" }] } },
    "spec.autoScaling.metrics[1] of type PodMetric has no podmetric; add podmetric with a metric and a target",
  ],
  ...([["Value", "value"], ["AverageValue", "averageValue"], ["Utilization", "averageUtilization"]] as const)
    .map((
      [type, field],
    ): (typeof faults)[number] => [
      `a target of type ${type} with another field only`,
      {
        autoScaling: {
          metrics: [{
            ...first,
            podmetric: {
              ...first.podmetric,
              target: field === "value" ? { type, averageValue: "1" } : { type, value: "1" },
            },
          }],
        },
      },
      `spec.autoScaling.metrics[0].podmetric.target of type ${type} has no ${field}; add ${field}`,
    ]),
  ["an empty value", { autoScaling: target("") }, "metrics[0].podmetric.target of type Value has no value"],
];
for (const [title, spec, says] of faults) {
  Deno.test(`Better §8.6: ${title}: InvalidScaling before anything is sent`, () => {
    const made = pass(service({ spec }), [...base, inferenceService(), pod()]);
    assert.equal(made.condition("InferenceServiceReady"), "False InvalidScaling");
    assert.ok(made.message("InferenceServiceReady")!.includes(says), made.message("InferenceServiceReady"));
    assert.equal(made.condition("ConfigValid"), "False InvalidSpec");
    assert.equal(made.status.status, "Degraded");
    assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
  });
}

const spec = { minReplicas: 1, maxReplicas: 5 };
function autoscaler(
  conditions: Record<string, string>[],
  status: Partial<HorizontalPodAutoscaler["status"]> = {},
): HorizontalPodAutoscaler {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      name: "keda-hpa-s-e2c6bafc-predictor",
      namespace: "ns",
      labels: { "aim.eai.amd.com/service": "s" },
    },
    spec: { minReplicas: 1, maxReplicas: 5 },
    status: { currentReplicas: 1, desiredReplicas: 3, conditions: conditions as never, ...status },
  };
}
const active = { type: "ScalingActive", status: "True" };
const able = { type: "AbleToScale", status: "True" };
const inactive = {
  type: "ScalingActive",
  status: "False",
  reason: "FailedGetExternalMetric",
  message: "no metric",
};
const unready = inferenceService({ status: { conditions: [{ type: "Ready", status: "False" }] } });
const serving = ready.filter(({ kind }) => kind !== "InferenceService");

const health: [
  title: string,
  objects: Parameters<typeof pass>[1],
  condition: string,
  message: string,
  overall: string,
][] = [
  ["not there", ready, "False HPANotFound", "Waiting for KEDA to create HorizontalPodAutoscaler", "Starting"],
  [
    "working",
    [...ready, autoscaler([active, able])],
    "True HPAOperational",
    "HorizontalPodAutoscaler is actively scaling",
    "Running",
  ],
  [
    "no metrics, endpoint not ready",
    [...serving, unready, autoscaler([inactive])],
    "False WaitingForMetrics",
    "Waiting for InferenceService to be ready before metrics are available",
    "Starting",
  ],
  [
    "no metrics, endpoint ready",
    [...ready, autoscaler([inactive])],
    "False MetricsFailed",
    "HPA cannot get metrics: no metric",
    "Degraded",
  ],
  [
    "no condition",
    [...ready, autoscaler([])],
    "False MetricsFailed",
    "HPA ScalingActive condition not found",
    "Degraded",
  ],
  [
    "unable to scale",
    [...ready, autoscaler([active, { type: "AbleToScale", status: "False", message: "no scale" }])],
    "False ScaleTargetNotReady",
    "HPA cannot update scale target: no scale",
    "Starting",
  ],
];
for (const [title, objects, condition, message, overall] of health) {
  Deno.test(`an autoscaler: ${title}`, () => {
    const made = pass(service({ spec }), objects);
    assert.equal(made.condition("HPAReady"), condition);
    assert.equal(made.message("HPAReady"), message);
    assert.equal(made.status.status, overall);
  });
}

Deno.test("Better §11.3: ScalingDisabled (scaled to 0) is no failure", () => {
  const disabled = { type: "ScalingActive", status: "False", reason: "ScalingDisabled", message: "0" };
  assert.equal(
    pass(service({ spec }), [...ready, autoscaler([disabled])]).condition("HPAReady"),
    "True HPAOperational",
  );
});

Deno.test("issue 10 §2: an autoscaler that is missed for two minutes: KEDA may be missing", () => {
  const before = pass(service({ spec }), ready).status;
  const conditions = before.conditions!.map((each) => ({
    ...each,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  }));
  const message = (now: string, ...more: HorizontalPodAutoscaler[]) =>
    pass(service({ spec, status: { ...before, conditions } }), [...ready, ...more], { now }).message(
      "HPAReady",
    );
  const soon = "Waiting for KEDA to create HorizontalPodAutoscaler";
  assert.equal(message("2026-01-01T00:01:59Z"), soon);
  assert.equal(
    message("2026-01-01T00:02:00Z"),
    `${soon}; KEDA may be missing or stuck: see whether its pods run, and kubectl describe scaledobject. Without KEDA, ` +
      "set spec.replicas and remove spec.autoScaling, spec.minReplicas and spec.maxReplicas",
  );
  assert.equal(
    message("2026-01-01T00:02:00Z", autoscaler([active, able])),
    "HorizontalPodAutoscaler is actively scaling",
  );
});

Deno.test("issue 10 §2: the two minutes begin with the InferenceService", () => {
  const stale = [{
    type: "HPAReady",
    status: "False",
    reason: "HPANotFound",
    message: "",
    lastTransitionTime: "2025-01-01T00:00:00Z",
  }];
  const made = inferenceService();
  made.metadata!.creationTimestamp = "2026-01-01T00:00:00Z";
  const message = (now: string) =>
    pass(service({ spec, status: { conditions: stale as never } }), [...serving, made], { now }).message(
      "HPAReady",
    );
  assert.doesNotMatch(message("2026-01-01T00:01:59Z")!, /missing/);
  assert.match(message("2026-01-01T00:02:00Z")!, /missing/);
});

Deno.test("issue 10 §2: KEDA is not waited for, and not blamed, before there is anything to scale", () => {
  const stale = [{
    type: "HPAReady",
    status: "False",
    reason: "HPANotFound",
    message: "",
    lastTransitionTime: "2025-01-01T00:00:00Z",
  }];
  const made = pass(service({ spec, status: { conditions: stale as never } }), [model(), template()]);
  assert.equal(made.message("HPAReady"), "Waiting for KEDA to create HorizontalPodAutoscaler");
  assert.doesNotMatch(made.message("Ready")!, /KEDA/);
});

Deno.test("without autoscaling nobody asks for an autoscaler", () => {
  assert.equal(pass(service(), [...ready, autoscaler([inactive])]).condition("HPAReady"), undefined);
});

Deno.test("status.runtime is the autoscaler's, else what was asked for", () => {
  assert.deepEqual(pass(service({ spec }), [...ready, autoscaler([active])]).status.runtime, {
    minReplicas: 1,
    maxReplicas: 5,
    currentReplicas: 1,
    desiredReplicas: 3,
    replicas: "1/3 (1-5)",
  });
  assert.deepEqual(pass(service({ spec: { ...spec, minReplicas: 2 } }), ready).status.runtime, {
    minReplicas: 2,
    maxReplicas: 2,
    currentReplicas: 2,
    desiredReplicas: 2,
    replicas: "2",
  });
  const zero = autoscaler([active], { currentReplicas: 0, desiredReplicas: 0 });
  assert.deepEqual(pass(service({ spec }), [...ready, zero]).status.runtime, {
    minReplicas: 1,
    maxReplicas: 5,
    replicas: "0/0 (1-5)",
  });
});
