import type { Event, InferenceService, ObjectCondition } from "../objects.ts";
import assert from "node:assert/strict";
import { completed, type ComponentHealth } from "../status/health.ts";
import { replicaRefusal } from "./deployment.ts";
import { inspectAutoscaler } from "./hpa.ts";
import { inspectHttpRoute } from "./http_route.ts";
import { inspectInferenceService, isServing } from "./inference_service.ts";
import { inspectJob, isSuspended, jobRefusal, jobResult } from "./job.ts";
import { inspectClaim } from "./pvc.ts";

const about = { component: "X", dependency: "Downstream" } as const;
/** `state category reason: message`, with `-` where there is no error. */
const short = (health: ComponentHealth) => {
  const { state, reason, message, errors, role } = completed(health);
  assert.equal(role, "child");
  return `${state} ${errors[0]?.category ?? "-"} ${reason}: ${message}`;
};

Deno.test("Job: conventions.md §6.7", () => {
  const job = (type?: string, reason?: string) => ({
    metadata: { uid: "u" },
    status: { conditions: type ? [{ type, status: "True", reason, message: "m" }] : [] },
  });
  assert.match(short(inspectJob(undefined, about)), /^Progressing MissingDownstream JobNotFound/);
  assert.match(short(inspectJob(job(), about)), /^Progressing - JobRunning/);
  assert.match(short(inspectJob(job("Complete"), about)), /^Ready - Ready/);
  const rows: [string, string][] = [
    ["BackoffLimitExceeded", "Failed InvalidSpec JobBackoffLimitExceeded: m"],
    ["DeadlineExceeded", "Failed ResourceExhaustion JobDeadlineExceeded: m"],
    ["Evicted", "Degraded Infrastructure JobEvicted: m"],
    ["PodFailurePolicy", "Failed InvalidSpec JobFailed: m"],
    ["constructor", "Failed InvalidSpec JobFailed: m"],
  ];
  for (const [reason, expected] of rows) {
    assert.equal(short(inspectJob(job("Failed", reason), about)), expected);
  }
  assert.deepEqual([job(), job("Complete"), job("Failed")].map(jobResult), [undefined, "Complete", "Failed"]);

  const event = (uid: string, message: string, lastTimestamp: string): Event => ({
    reason: "FailedCreate",
    message,
    lastTimestamp,
    involvedObject: { uid },
  });
  const events = [
    event("u", "old", "2026-01-01T00:00:00Z"),
    event("u", "exceeded quota", "2026-01-01T00:00:01Z"),
    event("another", "no", "2026-01-01T00:00:02Z"),
  ];
  assert.equal(jobRefusal(job(), events), "exceeded quota");
  assert.equal(jobRefusal(job(), []), undefined);
});

Deno.test("a suspended Job says so until it is resumed or has ended (spec/README: Kueue)", () => {
  const job = (suspend: boolean | undefined, type?: string) => ({
    spec: { suspend },
    status: { conditions: type ? [{ type, status: "True" }] : [] },
  });
  const suspended =
    "Pending - Suspended: The Job is suspended (by Kueue or a user); it runs when it is resumed";
  assert.equal(short(inspectJob(job(true), about)), suspended);
  assert.equal(short(inspectJob(job(true, "Suspended"), about)), suspended);
  assert.match(short(inspectJob(job(false, "Suspended"), about)), /JobRunning/, "resumed a moment ago");
  assert.match(short(inspectJob(job(undefined), about)), /JobRunning/);
  assert.match(short(inspectJob(job(true, "Complete"), about)), /^Ready/);
  assert.deepEqual([job(true), job(false), job(true, "Failed")].map(isSuspended), [true, false, false]);
});

Deno.test("volume claim: conventions.md §6.7", () => {
  const claim = (
    phase?: string,
    conditions: { type: string; status: string; reason?: string; message?: string }[] = [],
  ) => ({
    metadata: { uid: "u" },
    status: { phase, conditions },
  });
  assert.match(short(inspectClaim(undefined, about)), /^Progressing MissingDownstream ResourceNotReady/);
  assert.match(short(inspectClaim(claim("Bound"), about)), /^Ready - Ready/);
  assert.match(short(inspectClaim(claim("Lost"), about)), /^Degraded Infrastructure PvcLost/);
  const resizing = (reason: string, status = "False") => [{ type: "Resizing", status, reason, message: "m" }];
  assert.equal(
    short(inspectClaim(claim("Pending", resizing("ProvisioningFailed")), about)),
    "Degraded Infrastructure PvcProvisioningFailed: m",
  );
  for (const conditions of [resizing("Other"), resizing("ProvisioningFailed", "True"), []]) {
    assert.match(short(inspectClaim(claim("Pending", conditions), about)), /^Progressing - PvcPending/);
  }
  assert.match(short(inspectClaim(claim(), about)), /^Progressing - PvcPending/);
  const events = [{ reason: "ProvisioningFailed", message: "no class fast", involvedObject: { uid: "u" } }];
  assert.equal(
    short(inspectClaim(claim("Pending"), about, events)),
    "Progressing - PvcPending: The volume claim is pending: ProvisioningFailed: no class fast",
  );
});

Deno.test("volume claim: what is wrong comes before what is waited for, whichever was said last", () => {
  const claim = { metadata: { uid: "u" }, status: { phase: "Pending" } };
  const said = (reason: string, minute: number): Event => ({
    reason,
    message: `${reason}!`,
    lastTimestamp: `2026-01-01T00:0${minute}:00Z`,
    involvedObject: { uid: "u" },
  });
  const message = (...events: Event[]) => inspectClaim(claim, about, events).message;
  const text = (reason: string) => `The volume claim is pending: ${reason}: ${reason}!`;
  assert.equal(
    message(said("ProvisioningFailed", 1), said("ExternalProvisioning", 2)),
    text("ProvisioningFailed"),
  );
  assert.equal(message(said("ExternalProvisioning", 2)), text("ExternalProvisioning"));
  assert.equal(
    message(said("WaitForFirstConsumer", 1), said("WaitForPodScheduled", 2)),
    text("WaitForPodScheduled"),
  );
});

Deno.test("Deployment: the words of who refuses its pods", () => {
  const deployment = (status: string) => ({
    status: { conditions: [{ type: "ReplicaFailure", status, message: "exceeded quota" }] },
  });
  assert.equal(replicaRefusal([{}, deployment("True")]), "exceeded quota");
  assert.equal(replicaRefusal([deployment("False")]), undefined);
});

Deno.test("HTTPRoute: services.md §11.3 and conventions.md §6.7 Better", () => {
  const accepted = (status: string, more: Partial<ObjectCondition> = {}): ObjectCondition => ({
    type: "Accepted",
    status,
    reason: "NotAllowedByListeners",
    message: "m",
    ...more,
  });
  const refs = (status: string): ObjectCondition => ({
    type: "ResolvedRefs",
    status,
    reason: "BackendNotFound",
    message: "b",
  });
  const pending = "Progressing - HTTPRoutePending: HTTPRoute is waiting for gateway acceptance";
  const ready = "Ready - HTTPRouteAccepted: HTTPRoute is accepted by gateway";
  const rejected = "Failed InvalidSpec NotAllowedByListeners: HTTPRoute rejected: m";
  const unresolved = "Progressing MissingDownstream BackendNotFound: HTTPRoute backend not resolved: b";
  const rows: [ObjectCondition[][] | undefined, string][] = [
    [undefined, pending],
    [[], pending],
    [[[]], pending],
    [[[accepted("True")]], ready],
    [[[accepted("True"), refs("True")]], ready],
    [[[accepted("False")]], rejected],
    [[[accepted("False")], [accepted("True")]], ready],
    [[[accepted("False")], []], rejected],
    [[[accepted("False")], [accepted("True"), refs("False")]], unresolved],
    [[[accepted("True"), refs("False")]], unresolved],
    [[[accepted("True"), refs("False")], [accepted("True")]], ready],
    [[[refs("False")]], unresolved],
    [[[accepted("Unknown")]], pending],
    [[[accepted("True", { observedGeneration: 2 })]], ready],
    [[[accepted("True", { observedGeneration: 1 })]], pending],
    [[[accepted("False", { observedGeneration: 1 })]], pending],
    [[[accepted("False", { reason: "not legal!" })]], rejected.replace("NotAllowedByListeners", "Unknown")],
  ];
  for (const [parents, expected] of rows) {
    const route = {
      metadata: { generation: 2 },
      status: { parents: parents?.map((conditions) => ({ conditions })) },
    };
    assert.equal(short(inspectHttpRoute(route, about)), expected, JSON.stringify(parents));
  }
});

Deno.test("HPA: services.md §11.3", () => {
  const condition = (type: string, status: string, reason = "R") => ({ type, status, reason, message: "m" });
  const hpa = (...conditions: ReturnType<typeof condition>[]) => ({ status: { conditions } });
  const active = condition("ScalingActive", "True"), inactive = condition("ScalingActive", "False");
  const rows: [ReturnType<typeof hpa> | undefined, ready: boolean, string][] = [
    [undefined, true, "Progressing - HPANotFound: Waiting for KEDA to create HorizontalPodAutoscaler"],
    [
      hpa(inactive),
      false,
      "Progressing - WaitingForMetrics: Waiting for InferenceService to be ready before metrics are available",
    ],
    [
      hpa(),
      false,
      "Progressing - WaitingForMetrics: Waiting for InferenceService to be ready before metrics are available",
    ],
    [hpa(inactive), true, "Degraded - MetricsFailed: HPA cannot get metrics: m"],
    [hpa(), true, "Degraded - MetricsFailed: HPA ScalingActive condition not found"],
    [
      hpa(active, condition("AbleToScale", "False")),
      true,
      "Progressing - ScaleTargetNotReady: HPA cannot update scale target: m",
    ],
    [hpa(active), true, "Ready - HPAOperational: HorizontalPodAutoscaler is actively scaling"],
    [
      hpa(active, condition("AbleToScale", "True")),
      false,
      "Ready - HPAOperational: HorizontalPodAutoscaler is actively scaling",
    ],
    [
      hpa(condition("ScalingActive", "False", "ScalingDisabled")),
      true,
      "Ready - HPAOperational: HorizontalPodAutoscaler is actively scaling",
    ],
  ];
  for (const [autoscaler, inferenceServiceReady, expected] of rows) {
    assert.equal(short(inspectAutoscaler(autoscaler, about, { inferenceServiceReady })), expected);
  }
});

Deno.test("InferenceService: services.md §11.3 and spec/README", () => {
  const early = "2026-01-01T00:00:00Z", late = "2026-01-01T00:01:00Z";
  const service = (status?: string, observedGeneration?: number): InferenceService => ({
    metadata: { uid: "u", generation: 2 },
    status: {
      observedGeneration,
      conditions: status
        ? [{ type: "Ready", status, reason: "R", message: "m", lastTransitionTime: early }]
        : [],
    },
  });
  const event = (reason: string, message = "e", lastTimestamp = late, uid = "u"): Event => ({
    type: "Warning",
    reason,
    message,
    lastTimestamp,
    involvedObject: { uid },
  });
  const ready = "Ready - RuntimeReady: InferenceService is ready";
  const notReady = "Progressing - CreatingRuntime: InferenceService is not ready";
  const knative = "Knative is not available. Configure KServe to use RawDeployment mode.";
  const rows: [InferenceService | undefined, Event[], string][] = [
    [undefined, [], "Progressing - CreatingRuntime: InferenceService not found"],
    [service("True"), [], ready],
    [service("True", 2), [], ready],
    [service("True", 1), [], `${notReady}: KServe has not seen its newest spec yet`],
    [service("True"), [event("InternalError")], ready],
    [service("False"), [], `${notReady}: R: m`],
    [service(), [], notReady],
    [service("False"), [event("ServerlessModeRejected")], `Failed - ServerlessModeRejected: ${knative}`],
    [service("False"), [event("InternalError", "boom")], "Failed - InternalError: boom"],
    [service(), [event("InternalError", "boom")], "Failed - InternalError: boom"],
    [service("False"), [{ ...event("InternalError"), type: "Normal" }], `${notReady}: R: m`],
    [service("False"), [event("InternalError", "x: the object has been modified; y")], `${notReady}: R: m`],
    [service("False"), [event("InternalError", "Operation cannot be fulfilled on x")], `${notReady}: R: m`],
    [service("False"), [event("InternalError", "boom", "2025-12-31T23:59:59Z")], `${notReady}: R: m`],
    [service("False"), [event("InternalError", "boom", late, "former")], `${notReady}: R: m`],
    [
      service("False"),
      [event("InternalError", "one", early), event("InternalError", "two")],
      "Failed - InternalError: two",
    ],
  ];
  for (const [object, events, expected] of rows) {
    assert.equal(short(inspectInferenceService(object, about, { events })), expected);
  }
  const serving = inspectInferenceService(service("False"), about, {
    events: [event("InternalError", "boom")],
    serves: true,
  });
  assert.equal(short(serving), "Degraded - InternalError: boom", "what is there goes on serving");
  // KServe 0.20's words.
  const unscaled =
    'failed to get existing KEDA autoscaler: no matches for kind "ScaledObject" in version "keda.sh/v1alpha1"';
  const codeOf = (words: string) =>
    inspectInferenceService(service("False"), about, { events: [event("InternalError", words)] }).code;
  assert.deepEqual([codeOf(unscaled), codeOf("boom")], ["AIM-0702", undefined]);
  assert.equal(isServing(service("True", 1)), false);
  assert.equal(isServing(service("True", 2)), true);
});
