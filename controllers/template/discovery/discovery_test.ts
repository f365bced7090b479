/** Worked examples, plan rules and Jobs (models-and-templates.md §5.3, §5.4, §5.7, §6). */

import assert from "node:assert/strict";
import type { ServiceTemplateSpec, TemplateStatus } from "../../../lib/api/mod.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import { operatorNamespace } from "../../../lib/cluster/operator_namespace.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { createMergePatch } from "../../../lib/kube/json/merge_patch.ts";
import type { Template } from "../scope.ts";
import { failing, known, log61, onMi300x, pulling, succeeded, textOf, world } from "./discovery_sample.ts";
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
} from "../template_sample.ts";

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

  const still = pass(object(stored(third.status!)), [...others, complete, pod], {}, {
    facts: printed(pod, known(log61)),
  });
  assert.deepEqual(still.conditions, third.conditions, "while the Job is there, it is told of (§5.9 Better)");
  const gone = pass(object(stored(third.status!)), others);
  assert.ok(
    !gone.conditions.some((each) => each.startsWith("DiscoveryJob") || each.startsWith("DiscoveryPods")),
  );
  assert.deepEqual({ ...gone.status, conditions: [] }, { ...third.status, conditions: [] });
  assert.equal(textOf(gone.status, "Discovered"), textOf(third.status, "Discovered"));
});

Deno.test("worked example §6.2: the container exits with 1", () => {
  const { object, job, pod, facts } = failing();
  const { status, conditions } = pass(object, [...world, job, pod], {}, { facts });
  assert.equal(status!.status, "Failed");
  assert.deepEqual(status!.discovery, {
    attempts: 1,
    lastAttemptTime: "2026-01-01T00:00:10Z",
    lastFailureReason: "Job has reached the specified backoff limit " +
      "(Container discovery failed with exit code 1: Error\n\nLog excerpt:\ntwo\nthree\nfour)",
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
  const leaving = { ...job, metadata: { ...job.metadata, deletionTimestamp: "2026-01-01T00:01:05Z" } };
  const podless = pass(template(onMi300x, { status: stored(first.status!) }), [...world, leaving]);
  assert.equal(
    textOf(podless.status, "Discovered"),
    textOf(first.status, "Discovered"),
    "the pods go before their Job does",
  );
  const before = stored(podless.status!);
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
  const { object, job, pod, facts } = failing();
  const before = stored(pass(object, [...world, job, pod], {}, { facts }).status!);
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
  const { object, job, pod, facts } = failing();
  const before = stored(pass(object, [...world, job, pod], {}, { facts }).status!);
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

Deno.test("a failure is told once its log has been read: what there is to quote does not come after it", () => {
  const { object, job, pod, facts } = failing();
  const reading = pass(object, [...world, job, pod]).status;
  assert.equal(reading!.status, "Progressing");
  assert.equal(reading!.discovery, undefined, "no attempt is counted yet");
  assert.match(textOf(reading, "DiscoveryPodsReady"), /its log is being read/);
  const read = pass(object, [...world, job, pod], {}, { facts }).status;
  assert.equal(read!.status, "Failed");
  assert.match(textOf(read, "DiscoveryPodsReady"), /two\nthree\nfour/);
  const [key] = Object.keys(facts);
  const lost = { [key]: { state: "failed", error: new Error("gone") } } as const;
  assert.equal(pass(object, [...world, job, pod], {}, { facts: lost }).status!.status, "Failed");
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

Deno.test("a template says whether its Job is about to be made or waits for its turn (§5.6)", () => {
  const busy = Array.from({ length: 10 }, (_, n) => {
    const job = storedJob(template(onMi300x), world);
    return { ...job, metadata: { ...job.metadata, name: `j${n}`, uid: `j${n}`, ownerReferences: [] } };
  });
  for (const [others, says] of [[[], /about to be made/], [busy, /waits for its turn/]] as const) {
    const { status, conditions } = pass(template(onMi300x), [...world, ...others]);
    assert.equal(status!.status, "Pending");
    assert.ok(conditions.includes("Discovered=False/AwaitingDiscovery"), "§5.6");
    assert.match(textOf(status, "Discovered"), says);
    assert.match(textOf(status, "DiscoveryJobReady"), says);
  }
});

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
  ["Evicted", ended("Failed", "Evicted"), "False/JobEvicted", "Degraded"],
  ["another failure", ended("Failed", "Whatever"), "False/JobFailed", "Failed"],
];
for (const [what, status, wanted, overall] of states) {
  Deno.test(`a Job with ${what}: ${wanted}, ${overall}, and no other Job`, () => {
    const job = storedJob(template(onMi300x), world, { status });
    const result = pass(template(onMi300x), [...world, job]);
    assert.ok(result.conditions.includes(`DiscoveryJobReady=${wanted}`), `${result.conditions}`);
    assert.equal(result.status!.status, overall);
    assert.equal(jobIn(result), undefined);
    assert.deepEqual(result.status!.discoveryJob, { name: job.metadata.name, namespace: "ns" });
  });
}

for (const reason of ["BackoffLimitExceeded", "Whatever"]) {
  Deno.test(`a Job that failed with ${reason} is a fault of the spec, also when it is gone (§5.7 Better)`, () => {
    const job = storedJob(template(onMi300x), world, { status: ended("Failed", reason) });
    const first = pass(template(onMi300x), [...world, job]);
    const gone = pass(template(onMi300x, { status: stored(first.status!) }), world);
    for (const { status, conditions } of [first, gone]) {
      assert.equal(status!.status, "Failed");
      assert.ok(conditions.includes("ConfigValid=False/InvalidSpec"), `${conditions}`);
    }
  });
}

Deno.test("a Job that ran for too long is no fault of the configuration, also when it is gone", () => {
  const job = storedJob(template(onMi300x), world, { status: ended("Failed", "DeadlineExceeded") });
  const first = pass(template(onMi300x), [...world, job]);
  const gone = pass(template(onMi300x, { status: stored(first.status!) }), world);
  for (const { status, conditions } of [first, gone]) {
    assert.equal(status!.status, "Failed");
    assert.ok(conditions.includes("Ready=False/JobDeadlineExceeded"), `${conditions}`);
    assert.ok(!conditions.some((each) => each.startsWith("ConfigValid")), `${conditions}`);
  }
});

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

Deno.test("a Job of the same label that belongs to another template is not ours (weak 13)", () => {
  const job = storedJob(template(onMi300x), world);
  const foreign = {
    ...job,
    metadata: { ...job.metadata, ownerReferences: [{ ...job.metadata.ownerReferences![0], uid: "u" }] },
  };
  assert.ok(jobIn(pass(template(onMi300x), [...world, foreign])));
});

Deno.test("while the model does not tell what is wanted, the newest Job is the one (§5.2 step 3)", () => {
  const made = (name: string, minute: number) => {
    const job = storedJob(template(onMi300x), world, {
      metadata: { creationTimestamp: `2026-01-01T00:0${minute}:00Z` },
    });
    return { ...job, metadata: { ...job.metadata, name, uid: name } };
  };
  const all = [made("second", 2), made("third", 3), made("first", 1)];
  for (const some of [all, all.toReversed()]) {
    assert.equal(pass(template(onMi300x), [mi300x, ...some]).status!.discoveryJob!.name, "third");
  }
});

Deno.test("while its Job is being deleted a template makes no other one of the name", () => {
  const job = storedJob(template(onMi300x), world, {
    metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
  });
  const { conditions, plan } = pass(template(onMi300x), [...world, job]);
  assert.ok(conditions.includes("DiscoveryJobReady=False/JobNotCreated"));
  assert.equal(plan.children.length, 1, "the label alone");
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
        assert.equal(createMergePatch(status, stored(third.status!, status, now)), undefined);
      }
    }
  }
});
