/** When an InferenceService is made and kept in step, and what it is made of (services.md §8.1–§8.3, §8.6). */

import assert from "node:assert/strict";
import type { AIMServiceSpec } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  cache,
  clusterTemplate,
  config,
  endpoint,
  inferenceService,
  model,
  owner,
  pass,
  pod,
  service,
  template,
} from "../service_sample.ts";

/** The InferenceService that the operator wants; model, template and cache are Ready unless given. */
function wanted(spec: Partial<AIMServiceSpec>, ...objects: KubeObject[]): InferenceService {
  const kinds = objects.map(({ kind }) => kind);
  const others = [model(), template(), cache()].filter(({ kind }) => !kinds.includes(kind));
  const made = pass(service({ spec }), [...others, ...objects]);
  const desired = made.desired<InferenceService>("InferenceService");
  assert.ok(desired !== undefined, made.conditions.join("; "));
  return desired;
}
const predictorOf = ({ spec }: InferenceService) => spec!.predictor!;

Deno.test("an InferenceService of a template without GPU, in full", () => {
  assert.deepEqual(wanted({}), {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      name: "s-e2c6bafc",
      namespace: "ns",
      labels: {
        "app.kubernetes.io/component": "inference",
        "app.kubernetes.io/managed-by": "aim-engine",
        "aim.eai.amd.com/template": "t1",
        "aim.eai.amd.com/service": "s",
        "aim.eai.amd.com/service.name": "s",
        "aim.eai.amd.com/model": "m",
      },
      annotations: { "serving.kserve.io/autoscalerClass": "none" },
      ownerReferences: [owner],
    },
    spec: {
      predictor: {
        minReplicas: 1,
        maxReplicas: 1,
        containers: [{
          name: "kserve-container",
          image: "reg.io/m:1",
          ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }],
          env: [
            { name: "AIM_CACHE_PATH", value: "/workspace/cache" },
            { name: "VLLM_ENABLE_METRICS", value: "true" },
          ],
          volumeMounts: [
            { name: "dshm", mountPath: "/dev/shm" },
            { name: "a", mountPath: "/workspace/cache/org/m" },
          ],
        }],
        volumes: [
          { name: "dshm", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } },
          { name: "a", persistentVolumeClaim: { claimName: "pvc-1" } },
        ],
      },
    },
  });
});

Deno.test("labels: metric and precision of the profile, not of the spec; all values sanitized", () => {
  const profile = { metadata: { type: "optimized", metric: "latency", precision: "fp16" } } as const;
  const labels = wanted({}, template({ spec: { metric: "throughput" }, status: { profile } })).metadata
    ?.labels;
  assert.equal(labels?.["aim.eai.amd.com/metric"], "latency");
  assert.equal(labels?.["aim.eai.amd.com/precision"], "fp16");

  const made = pass(service({ metadata: { name: "my.svc" }, spec: { model: { name: "org.m" } } }), [
    model({ metadata: { name: "org.m" } }),
    template({ spec: { modelName: "org.m" }, metadata: { name: "t.1" } }),
    cache({ metadata: { name: "c" }, spec: { templateName: "t.1" } }),
  ]);
  const dotted = made.desired("InferenceService")?.metadata?.labels;
  assert.equal(dotted?.["aim.eai.amd.com/model"], "org.m");
  assert.equal(dotted?.["aim.eai.amd.com/template"], "t.1");
  assert.equal(dotted?.["aim.eai.amd.com/service"], "my.svc");
});

Deno.test("the label of the model is the name that the template gives", () => {
  const named = service({ spec: { template: { name: "t1" } } });
  const made = pass(named, [model(), template({ spec: { modelName: "Another_Model" } }), cache()]);
  assert.equal(
    made.desired("InferenceService")?.metadata?.labels?.["aim.eai.amd.com/model"],
    "another_model",
  );
});

Deno.test("Better §8.2: a service name of more than 63 characters is cut to a label value", () => {
  const name = "n".repeat(80);
  const made = pass(service({ metadata: { name } }), [model(), template(), cache()]);
  // conventions.md §11.1: cut to 63 with a tail of eight digits; those of SHA-256 of the name as JSON.
  for (const key of ["aim.eai.amd.com/service.name", "aim.eai.amd.com/service"]) {
    const value = made.desired("InferenceService")?.metadata?.labels?.[key];
    assert.equal(value, `${"n".repeat(54)}-b0c83231`, key);
  }
});

Deno.test("Better §8.3: pull secrets of service, template and model, without repeats, in that order", () => {
  const secrets = (...names: string[]) => names.map((name) => ({ name }));
  const both = [
    model({ spec: { imagePullSecrets: secrets("m", "shared") } }),
    template({ spec: { imagePullSecrets: secrets("t", "shared") } }),
  ];
  assert.deepEqual(predictorOf(wanted({}, ...both)).imagePullSecrets, secrets("t", "shared", "m"));
  assert.deepEqual(
    predictorOf(wanted({ imagePullSecrets: secrets("shared", "s") }, ...both)).imagePullSecrets,
    secrets("shared", "s", "t", "m"),
  );
  assert.equal(predictorOf(wanted({ imagePullSecrets: [] })).imagePullSecrets, undefined);
});

Deno.test("Better §8.3: the service account is the first of service, template and model", () => {
  const [m, t] = [
    model({ spec: { serviceAccountName: "of-model" } }),
    template({ spec: { serviceAccountName: "of-template" } }),
  ];
  assert.equal(
    predictorOf(wanted({ serviceAccountName: "of-service" }, m, t)).serviceAccountName,
    "of-service",
  );
  assert.equal(predictorOf(wanted({ serviceAccountName: "" }, m, t)).serviceAccountName, "of-template");
  assert.equal(predictorOf(wanted({}, m)).serviceAccountName, "of-model");
  assert.equal(predictorOf(wanted({})).serviceAccountName, undefined);
});

Deno.test("a pull secret or account that the model gets reaches an endpoint whose image is refused, and no other", () => {
  const opened = model({ spec: { imagePullSecrets: [{ name: "regcred" }], serviceAccountName: "puller" } });
  const refused = pod({
    status: {
      phase: "Pending",
      containerStatuses: [{
        name: "kserve-container",
        state: { waiting: { reason: "ImagePullBackOff", message: "unauthorized: access denied" } },
      }],
    },
  });
  const down = inferenceService({ status: { conditions: [{ type: "Ready", status: "False" }] } });
  const mended = predictorOf(wanted({}, opened, down, refused));
  assert.deepEqual(mended.imagePullSecrets, [{ name: "regcred" }]);
  assert.equal(mended.serviceAccountName, "puller");
  // One that runs is not restarted by it; its service's next edit takes it along.
  const running = predictorOf(wanted({}, opened, inferenceService(), pod()));
  assert.equal(running.imagePullSecrets, undefined);
  assert.equal(running.serviceAccountName, undefined);
});

Deno.test("the node affinity is the template's, as it is", () => {
  const resolvedNodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{
        matchExpressions: [{ key: "amd.com/gpu.device-id", operator: "In", values: ["74a1"] }],
      }],
    },
  };
  const made = wanted({}, template({ status: { resolvedNodeAffinity } }));
  assert.deepEqual(predictorOf(made).affinity, { nodeAffinity: resolvedNodeAffinity });
});

for (
  const [replicas, limits] of [
    [undefined, { minReplicas: 1, maxReplicas: 1 }],
    [1, { minReplicas: 1, maxReplicas: 1 }],
    [5, { minReplicas: 5, maxReplicas: 5 }],
    [0, { minReplicas: 0, maxReplicas: undefined }],
  ] as const
) {
  Deno.test(`replicas ${replicas}`, () => {
    const { minReplicas, maxReplicas } = predictorOf(wanted({ replicas }));
    assert.deepEqual({ minReplicas, maxReplicas }, limits);
  });
}

/** Children for a state of each ingredient, without and with an InferenceService. */
const states: [title: string, objects: KubeObject[], without: string[], withOne: string[]][] = [
  ["all Ready", [model(), template(), cache()], ["apply"], ["apply"]],
  ["model not Ready", [model({ status: { status: "Failed" } }), template(), cache()], [], ["apply"]],
  ["cache not Ready", [model(), template(), cache({ status: { status: "Failed" } })], [], ["apply"]],
  ["template not Ready", [model(), template({ status: { status: "Failed" } }), cache()], [], ["keep"]],
  ["no template", [model()], [], ["keep"]],
  ["no model", [template(), cache()], [], ["keep"]],
];
for (const [title, objects, without, withOne] of states) {
  Deno.test(`${title}: created ${without.length > 0}, then ${withOne}`, () => {
    const of = (made: ReturnType<typeof pass>) =>
      made.children.filter((child) => child.includes("InferenceService")).map((child) => child.split(" ")[0]);
    assert.deepEqual(of(pass(service(), objects)), without);
    assert.deepEqual(of(pass(service(), [...objects, inferenceService()])), withOne);
  });
}

Deno.test("an endpoint that somebody deleted is made again", () => {
  const settled = service({
    status: {
      status: "Running",
      resolvedTemplate: {
        name: "t1",
        namespace: "ns",
        scope: "Namespace",
        uid: "uid-AIMServiceTemplate-ns-t1",
      },
    },
  });
  assert.deepEqual(pass(settled, [model(), template(), cache()]).children, [
    `apply InferenceService ${endpoint}`,
  ]);
});

Deno.test("a changed image of the model rolls the endpoint", () => {
  const made = wanted({}, model({ spec: { image: "reg.io/m:2" } }), inferenceService());
  assert.equal(predictorOf(made).containers?.[0].image, "reg.io/m:2");
});

Deno.test("Better §8.1: never an InferenceService without an image", () => {
  const bare = model({ spec: { image: "" } });
  assert.deepEqual(pass(service(), [bare, template(), cache()]).children, []);
  assert.deepEqual(pass(service(), [bare, template(), cache(), inferenceService()]).children, [
    `keep InferenceService ${endpoint}`,
  ]);
});

Deno.test("a paused service that says so wants nothing but its finalizer", () => {
  const paused = service({
    metadata: { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } },
    status: {
      conditions: [{ type: "Paused", status: "True", reason: "Paused", message: "", lastTransitionTime: "" }],
    },
  });
  const made = pass(paused, [model(), template(), cache(), inferenceService()]);
  assert.deepEqual(made.plan, {
    children: [],
    removals: [],
    finalizer: { name: "aim.eai.amd.com/template-cache-cleanup", action: "ensure" },
  });
  assert.deepEqual(made.reads, []);
});

Deno.test("Better §1.1: an InferenceService of a service of another name: the name with the own name hashed", () => {
  const stranger = inferenceService({
    metadata: { ownerReferences: [{ ...owner, name: "s.other", uid: "other" }] },
  });
  // SHA-256 of `"ns"|"s"`.
  assert.deepEqual(pass(service(), [model(), template(), cache(), stranger]).children, [
    "apply InferenceService s-0561b24a",
  ]);
  const second = inferenceService({ metadata: { name: "s-0561b24a", uid: "second" } });
  const made = pass(service(), [model(), template(), cache(), stranger, second]);
  assert.equal(made.condition("InferenceServiceReady"), "True RuntimeReady");
});

Deno.test("Better §1.1: who has made way once keeps the second name when the first is free again", () => {
  const second = inferenceService({ metadata: { name: "s-0561b24a", uid: "second" } });
  const made = pass(service(), [model(), template(), cache(), second]);
  assert.deepEqual(made.children, ["apply InferenceService s-0561b24a"]);
  const others = inferenceService({
    metadata: { name: "s-0561b24a", ownerReferences: [{ ...owner, uid: "former" }] },
  });
  assert.deepEqual(pass(service(), [model(), template(), cache(), others]).children, [
    `apply InferenceService ${endpoint}`,
  ]);
});

Deno.test("Better §1.1: an InferenceService of a former service of the same name is waited for", () => {
  const former = inferenceService({ metadata: { ownerReferences: [{ ...owner, uid: "former" }] } });
  const made = pass(service(), [model(), template(), cache(), former]);
  assert.deepEqual(made.children, []);
  assert.equal(made.condition("InferenceServiceReady"), "False ResourceNotReady");
  assert.match(made.message("InferenceServiceReady")!, /InferenceService s-e2c6bafc of a deleted service/);
  assert.equal(made.condition("CacheReady"), "True CacheReady");
});

Deno.test("an InferenceService without an owner is taken over", () => {
  const orphan = inferenceService({ metadata: { ownerReferences: undefined } });
  assert.deepEqual(pass(service(), [model(), template(), cache(), orphan]).children, [
    `apply InferenceService ${endpoint}`,
  ]);
});

Deno.test("KServe is not installed: the rest goes on, and the status says so", () => {
  const made = pass(service(), [model(), template(), cache()], { uninstalled: ["inferenceservices"] });
  assert.deepEqual(made.children, []);
  assert.equal(made.condition("InferenceServiceReady"), "False KServeNotInstalled");
  assert.match(
    made.message("InferenceServiceReady")!,
    /KServe \(serving\.kserve\.io\/v1beta1\) is not installed/,
  );
  assert.equal(made.condition("CacheReady"), "True CacheReady");
  assert.equal(made.status.status, "Starting");
});

Deno.test("label propagation reaches the InferenceService by the config's patterns, never over its own (§10)", () => {
  const labels = {
    team: "nlp",
    "org.example/cost": "7",
    "aim.eai.amd.com/extra": "always",
    "aim.eai.amd.com/template": "not-this",
    other: "no",
  };
  const propagating = config({
    labelPropagation: { enabled: true, match: ["te?m", "org.example/*", "[bad"] },
  });
  const objects = [model(), clusterTemplate(), cache({ spec: { templateScope: "Cluster" } })];
  const labelsWith = (...configs: KubeObject[]) =>
    pass(service({ metadata: { labels } }), [...objects, ...configs]).desired("InferenceService")?.metadata
      ?.labels;
  const own = {
    "app.kubernetes.io/component": "inference",
    "app.kubernetes.io/managed-by": "aim-engine",
    "aim.eai.amd.com/template": "t1",
    "aim.eai.amd.com/service": "s",
    "aim.eai.amd.com/service.name": "s",
    "aim.eai.amd.com/model": "m",
    "aim.eai.amd.com/extra": "always",
  };
  assert.deepEqual(labelsWith(propagating), { ...own, team: "nlp", "org.example/cost": "7" });
  assert.deepEqual(labelsWith(), own);
  assert.deepEqual(labelsWith(config({ labelPropagation: { enabled: false, match: ["*"] } })), own);
  assert.deepEqual(labelsWith(config({ labelPropagation: { enabled: true } })), own);
  assert.deepEqual(labelsWith(config({ labelPropagation: { enabled: true, match: ["*"] } })), {
    ...own,
    team: "nlp",
    other: "no",
  });
});

Deno.test("config §12: the mark of a GitOps tool goes to no new InferenceService; on one that has it it stays until an edit", () => {
  const mark = { "argocd.argoproj.io/instance": "apps" };
  const labels = { ...mark, "app.kubernetes.io/managed-by": "Argo" };
  const propagating = config({ labelPropagation: { enabled: true, match: ["*/*"] } });
  const objects = [model(), template(), cache(), propagating];
  const labelsOf = (generation: number, ...live: KubeObject[]) =>
    pass(service({ metadata: { labels, generation }, status: { observedGeneration: 1 } }), [
      ...objects,
      ...live,
    ])
      .desired("InferenceService")?.metadata?.labels;
  const marked = inferenceService();
  marked.metadata!.labels = { ...marked.metadata!.labels, ...mark };
  const markOn = (made?: Record<string, string>) => made?.["argocd.argoproj.io/instance"];
  assert.equal(markOn(labelsOf(1)), undefined);
  assert.equal(markOn(labelsOf(1, inferenceService())), undefined);
  assert.equal(markOn(labelsOf(1, marked)), "apps");
  assert.equal(markOn(labelsOf(2, marked)), undefined);
  assert.equal(labelsOf(1, marked)?.["app.kubernetes.io/managed-by"], "aim-engine");
});

Deno.test("spec/README: a label of more than 63 characters has a hash tail; one that stands cut stays until an edit", () => {
  const name = `${"t".repeat(70)}-a`;
  const long = template({ metadata: { name } });
  const labelOf = (generation: number, ...live: KubeObject[]) => {
    const asking = service({
      metadata: { generation },
      spec: { template: { name } },
      status: { observedGeneration: 1 },
    });
    const world = [model(), long, cache({ spec: { templateName: name } }), ...live];
    return pass(asking, world).desired("InferenceService")?.metadata?.labels?.["aim.eai.amd.com/template"];
  };
  const standing = inferenceService();
  standing.metadata!.labels = { ...standing.metadata!.labels, "aim.eai.amd.com/template": "t".repeat(63) };
  assert.match(labelOf(1)!, /^t{54}-[0-9a-f]{8}$/);
  assert.equal(labelOf(1, standing), "t".repeat(63));
  assert.match(labelOf(2, standing)!, /^t{54}-[0-9a-f]{8}$/);
});
