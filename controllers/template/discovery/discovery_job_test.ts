import assert from "node:assert/strict";
import type { AIMModel, EnvVar, ModelSpec, ServiceTemplateSpec } from "../../../lib/api/mod.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import { operatorNamespace } from "../../../lib/cluster/operator_namespace.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { API_VERSION } from "../../../lib/operator/naming/labels.ts";
import { sidecarOptOut } from "../../../lib/operator/naming/sidecars.ts";
import { clusterTemplate, jobIn, model, node, pass, storedJob, template } from "../template_sample.ts";

const nodes = [node("74a1"), node("740f")];

function jobOf(spec: Partial<ServiceTemplateSpec>, modelSpec: Partial<ModelSpec> = {}): Job {
  const owner = model();
  const found: AIMModel = { ...owner, spec: { ...owner.spec!, ...modelSpec } };
  return jobIn(pass(template(spec), [found, ...nodes]))!;
}

Deno.test("the Job of worked example §6.1, field by field (§5.5)", () => {
  const name = "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1";
  const cluster = "qwen-qwen3-32b";
  const object = clusterTemplate({
    modelName: cluster,
    metric: "latency",
    precision: "fp16",
    profileId: "vllm-mi300x-fp16-tp1-latency",
    hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
  }, {
    metadata: {
      name,
      labels: {
        "aim.eai.amd.com/model": cluster,
        "aim.eai.amd.com/origin": "auto-generated",
        "aim.eai.amd.com/cluster-model.name": cluster,
        "app.kubernetes.io/managed-by": "aim-cluster-model-controller",
      },
    },
  });
  const owner = model("AIMClusterModel");
  const found = {
    ...owner,
    metadata: { name: cluster },
    spec: { image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5" },
  };
  const propagated = {
    "aim.eai.amd.com/model": cluster,
    "aim.eai.amd.com/origin": "auto-generated",
    "aim.eai.amd.com/cluster-model.name": cluster,
    "aim.eai.amd.com/cluster-service-template.name": name,
    "aim.eai.amd.com/template": name,
  };
  assert.deepEqual(jobIn(pass(object, [found, ...nodes])), {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: "discover-amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi3-60d303f1",
      namespace: operatorNamespace,
      labels: {
        ...propagated,
        "app.kubernetes.io/name": "aim-discovery",
        "app.kubernetes.io/component": "discovery",
        "app.kubernetes.io/managed-by": "aim-controller",
      },
      ownerReferences: [{
        apiVersion: API_VERSION,
        kind: "AIMClusterServiceTemplate",
        name,
        uid: object.metadata.uid,
        controller: true,
      }],
    },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 60,
      activeDeadlineSeconds: 900,
      template: {
        metadata: {
          labels: { ...propagated, ...sidecarOptOut.labels },
          annotations: sidecarOptOut.annotations,
        },
        spec: {
          restartPolicy: "Never",
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [{
            name: "discovery",
            image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5",
            args: ["dry-run", "--format=json"],
            env: [
              { name: "AIM_LOG_LEVEL_ROOT", value: "CRITICAL" },
              { name: "AIM_LOG_LEVEL", value: "CRITICAL" },
              { name: "AIM_METRIC", value: "latency" },
              { name: "AIM_PRECISION", value: "fp16" },
              { name: "AIM_GPU_MODEL", value: "MI300X" },
              { name: "AIM_GPU_COUNT", value: "1" },
              { name: "AIM_PROFILE_ID", value: "vllm-mi300x-fp16-tp1-latency" },
            ],
            securityContext: {
              allowPrivilegeEscalation: false,
              runAsNonRoot: true,
              capabilities: { drop: ["ALL"] },
            },
          }],
        },
      },
    },
  });
});

Deno.test("the vector of §5.5: the hash in a Job's name", () => {
  const spec = { hardware: { gpu: { requests: 1, model: "MI300X" } }, profileId: "pid" };
  const job = jobOf(spec, { image: "reg/img:1", imagePullSecrets: [{ name: "ps" }] });
  assert.equal(job.metadata!.name, "discover-t-89205ba6");
});

const quiet = [{ name: "AIM_LOG_LEVEL_ROOT", value: "CRITICAL" }, {
  name: "AIM_LOG_LEVEL",
  value: "CRITICAL",
}];
const environments: [what: string, spec: Partial<ServiceTemplateSpec>, wanted: EnvVar[]][] = [
  ["nothing said", {}, quiet],
  ["the user's own, before what is asked", { env: [{ name: "A", value: "1" }], metric: "latency" }, [
    ...quiet,
    { name: "A", value: "1" },
    { name: "AIM_METRIC", value: "latency" },
  ]],
  ["a GPU as it is written", { hardware: { gpu: { requests: 2, model: "amd_instinct_mi300x" } } }, [
    ...quiet,
    { name: "AIM_GPU_MODEL", value: "amd_instinct_mi300x" },
    { name: "AIM_GPU_COUNT", value: "2" },
  ]],
  ["a GPU that is not taken", { hardware: { gpu: { requests: 0, model: "MI300X" } } }, [
    ...quiet,
    { name: "AIM_GPU_MODEL", value: "MI300X" },
  ]],
  ["an empty value, left out as AIM Engine does", { env: [{ name: "A", value: "" }] }, [...quiet, {
    name: "A",
  }]],
  // Better: one entry per name, user value wins
  ["the user's value of one of ours, once", {
    env: [{ name: "AIM_LOG_LEVEL", value: "DEBUG" }, { name: "AIM_METRIC", value: "mine" }],
    metric: "latency",
    precision: "fp8",
  }, [
    quiet[0],
    { name: "AIM_LOG_LEVEL", value: "DEBUG" },
    { name: "AIM_METRIC", value: "mine" },
    { name: "AIM_PRECISION", value: "fp8" },
  ]],
];
for (const [what, spec, wanted] of environments) {
  Deno.test(`env of a discovery Job: ${what}`, () => {
    assert.deepEqual(jobOf(spec).spec!.template!.spec!.containers[0].env, wanted);
  });
}

Deno.test("Better (§5.5): a cluster template's Job has its env as well", () => {
  const object = clusterTemplate({ env: [{ name: "A", value: "1" }] });
  const job = jobIn(pass(object, [model("AIMClusterModel")]))!;
  assert.deepEqual(job.spec!.template!.spec!.containers[0].env, [...quiet, { name: "A", value: "1" }]);
});

// Better: the model's secrets then the template's, without duplicates; the template's account, else the model's
const credentials: [
  own: Partial<ServiceTemplateSpec>,
  models: Partial<ModelSpec>,
  secrets: string[] | undefined,
  account: string | undefined,
][] = [
  [{}, {}, undefined, undefined],
  [{}, { imagePullSecrets: [{ name: "a" }], serviceAccountName: "m" }, ["a"], "m"],
  [{ imagePullSecrets: [{ name: "b" }], serviceAccountName: "t" }, {}, ["b"], "t"],
  [
    { imagePullSecrets: [{ name: "b" }, { name: "a" }], serviceAccountName: "t" },
    { imagePullSecrets: [{ name: "c" }, { name: "a" }], serviceAccountName: "m" },
    ["c", "a", "b"],
    "t",
  ],
];
for (const [own, models, secrets, account] of credentials) {
  Deno.test(`credentials of a discovery Job: ${JSON.stringify([own, models])}`, () => {
    const { imagePullSecrets, serviceAccountName } = jobOf(own, models).spec!.template!.spec!;
    assert.deepEqual(imagePullSecrets?.map(({ name }) => name), secrets);
    assert.equal(serviceAccountName, account);
  });
}

Deno.test("a name too long for a label still gets a Job whose labels are legal (weak 14)", () => {
  const name = `t${"-x".repeat(60)}`;
  const job = jobIn(pass(template({}, { metadata: { name } }), [model()]))!;
  assert.ok(job.metadata!.name!.length <= 63);
  for (const value of Object.values(job.metadata!.labels!)) assert.ok(value.length <= 63, value);
});

Deno.test("labels that the runtime config propagates go to the Job and its pods", () => {
  const config: KubeObject = {
    apiVersion: API_VERSION,
    kind: "AIMRuntimeConfig",
    metadata: { name: "default", namespace: "ns" },
    spec: { labelPropagation: { enabled: true, match: ["team"] } },
  } as KubeObject;
  const object = template({}, { metadata: { name: "t", labels: { team: "a", other: "b" } } });
  const job = jobIn(pass(object, [model(), config]))!;
  for (const labels of [job.metadata!.labels!, job.spec!.template!.metadata!.labels!]) {
    assert.equal(labels.team, "a");
    assert.equal(labels.other, undefined);
  }
});

Deno.test("nobody is to add a container to a discovery pod: each mesh and agent is told so in its own words", () => {
  const { labels, annotations } = jobOf({}).spec!.template!.metadata!;
  assert.equal(labels!["sidecar.istio.io/inject"], "false");
  assert.equal(labels!["kuma.io/sidecar-injection"], "disabled");
  const told: Record<string, string> = {
    "sidecar.istio.io/inject": "false",
    "linkerd.io/inject": "disabled",
    "consul.hashicorp.com/connect-inject": "false",
    "vault.hashicorp.com/agent-inject": "false",
    "sidecar.opentelemetry.io/inject": "false",
    "instrumentation.opentelemetry.io/inject-python": "false",
  };
  for (const [key, value] of Object.entries(told)) assert.equal(annotations![key], value, key);
});

Deno.test("a Job that is there is left as it is, whatever its pods opted out of", () => {
  assert.deepEqual(
    pass(template(), [model(), storedJob(template(), [model()])]).children.filter((each) =>
      /jobs/.test(each)
    ),
    [],
  );
});
