import assert from "node:assert/strict";
import type { ServiceTemplateSpec, TemplateStatus } from "../../lib/api/mod.ts";
import { readDiscoveryLog } from "../../lib/catalogue/mod.ts";
import type { Job, Pod } from "../../lib/cluster/objects.ts";
import { operatorNamespace } from "../../lib/cluster/operator_namespace.ts";
import { podLog } from "../../lib/facts/pod_log.ts";
import { ApiError } from "../../lib/kube/errors.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { mergePatch } from "../../lib/operator/apply/status_patch.ts";
import type { Template } from "./scope.ts";
import {
  clusterTemplate,
  condition,
  discovered,
  ended,
  jobIn,
  mi300x,
  model,
  pass,
  podOf,
  printed,
  sources,
  stored,
  storedJob,
  template,
} from "./template_sample.ts";

const onMi300x = { hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } } };
const world = [model(), mi300x];
const told = (status: TemplateStatus | undefined, type: string) =>
  status!.conditions!.find((each) => each.type === type);
const textOf = (status: TemplateStatus | undefined, type: string) => told(status, type)?.message ?? "";

const log61 = `some noise
[{"filename":"vllm-mi300x-fp16-tp1-latency.yaml","profile":{"model":"Qwen/Qwen3-32B","quantized_model":"","metadata":{"engine":"vllm","gpu":"MI300X","precision":"fp16","gpu_count":1,"metric":"latency","type":"optimized"},"engine_args":{"gpu-memory-utilization":0.95,"tensor-parallel-size":1},"env_vars":{"VLLM_USE_V1":"1"}},"models":[{"name":"Qwen/Qwen3-32B","source":"hf://Qwen/Qwen3-32B","size_gb":61.5}]}]
`;
const known = (log: string) => ({ state: "known", value: readDiscoveryLog(log) }) as const;
const succeeded: Pod["status"] = { phase: "Succeeded" };

Deno.test("worked example §6.1: Job applied, running, complete, Ready", () => {
  const spec: Partial<ServiceTemplateSpec> = {
    modelName: "qwen-qwen3-32b",
    metric: "latency",
    precision: "fp16",
    profileId: "vllm-mi300x-fp16-tp1-latency",
    ...onMi300x,
  };
  const name = "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1";
  const object = (status?: TemplateStatus) =>
    clusterTemplate(spec, { metadata: { name }, ...(status && { status }) });
  const owner = {
    ...model("AIMClusterModel"),
    metadata: { name: "qwen-qwen3-32b" },
    spec: { image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5" },
  };
  const others = [owner, mi300x];

  const first = pass(object(), others);
  assert.equal(first.status!.status, "Pending");
  const jobName = "discover-amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi3-60d303f1";
  assert.equal(jobIn(first)!.metadata!.name, jobName);

  const job = storedJob(object(), others);
  const second = pass(object(stored(first.status!)), [...others, job]);
  assert.equal(second.status!.status, "Progressing");
  assert.ok(second.conditions.includes("DiscoveryJobReady=False/JobRunning"));
  assert.equal(jobIn(second), undefined);

  const complete = { ...job, status: ended("Complete") };
  const pod = podOf(job, succeeded);
  const third = pass(object(stored(second.status!)), [...others, complete, pod], {}, {
    facts: printed(pod, known(log61)),
  });
  const { conditions: _, observedGeneration: __, resolvedModel, ...status } = third.status!;
  assert.equal(resolvedModel!.name, "qwen-qwen3-32b");
  assert.deepEqual(status, {
    status: "Ready",
    discoveryJob: { name: jobName, namespace: operatorNamespace },
    discovery: { attempts: 0, specHash: "60d303f1edba752b" },
    hardwareSummary: "1 x MI300X",
    resolvedHardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
    resolvedNodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{
          matchExpressions: [{
            key: "amd.com/gpu.device-id",
            operator: "In",
            values: ["74a1", "74a9", "74b5", "74bd"],
          }],
        }],
      },
    },
    modelSources: [{ modelId: "Qwen/Qwen3-32B", sourceUri: "hf://Qwen/Qwen3-32B", size: "62976Mi" }],
    profile: {
      engine_args: { "gpu-memory-utilization": 0.95, "tensor-parallel-size": 1 },
      env_vars: { VLLM_USE_V1: "1" },
      metadata: {
        engine: "vllm",
        gpu: "MI300X",
        gpuCount: 1,
        metric: "latency",
        precision: "fp16",
        type: "optimized",
      },
    },
  });
  assert.deepEqual(third.conditions, [
    "RuntimeConfigReady=True/DefaultConfigNotFound",
    "ClusterModelReady=True/ClusterModelFound",
    "DiscoveryJobReady=True/Ready",
    "DiscoveryPodsReady=True/PodsReady",
    "GPUReady=True/GPUAvailable",
    "Discovered=True/DiscoveryComplete",
    "Ready=True/AllComponentsReady",
  ]);

  const gone = pass(object(stored(third.status!)), others);
  assert.ok(
    !gone.conditions.some((each) => each.startsWith("DiscoveryJob") || each.startsWith("DiscoveryPods")),
  );
  assert.deepEqual({ ...gone.status, conditions: [] }, { ...third.status, conditions: [] });
  assert.equal(textOf(gone.status, "Discovered"), textOf(third.status, "Discovered"));
});

/** A template with a failed Job (§6.2), the Job, and its pod. */
function failing(before?: TemplateStatus) {
  const object = template(onMi300x, before && { status: before });
  const job = storedJob(template(onMi300x), world, {
    status: ended("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"),
  });
  const pod = podOf(job, {
    phase: "Failed",
    containerStatuses: [{ name: "discovery", state: { terminated: { exitCode: 1, reason: "Error" } } }],
  });
  const { namespace = "", name, uid } = pod.metadata;
  const run = { namespace, pod: name, uid, container: "discovery", restarts: 0, previous: false };
  const facts = {
    [`${podLog.name}|${podLog.keyOf(run)}`]: { state: "known", value: "one\ntwo\nthree\nfour" },
  } as const;
  return { object, job, pod, facts };
}

Deno.test("worked example §6.2: the container exits with 1", () => {
  const { object, job, pod, facts } = failing();
  const { status, conditions } = pass(object, [...world, job, pod], {}, { facts });
  assert.equal(status!.status, "Failed");
  assert.deepEqual(status!.discovery, {
    attempts: 1,
    lastAttemptTime: "2026-01-01T00:00:10Z",
    lastFailureReason: "Job has reached the specified backoff limit",
    specHash: status!.discovery!.specHash,
  });
  assert.match(status!.discovery!.specHash!, /^[0-9a-f]{16}$/);
  for (
    const wanted of [
      "DiscoveryJobReady=False/JobBackoffLimitExceeded",
      "DiscoveryPodsReady=False/PodFailed",
      "ConfigValid=False/InvalidSpec",
      "Ready=False/InvalidSpec",
      "Discovered=False/DiscoveryFailed",
    ]
  ) assert.ok(conditions.includes(wanted), `${wanted} in ${conditions}`);
  assert.match(textOf(status, "DiscoveryPodsReady"), /exit code 1[^]*two\nthree\nfour$/);
  assert.match(textOf(status, "Discovered"), /attempt 1 failed.* at 2026-01-01T00:01:10Z.*four/s);
});

Deno.test("the failure stays Failed when its Job is gone, until the backoff ends to the second (§5.7 Better)", () => {
  const { object, job, pod, facts } = failing();
  const first = pass(object, [...world, job, pod], {}, { facts });
  const before = stored(first.status!);
  const gone = pass(template(onMi300x, { status: before }), world, {}, { now: "2026-01-01T00:01:09Z" });
  assert.equal(gone.status!.status, "Failed");
  assert.equal(jobIn(gone), undefined);
  assert.ok(gone.conditions.includes("DiscoveryJobReady=False/JobBackoffLimitExceeded"));
  assert.equal(
    textOf(gone.status, "Discovered"),
    textOf(first.status, "Discovered"),
    "what the log said stays",
  );
  assert.deepEqual(gone.status!.discovery, first.status!.discovery);
  const again = pass(template(onMi300x, { status: stored(gone.status!) }), world, {}, {
    now: "2026-01-01T00:01:10Z",
  });
  assert.equal(jobIn(again)!.metadata!.name, job.metadata.name);
  assert.equal(again.status!.status, "Pending");
  assert.ok(again.conditions.includes("ConfigValid=True/ConfigurationValid"));
});

Deno.test("a change of the spec begins at once, and the count anew (§5.7)", () => {
  const { object, job, pod } = failing();
  const before = stored(pass(object, [...world, job, pod]).status!);
  const changed = template({ ...onMi300x, profileId: "other" }, { status: before });
  const next = pass(changed, world);
  assert.notEqual(jobIn(next)!.metadata!.name, job.metadata.name);
  const failedAgain = storedJob(changed, world, {
    metadata: { creationTimestamp: "2026-01-01T00:00:20Z" },
    status: ended("Failed"),
  });
  const { status } = pass(changed, [...world, failedAgain]);
  assert.equal(status!.discovery!.attempts, 1);
  assert.notEqual(status!.discovery!.specHash, before.discovery!.specHash);
});

Deno.test("another secret, account or variable begins at once, and the count goes on", () => {
  const { object, job, pod } = failing();
  const before = stored(pass(object, [...world, job, pod]).status!);
  const edits = [
    { imagePullSecrets: [{ name: "s" }] },
    { serviceAccountName: "a" },
    { env: [{ name: "A", value: "1" }] },
  ];
  for (const edit of edits) {
    const changed = template({ ...onMi300x, ...edit }, { status: before });
    assert.ok(jobIn(pass(changed, world)), JSON.stringify(edit));
    const again = storedJob(changed, world, {
      metadata: { creationTimestamp: "2026-01-01T00:00:20Z" },
      status: ended("Failed"),
    });
    assert.equal(pass(changed, [...world, again]).status!.discovery!.attempts, 2);
  }
  assert.equal(jobIn(pass(template(onMi300x, { status: before }), world)), undefined, "not without an edit");
});

// §5.4: first match, for templates without inline sources
const rules: [what: string, others: KubeObject[], status: TemplateStatus | undefined, job: boolean][] = [
  ["1: no model", [mi300x], undefined, false],
  [
    "1: a model without an image",
    [{ ...model(), spec: { image: "" } } as KubeObject, mi300x],
    undefined,
    false,
  ],
  ["2: no GPU", [model()], undefined, false],
  ["4: Ready", world, discovered, false],
  ["6: backoff", world, {
    discovery: {
      attempts: 1,
      lastAttemptTime: "2025-12-31T23:59:30Z",
      specHash: specHashOf(),
    },
  }, false],
  ["8: the backoff is over", world, {
    discovery: { attempts: 1, lastAttemptTime: "2025-12-31T23:59:00Z", specHash: specHashOf() },
  }, true],
  ["8: nothing known", world, undefined, true],
  ["8: the GPU has appeared", world, { status: "NotAvailable" }, true],
  ["8: a model that failed for a reason of its own", [failedModel(), mi300x], undefined, true],
];
for (const [what, others, status, wanted] of rules) {
  Deno.test(`plan rule ${what}: ${wanted ? "a Job" : "no Job"}`, () => {
    const result = pass(template(onMi300x, status && { status }), others);
    assert.equal(jobIn(result) !== undefined, wanted);
  });
}

function specHashOf(): string {
  const { object, job } = failing();
  return pass(object, [...world, job]).status!.discovery!.specHash!;
}

function failedModel(): KubeObject {
  return model("AIMModel", {
    status: "Failed",
    conditions: [condition("ImageMetadataReady", "False", "MetadataExtractionFailed")],
  });
}

Deno.test("plan rule 3: inline sources need no Job", () => {
  assert.equal(jobIn(pass(template({ ...onMi300x, modelSources: sources }), world)), undefined);
});

// §5.4 rule 5 and §5.3 "DiscoveryJob"
const states: [what: string, status: Job["status"], condition: string, overall: string][] = [
  ["no terminal condition", {}, "False/JobRunning", "Progressing"],
  [
    "only on its way to failing",
    {
      conditions: [{ type: "FailureTarget", status: "True" }],
    },
    "False/JobRunning",
    "Progressing",
  ],
  ["complete, its pod not seen yet", ended("Complete"), "False/AwaitingDiscovery", "Progressing"],
  [
    "BackoffLimitExceeded",
    ended("Failed", "BackoffLimitExceeded"),
    "False/JobBackoffLimitExceeded",
    "Failed",
  ],
  ["DeadlineExceeded", ended("Failed", "DeadlineExceeded"), "False/JobDeadlineExceeded", "Failed"],
  ["Evicted", ended("Failed", "Evicted"), "False/JobEvicted", "Progressing"],
  ["another failure", ended("Failed", "Whatever"), "False/JobFailed", "Failed"],
];
for (const [what, status, wanted, overall] of states) {
  Deno.test(`a Job with ${what}: ${wanted}, ${overall}, and no other Job`, () => {
    const job = storedJob(template(onMi300x), world, { status });
    const result = pass(template(onMi300x), [...world, job]);
    assert.ok(result.conditions.includes(`DiscoveryJobReady=${wanted}`), `${result.conditions}`);
    if (what !== "Evicted") assert.equal(result.status!.status, overall);
    assert.equal(jobIn(result), undefined);
    assert.deepEqual(result.status!.discoveryJob, { name: job.metadata.name, namespace: "ns" });
  });
}

// §5.7: what is recorded as the reason
const reasons: [reason: string, message: string, recorded: string][] = [
  ["BackoffLimitExceeded", "told", "told"],
  ["BackoffLimitExceeded", "", "BackoffLimitExceeded"],
  ["", "", "Unknown failure"],
];
for (const [reason, message, recorded] of reasons) {
  Deno.test(`a failure with ${JSON.stringify([reason, message])} is recorded as ${recorded}`, () => {
    const job = storedJob(template(onMi300x), world, { status: ended("Failed", reason, message) });
    assert.equal(pass(template(onMi300x), [...world, job]).status!.discovery!.lastFailureReason, recorded);
  });
}

/** One pass over a complete Job whose pod printed this. */
function complete(spec: Partial<ServiceTemplateSpec>, output: Parameters<typeof printed>[1], now?: string) {
  const others = [model(), mi300x];
  const job = storedJob(template(spec), others, { status: ended("Complete") });
  const pod = podOf(job, succeeded);
  return pass(template(spec), [...others, job, pod], {}, { facts: printed(pod, output), now });
}

const unusable: [what: string, log: string][] = [
  ["no output", ""],
  ["no array", "hello"],
  ["an empty array", "[]"],
  ["a source that the API does not take", log61.replace("hf://Qwen", "ftp://Qwen")],
  ["a model name without a slash", log61.replace(`"name":"Qwen/Qwen3-32B"`, `"name":"Qwen"`)],
];
for (const [what, log] of unusable) {
  Deno.test(`a complete Job with ${what} is a failed attempt (§5.8 Better)`, () => {
    const { status, conditions } = complete(onMi300x, known(log));
    assert.equal(status!.status, "Failed");
    assert.ok(conditions.includes("DiscoveryJobReady=False/DiscoveryFailed"));
    assert.ok(conditions.includes("Discovered=False/DiscoveryFailed"));
    assert.ok(conditions.includes("Ready=False/DiscoveryFailed"));
    assert.equal(status!.discovery!.attempts, 1);
    assert.equal(status!.discovery!.lastAttemptTime, "2026-01-01T00:00:10Z");
    assert.match(textOf(status, "Ready"), /is of no use/);
    assert.equal(status!.profile, undefined);
  });
}

Deno.test("the failure of an unusable output stays when the Job is gone", () => {
  const first = complete(onMi300x, known("[]"));
  const { status, conditions } = pass(template(onMi300x, { status: stored(first.status!) }), world);
  assert.equal(status!.status, "Failed");
  assert.ok(conditions.includes("DiscoveryJobReady=False/DiscoveryFailed"));
  assert.ok(conditions.includes("Ready=False/DiscoveryFailed"));
});

Deno.test("an output that is being read, or cannot be read for a moment, fails nothing (§5.8 Better)", () => {
  const reading = complete(onMi300x, { state: "pending" });
  assert.equal(reading.status!.status, "Progressing");
  assert.equal(reading.status!.discovery, undefined);
  const refused = (status: number) =>
    new ApiError({ status, message: "kubelet is away", method: "GET", path: "/log" });
  const later = complete(onMi300x, { state: "failed", error: refused(500) });
  assert.equal(later.status!.discovery, undefined);
  assert.ok(later.conditions.some((each) => each.startsWith("DependenciesReachable=False")));
  assert.match(textOf(later.status, "Discovered"), /cannot be read, which is tried again/);
  assert.equal(jobIn(later), undefined);
  for (const final of [400, 403, 404]) {
    const { status } = complete(onMi300x, { state: "failed", error: refused(final) });
    assert.equal(status!.discovery!.attempts, 1, "asking again would not help");
    assert.match(textOf(status, "Discovered"), /cannot be read: kubelet is away/);
  }
});

Deno.test("a complete Job whose pod does not come is a failed attempt after half a minute", () => {
  const job = storedJob(template(onMi300x), world, { status: ended("Complete") });
  const at = (now: string) => pass(template(onMi300x), [...world, job], {}, { now });
  assert.equal(at("2026-01-01T00:00:39Z").status!.status, "Progressing");
  assert.equal(at("2026-01-01T00:00:40Z").status!.discovery!.attempts, 1);
});

Deno.test("values that the API does not take are left out, and said (§5.8 Better)", () => {
  const { status } = complete(onMi300x, known(log61.replace(`"optimized"`, `"general"`)));
  assert.equal(status!.status, "Ready");
  assert.equal(status!.profile!.metadata!.type, undefined);
  assert.match(textOf(status, "Discovered"), /type is "general"/);
});

// §5.9: the discovered GPU before the spec's, field by field
const printedGpu = (gpu: string) =>
  known(log61.replace(`"gpu":"MI300X",`, gpu).replace(`"gpu_count":1,`, ""));
const hardware: [
  what: string,
  spec: Partial<ServiceTemplateSpec>,
  log: string,
  resolved: unknown,
  summary: string | undefined,
][] = [
  [
    "said by both",
    onMi300x,
    log61,
    { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
    "1 x MI300X",
  ],
  ["discovered only", {}, log61, { gpu: { requests: 1, model: "MI300X" } }, "1 x MI300X"],
  [
    "another count discovered",
    { hardware: { gpu: { requests: 2, model: "MI300X", resourceName: "x.com/gpu" } } },
    log61,
    { gpu: { requests: 1, model: "MI300X", resourceName: "x.com/gpu" } },
    "1 x MI300X",
  ],
  [
    "minVram: the model is left out",
    { hardware: { gpu: { requests: 1, minVram: "64Gi" } } },
    log61,
    { gpu: { requests: 1, minVram: "64Gi" } },
    "1 x GPU",
  ],
  [
    "AIM_GPU_MODEL by the user: the spec's model",
    { ...onMi300x, env: [{ name: "AIM_GPU_MODEL", value: "MI325X" }] },
    log61.replaceAll("MI300X", "MI325X"),
    { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
    "1 x MI300X",
  ],
  [
    "CPU of the spec",
    { hardware: { cpu: { requests: "500m" } } },
    log61,
    { gpu: { requests: 1, model: "MI300X" }, cpu: { requests: "500m" } },
    "1 x MI300X",
  ],
];
for (const [what, spec, log, resolved, summary] of hardware) {
  Deno.test(`resolvedHardware: ${what}`, () => {
    const { status } = complete(spec, known(log));
    assert.deepEqual(status!.resolvedHardware, resolved);
    assert.equal(status!.hardwareSummary, summary);
  });
}

Deno.test("resolvedHardware: the spec fills in where discovery is silent (§5.9 Better)", () => {
  const { status } = complete(onMi300x, printedGpu(""));
  assert.deepEqual(status!.resolvedHardware, {
    gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" },
  });
});

Deno.test("node affinity is built from the discovered GPU where the spec names none (§4 Better)", () => {
  const ids = (status: TemplateStatus | undefined) =>
    status!.resolvedNodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
      .matchExpressions?.[0].values;
  assert.deepEqual(ids(complete({}, known(log61)).status), ["74a1", "74a9", "74b5", "74bd"]);
  const mi325x = known(log61.replaceAll("MI300X", "MI325X"));
  assert.deepEqual(
    ids(complete(onMi300x, mi325x).status),
    ["74a1", "74a9", "74b5", "74bd"],
    "the spec's first",
  );
});

/** A pod whose image cannot be pulled. */
const pulling = (job: Live<Job>, reason: string, message: string) =>
  podOf(job, {
    phase: "Pending",
    containerStatuses: [{ name: "discovery", state: { waiting: { reason, message } } }],
  });

const pulls: [message: string, reason: string, status: string, framework: string][] = [
  ["unauthorized", "ImagePullAuthFailure", "Failed", "AuthValid"],
  ["manifest unknown", "ImageNotFound", "Failed", "ConfigValid"],
  ["dial tcp: timeout", "ImagePullBackOff", "Progressing", "DependenciesReachable"],
];
for (const [message, reason, overall, framework] of pulls) {
  Deno.test(`an image that cannot be pulled (${reason}) gives its place up after two minutes (§5.7 Better)`, () => {
    const job = storedJob(template(onMi300x), world);
    const pod = pulling(job, "ErrImagePull", message);
    const first = pass(template(onMi300x), [...world, job, pod]);
    if (reason !== "ImagePullBackOff") assert.equal(first.status!.status, overall);
    assert.ok(first.conditions.includes(`DiscoveryPodsReady=False/${reason}`));
    assert.ok(first.conditions.some((each) => each.startsWith(`${framework}=False`)));
    assert.deepEqual(first.plan.removals, []);

    const before = stored(first.status!, undefined, "2026-01-01T00:00:30Z");
    const at = (now: string) =>
      pass(template(onMi300x, { status: before }), [...world, job, pod], {}, { now });
    assert.deepEqual(at("2026-01-01T00:02:29Z").plan.removals, []);
    const given = at("2026-01-01T00:02:30Z");
    assert.deepEqual(given.plan.removals.map(({ ref, uid }) => [ref.name, uid]), [[
      job.metadata.name,
      "uid-job",
    ]]);
    assert.equal(given.status!.discovery!.attempts, 1);
    assert.equal(given.status!.discovery!.lastAttemptTime, "2026-01-01T00:02:30Z");
    assert.match(given.status!.discovery!.lastFailureReason!, new RegExp(`${reason}.*${message}`));

    const gone = pass(template(onMi300x, { status: stored(given.status!, before) }), world, {}, {
      now: "2026-01-01T00:02:31Z",
    });
    assert.equal(gone.status!.status, "Failed");
    assert.ok(gone.conditions.includes(`DiscoveryJobReady=False/${reason}`), `${gone.conditions}`);
    assert.equal(jobIn(gone), undefined);
    const next = pass(template(onMi300x, { status: stored(gone.status!, before) }), world, {}, {
      now: "2026-01-01T00:03:30Z",
    });
    assert.ok(jobIn(next));
  });
}

Deno.test("a condition that is False since an earlier failure does not shorten the patience with a new Job", () => {
  const job = storedJob(template(onMi300x), world, {
    metadata: { creationTimestamp: "2026-01-01T01:00:00Z" },
  });
  const pod = pulling(job, "ErrImagePull", "manifest unknown");
  const before: TemplateStatus = {
    observedGeneration: 1,
    conditions: [condition("ConfigValid", "False", "InvalidSpec")],
  };
  const at = (now: string) => pass(template(onMi300x, { status: before }), [...world, job, pod], {}, { now });
  assert.deepEqual(at("2026-01-01T01:01:59Z").plan.removals, []);
  assert.equal(at("2026-01-01T01:02:00Z").plan.removals.length, 1);
});

Deno.test("between two tries the kubelet only says that it waits: the cause of before stays, and since when", () => {
  const job = storedJob(template(onMi300x), world);
  const first = pass(template(onMi300x), [...world, job, pulling(job, "ErrImagePull", "manifest unknown")]);
  const before = stored(first.status!);
  const waiting = pulling(job, "ImagePullBackOff", "Back-off pulling image");
  const second = pass(template(onMi300x, { status: before }), [...world, job, waiting]);
  assert.ok(second.conditions.includes("DiscoveryPodsReady=False/ImageNotFound"));
  const third = pass(
    template(onMi300x, { status: stored(second.status!, before) }),
    [...world, job, waiting],
    {},
    {
      now: "2026-01-01T00:02:00Z",
    },
  );
  assert.equal(third.plan.removals.length, 1);
});

Deno.test("pods that are refused before they exist are told of in the status", () => {
  const job = storedJob(template(onMi300x), world);
  const refusal = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "ns" },
    reason: "FailedCreate",
    message: "pods is forbidden: exceeded quota: requests",
    involvedObject: { kind: "Job", name: job.metadata.name, uid: job.metadata.uid },
  } as KubeObject;
  const { conditions, status } = pass(template(onMi300x), [...world, job, refusal]);
  assert.ok(conditions.includes("DiscoveryPodsReady=False/FailedCreate"));
  assert.equal(status!.status, "Failed");
  assert.match(textOf(status, "Ready"), /exceeded quota/);
});

/** What we have discovered, for the spec that `template(onMi300x)` has. */
function ours(): TemplateStatus {
  const job = storedJob(template(onMi300x), world, { status: ended("Complete") });
  const pod = podOf(job, succeeded);
  const first = pass(template(onMi300x), [...world, job, pod], {}, { facts: printed(pod, known(log61)) });
  return stored(first.status!);
}

Deno.test("re-discovery: another spec is found out while the earlier result serves (§5.4 Better)", () => {
  const before = ours();
  assert.equal(jobIn(pass(template(onMi300x, { status: before }), world)), undefined, "not without a change");
  const spec = { ...onMi300x, profileId: "other" };
  const object = (status: TemplateStatus) => template(spec, { status });

  const begun = pass(object(before), world);
  assert.ok(jobIn(begun));
  assert.equal(begun.status!.status, "Ready");
  assert.deepEqual(begun.status!.profile, before.profile);
  assert.ok(begun.conditions.includes("Discovered=False/AwaitingDiscovery"));
  assert.match(textOf(begun.status, "Discovered"), /the result of an earlier discovery serves until then/);

  const running = storedJob(object(before), world);
  const second = pass(object(stored(begun.status!)), [...world, running]);
  assert.equal(second.status!.status, "Ready");
  assert.ok(!second.conditions.some((each) => each.startsWith("DiscoveryJobReady")), "it does not count");

  const failed = { ...running, status: ended("Failed", "BackoffLimitExceeded", "told") };
  const third = pass(object(stored(second.status!)), [...world, failed]);
  assert.equal(third.status!.status, "Ready");
  assert.deepEqual(third.status!.profile, before.profile);
  assert.equal(third.status!.discovery!.attempts, 1);
  assert.ok(third.conditions.includes("Discovered=False/DiscoveryFailed"));
  const waits = pass(object(stored(third.status!)), world, {}, { now: "2026-01-01T00:01:09Z" });
  assert.equal(jobIn(waits), undefined);
  assert.equal(waits.status!.status, "Ready");
  assert.ok(
    jobIn(pass(object(stored(waits.status!)), world, {}, { now: "2026-01-01T00:01:10Z" })),
    "tried again",
  );

  const done = { ...running, status: ended("Complete") };
  const pod = podOf(running, succeeded);
  const fourth = pass(object(stored(second.status!)), [...world, done, pod], {}, {
    facts: printed(pod, known(log61.replaceAll("Qwen3-32B", "Qwen4"))),
  });
  assert.equal(fourth.status!.modelSources![0].modelId, "Qwen/Qwen4");
  assert.ok(fourth.conditions.includes("Discovered=True/DiscoveryComplete"));
  assert.equal(jobIn(pass(object(stored(fourth.status!)), world)), undefined);
});

Deno.test("re-discovery: the model's new image counts as a change", () => {
  const other = { ...model(), spec: { image: "reg.example/m:2" } };
  assert.ok(jobIn(pass(template(onMi300x, { status: ours() }), [other, mi300x])));
});

Deno.test("re-discovery: a GPU that leaves and comes back is no reason, nor is a model that does (weak 30)", () => {
  const away = pass(template(onMi300x, { status: ours() }), [model()]);
  assert.equal(away.status!.status, "NotAvailable");
  const back = pass(template(onMi300x, { status: stored(away.status!) }), world);
  assert.equal(back.status!.status, "Ready");
  assert.equal(jobIn(back), undefined);
  const orphan = pass(template(onMi300x, { status: ours() }), [mi300x]);
  assert.equal(orphan.status!.status, "Failed");
  assert.equal(jobIn(pass(template(onMi300x, { status: stored(orphan.status!) }), world)), undefined);
});

Deno.test("re-discovery: the result of the Job before the change is not taken for the new one", () => {
  const old = storedJob(template(onMi300x), world, { status: ended("Complete") });
  const pod = podOf(old, succeeded);
  const changed = template({ ...onMi300x, profileId: "other" }, { status: ours() });
  const result = pass(changed, [...world, old, pod], {}, { facts: printed(pod, known(log61)) });
  assert.ok(jobIn(result));
  assert.deepEqual(result.plan.removals, [], "it is over, and goes by itself");
});

Deno.test("a Job that runs for an earlier spec is deleted: it holds a place for an answer that nobody wants", () => {
  const old = storedJob(template(onMi300x), world);
  const changed = template({ ...onMi300x, profileId: "other" });
  const result = pass(changed, [...world, old]);
  assert.deepEqual(result.plan.removals.map(({ ref }) => ref.name), [old.metadata.name]);
  assert.ok(jobIn(result));
});

Deno.test("taking over: what AIM Engine left Ready is not discovered again, whatever hash a failure has left", () => {
  for (
    const discovery of [undefined, {
      attempts: 3,
      lastAttemptTime: "2025-01-01T00:00:00Z",
      specHash: "0123456789abcdef",
    }]
  ) {
    const taken = { ...discovered, ...(discovery && { discovery }) };
    const first = pass(template(onMi300x, { status: taken }), world);
    assert.equal(jobIn(first), undefined);
    assert.equal(first.status!.status, "Ready");
    const second = pass(template(onMi300x, { status: stored(first.status!) }), world);
    assert.equal(jobIn(second), undefined);
    const edited = template({ ...onMi300x, profileId: "other" }, { status: stored(first.status!) });
    assert.ok(jobIn(pass(edited, world)), "an edit after that is noticed");
  }
});

Deno.test("taking over: a Job of AIM Engine in flight is adopted, under the name that AIM Engine gave it", () => {
  const spec = { ...onMi300x, imagePullSecrets: [{ name: "own" }], serviceAccountName: "own" };
  const engines = storedJob(template(onMi300x), world);
  const named = jobIn(pass(template(spec), world))!.metadata!.name;
  assert.notEqual(named, engines.metadata.name, "ours would be called otherwise");
  const { conditions, plan } = pass(template(spec), [...world, engines]);
  assert.ok(conditions.includes("DiscoveryJobReady=False/JobRunning"));
  assert.deepEqual(plan.removals, []);
});

Deno.test("a Job of the same label that belongs to another template is not ours (weak 13)", () => {
  const job = storedJob(template(onMi300x), world);
  const foreign = {
    ...job,
    metadata: { ...job.metadata, ownerReferences: [{ ...job.metadata.ownerReferences![0], uid: "u" }] },
  };
  assert.ok(jobIn(pass(template(onMi300x), [...world, foreign])));
});

Deno.test("while its Job is being deleted a template makes no other one of the name", () => {
  const job = storedJob(template(onMi300x), world, {
    metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
  });
  const { conditions, plan } = pass(template(onMi300x), [...world, job]);
  assert.ok(conditions.includes("DiscoveryJobReady=False/JobNotCreated"));
  assert.equal(plan.children.length, 1, "the label alone");
});

Deno.test("a Job that the API server refuses is told of, and stays wanted until it is taken", () => {
  const refused = {
    result: "rejected",
    category: "InvalidSpec",
    reason: "Forbidden",
    message: "exceeded quota: jobs",
  } as const;
  const name = jobIn(pass(template(onMi300x), world))!.metadata!.name;
  const first = pass(template(onMi300x), world, { [`jobs/ns/${name}`]: refused });
  assert.ok(first.conditions.includes("DiscoveryJobReady=False/Forbidden"));
  assert.ok(first.conditions.includes("Discovered=False/DiscoveryFailed"));
  assert.match(textOf(first.status, "Discovered"), /cannot be made: exceeded quota/);
  // Though as many wait as there are places: it was its turn, and it holds none.
  const others = Array.from({ length: 10 }, (_, n) => {
    const metadata = { name: `other${n}`, generation: 2 };
    return template(onMi300x, { metadata, status: stored(pass(template(onMi300x), world).status!) });
  });
  assert.equal(jobIn(pass(template(onMi300x), [...world, ...others])), undefined, "a new one waits");
  const second = pass(template(onMi300x, { status: stored(first.status!) }), [...world, ...others]);
  assert.ok(jobIn(second));

  const serving = pass(template({ ...onMi300x, profileId: "other" }, { status: ours() }), world);
  const other = jobIn(serving)!.metadata!.name;
  const third = pass(template({ ...onMi300x, profileId: "other" }, { status: ours() }), world, {
    [`jobs/ns/${other}`]: refused,
  });
  assert.equal(third.status!.status, "Ready", "the earlier result serves");
  assert.match(textOf(third.status, "Discovered"), /cannot be made: exceeded quota/);
});

Deno.test("over its own outcome no state of a discovery wants anything else in a second pass", () => {
  const spec: Template["spec"] = { modelName: "m", ...onMi300x };
  const job = storedJob(template(onMi300x), world);
  const pod = podOf(job, succeeded);
  const { pod: failedPod, facts } = failing();
  const done: Live<Job> = { ...job, status: ended("Complete") };
  const broken: Live<Job> = { ...job, status: ended("Failed", "BackoffLimitExceeded") };
  const worlds: KubeObject[][] = [
    world,
    [model()],
    [...world, job],
    [...world, broken, failedPod],
    [...world, done],
    [...world, done, pod],
    [...world, job, pulling(job, "ErrImagePull", "manifest unknown")],
  ];
  const outputs = [known(log61), known("[]"), { state: "pending" } as const];
  for (const others of worlds) {
    for (const output of outputs) {
      for (const now of ["2026-01-01T00:00:20Z", "2026-01-01T00:05:00Z"]) {
        const circumstances = { facts: { ...facts, ...printed(pod, output) }, now };
        let status: TemplateStatus | undefined;
        for (let round = 0; round < 2; round++) {
          const result = pass(template(spec, status && { status }), others, {}, circumstances);
          status = stored(result.status!, status, now);
        }
        const third = pass(template(spec, { status }), others, {}, circumstances);
        assert.equal(mergePatch(status, stored(third.status!, status, now)), undefined);
      }
    }
  }
});
