/** What follows from what the registry answers, over whole passes. */

import assert from "node:assert/strict";
import type { ImageMetadata, ModelSpec, ModelStatus } from "../../lib/api/mod.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { ClassifiedError } from "../../lib/operator/errors/errors.ts";
import { clusterModel, image, model, pass, registry, template } from "./model_sample.ts";
import type { Template } from "./scope.ts";

const deployment = { gpuModel: "MI300X", gpuCount: 1, precision: "fp16", metric: "latency" };
const read: ImageMetadata = {
  model: { canonicalName: "Qwen/Qwen3-32B", recommendedDeployments: [deployment] },
};
const sources = [{ modelId: "a/b", sourceUri: "hf://a/b" }];
const conditionsOf = (status: ModelStatus | undefined) =>
  new Map((status?.conditions ?? []).map((each) => [each.type, each]));

// models-and-templates.md §3.1: where the pull secrets are looked up
Deno.test("the registry is asked with the model's pull secrets, of its namespace or the operator's", () => {
  const imagePullSecrets = [{ name: "b" }, { name: "a" }, { name: "b" }, {}];
  const question = (namespace: string) => `fimageMetadata|${JSON.stringify([image, namespace, "b", "a"])}`;
  assert.deepEqual(pass(model({ imagePullSecrets })).asked, [question("ns")]);
  assert.deepEqual(pass(clusterModel({ imagePullSecrets })).asked, [question("aim-system")]);
});

Deno.test("models that have image and secrets in common ask one question", () => {
  const one = pass(model({}, { metadata: { name: "one" } })).asked;
  assert.deepEqual(one, pass(clusterModel({}, { metadata: { name: "two" } })).asked);
  assert.equal(one.length, 1);
});

Deno.test("a model without an image asks nobody, and paused ones neither", () => {
  assert.deepEqual(pass({ ...model(), spec: undefined } as never).asked, []);
  const annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  assert.deepEqual(pass(model({}, { metadata: { annotations } as never })).asked, []);
});

interface Failure {
  readonly error: Error;
  readonly status: string;
  readonly condition: string;
  readonly ready: string;
}
const unreachable = (reason: ClassifiedError["reason"]): Failure => ({
  error: new ClassifiedError("Infrastructure", reason, `${image}: it went wrong`),
  status: "Degraded",
  condition: "DependenciesReachable=False/InfrastructureError",
  ready: `False/${reason}`,
});
/** Nothing is out of reach: what has come cannot be read. */
const unreadable = (reason: ClassifiedError["reason"]): Failure => ({
  ...unreachable(reason),
  condition: "DependenciesReachable=True/Reachable",
});
// §3.5, with the reasons of its Better line. The source of the fact chooses category and reason.
const failures: Record<string, Failure> = {
  InvalidImageReference: unreadable("InvalidImageReference"),
  SecretNotFound: {
    error: new ClassifiedError("MissingUpstream", "SecretNotFound", "Secret ns/pull does not exist"),
    status: "Failed",
    condition: "ConfigValid=False/ReferenceNotFound",
    ready: "False/ReferenceNotFound",
  },
  SecretAccessFailed: unreachable("SecretAccessFailed"),
  ImagePullAuthFailure: unreachable("ImagePullAuthFailure"),
  ImageNotFound: unreachable("ImageNotFound"),
  UnknownError: unreadable("UnknownError"),
  ConnectionRefused: unreachable("ConnectionRefused"),
  DNSFailure: unreachable("DNSFailure"),
  NetworkTimeout: unreachable("NetworkTimeout"),
  ConnectionReset: unreachable("ConnectionReset"),
  NetworkError: unreachable("NetworkError"),
  MetadataExtractionFailed: unreadable("MetadataExtractionFailed"),
};
for (const [reason, { error, status, condition, ready }] of Object.entries(failures)) {
  const old = { status: "Progressing", conditions: [since("DependenciesReachable"), since("ConfigValid")] };
  for (const spec of [{}, { modelSources: sources }, { customTemplates: [{ name: "mine" }] }]) {
    const kind = Object.keys(spec)[0] ?? "plain";
    Deno.test(`${reason}: a ${kind} model is ${status}, makes nothing and keeps what is there`, () => {
      const object = model(spec, { status: old as ModelStatus });
      const made = template("made", "Ready", {}, object);
      const result = pass(object, [made], { facts: registry(error) });
      assert.equal(result.status!.status, status);
      assert.ok(result.conditions.includes(`ImageMetadataReady=False/${reason}`), result.conditions.join());
      assert.ok(result.conditions.includes(condition), result.conditions.join());
      assert.ok(result.conditions.includes(`Ready=${ready}`), result.conditions.join());
      assert.deepEqual(result.plan.children.map(({ how, ref }) => [how, ref.name]), [["keep", "made"]]);
      assert.deepEqual(result.plan.removals, []);
      assert.deepEqual(pass(object, [], { facts: registry(error) }).plan.children, []);
      const cluster = pass(clusterModel(spec, { status: old as ModelStatus }), [], {
        facts: registry(error),
      });
      assert.equal(cluster.status!.status, status);
    });
  }
}

/** A condition that has been False for longer than the grace period. */
function since(type: string) {
  return { type, status: "False", reason: "X", message: "", lastTransitionTime: "2025-12-31T00:00:00Z" };
}

Deno.test("a failure that does not name the image is told with it", () => {
  const told = (error: Error) =>
    conditionsOf(pass(model(), [], { facts: registry(error) }).status).get("ImageMetadataReady")!;
  assert.equal(
    told(new Error("no answer within 30000 ms")).message,
    `image ${image}: no answer within 30000 ms`,
  );
  assert.equal(told(new Error(`${image} is odd`)).message, `${image} is odd`);
});

Deno.test("the escapes of §3.5: extraction off, and metadata in the spec, ask nobody and make templates", () => {
  const facts = registry(failures.ImageNotFound.error);
  const escapes: Partial<ModelSpec>[] = [{ discovery: { extractMetadata: false } }, { imageMetadata: {} }];
  for (const escape of escapes) {
    const { applied, asked, conditions } = pass(model({ modelSources: sources, ...escape }), [], { facts });
    assert.equal(Object.keys(applied).length, 1);
    assert.deepEqual(asked, []);
    assert.ok(conditions.includes("ImageMetadataReady=True/ImageFound"));
  }
});

Deno.test("what is known with one namespace's secrets is not taken for what another's would show", () => {
  const imagePullSecrets = [{ name: "pull" }];
  const facts = registry(read, { namespace: "ns", pullSecrets: ["pull"] });
  assert.equal(pass(model({ imagePullSecrets }), [], { facts }).status!.imageMetadata, read);
  assert.equal(pass(clusterModel({ imagePullSecrets }), [], { facts }).status!.imageMetadata, undefined);
});

// Its model passes 1 and 2 are one: what is read is stored before the template is applied (`sticky`).
Deno.test("worked example §6.1: waiting for the registry, then the labels and the template, then Ready", () => {
  const spec = { image };
  const metadata = { name: "qwen-qwen3-32b" };
  const waiting = pass(clusterModel(spec, { metadata }));
  assert.equal(waiting.status!.status, "Pending");
  assert.deepEqual(waiting.conditions, [
    "RuntimeConfigReady=True/DefaultConfigNotFound",
    "ImageMetadataReady=False/AwaitingMetadata",
    "ClusterServiceTemplatesReady=False/AwaitingMetadata",
    "Reconciling=True/Progressing",
    "Ready=False/Progressing",
  ]);
  assert.deepEqual(waiting.plan.children, []);

  const facts = registry(read);
  const first = pass(clusterModel(spec, { metadata, status: waiting.status }), [], { facts });
  const name = "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1";
  assert.deepEqual(Object.keys(first.applied), [name]);
  assert.deepEqual(first.applied[name].spec, {
    modelName: "qwen-qwen3-32b",
    metric: "latency",
    precision: "fp16",
    hardware: { gpu: { requests: 1, model: "MI300X" } },
  });
  assert.deepEqual(first.plan.sticky, { imageMetadata: read });
  assert.deepEqual(first.status!.imageMetadata, read);
  assert.equal(first.status!.status, "Pending");
  assert.equal(first.status!.sourceType, "Image");
  assert.deepEqual(first.conditions, [
    "RuntimeConfigReady=True/DefaultConfigNotFound",
    "ImageMetadataReady=True/ImageMetadataFound",
    "ClusterServiceTemplatesReady=False/CreatingTemplates",
    "Reconciling=True/Progressing",
    "Ready=False/Progressing",
  ]);

  const made = { ...first.applied[name], status: { status: "Ready" as const } };
  const last = pass(clusterModel(spec, { metadata, status: first.status }), [made]);
  assert.deepEqual(last.asked, []);
  assert.deepEqual(last.applied, first.applied);
  assert.equal(last.status!.status, "Ready");
  assert.ok(last.conditions.includes("ClusterServiceTemplatesReady=True/AllTemplatesReady"));
});

Deno.test("worked example §6.3: a custom model has its template in the pass that reaches the image", () => {
  const base = "amdenterpriseai/aim-base:0.9";
  const spec: Partial<ModelSpec> = {
    image: base,
    modelSources: [{ modelId: "test/valid", sourceUri: "hf://test/valid", size: "100Mi" }],
    custom: { hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } } },
    customTemplates: [{ name: "default", type: "unoptimized" }],
  };
  assert.deepEqual(pass(model(spec)).plan.children, []);
  const { applied, status, conditions } = pass(model(spec), [], {
    facts: registry({ model: {}, oci: {} }, { image: base }),
  });
  const [made] = Object.values(applied);
  assert.equal(made.metadata!.labels!["aim.eai.amd.com/template.alias"], "default");
  assert.equal(made.spec!.type, "unoptimized");
  assert.equal(status!.sourceType, "Custom");
  assert.ok(conditions.includes("ImageMetadataReady=True/ImageFound"));

  const missing = "amdenterpriseai/aim-base:0";
  const notThere = new ClassifiedError("Infrastructure", "ImageNotFound", `${missing} is not there`);
  const without = { ...spec, image: missing };
  const began = since("DependenciesReachable");
  const failed = pass(model(without, { status: { conditions: [began] } as ModelStatus }), [], {
    facts: registry(notThere, { image: missing }),
  });
  assert.equal(failed.status!.status, "Degraded");
  assert.deepEqual(failed.plan.children, []);
});

// §3.3 Better: an image that changes. The first generation's image has been read and has its template.
const next = "amdenterpriseai/aim-qwen-qwen3-32b:0.9.0";
const nextRead: ImageMetadata = {
  model: { canonicalName: "Qwen/Qwen3-32B-Next", recommendedDeployments: [deployment] },
};

function upgraded(status: Partial<ModelStatus> = {}, spec: Partial<ModelSpec> = {}) {
  const first = pass(model({}, { status: { imageMetadata: read, observedGeneration: 3 } }));
  const [old] = Object.values(first.applied);
  const ready: Template = { ...old, status: { status: "Ready" } };
  const settled = pass(model({}, { status: first.status }), [ready]);
  assert.equal(settled.status!.status, "Ready");
  const object = model({ image: next, ...spec }, {
    metadata: { name: "m", generation: 4 },
    status: { ...settled.status, ...status },
  });
  return { object, old: ready, before: settled.status! };
}

Deno.test("while the new image is not read, nothing changes: metadata, templates, status, generation", () => {
  const { object, old, before } = upgraded();
  const { plan, status, conditions } = pass(object, [old]);
  assert.deepEqual(plan.children.map(({ how, ref }) => [how, ref.name]), [["keep", old.metadata!.name]]);
  assert.deepEqual(plan.removals, []);
  assert.equal(status!.observedGeneration, 3);
  assert.equal(status!.imageMetadata, before.imageMetadata);
  assert.equal(status!.status, "Ready");
  assert.ok(conditions.includes("Ready=True/AllComponentsReady"));
});

Deno.test("once it is read, its metadata is stored first; then its template comes and the old one goes", () => {
  const { object, old } = upgraded();
  const facts = registry(nextRead, { image: next });
  const first = pass(object, [old], { facts });
  assert.deepEqual(first.plan.sticky, { imageMetadata: nextRead });
  assert.deepEqual(first.status!.imageMetadata, nextRead);
  assert.equal(first.status!.observedGeneration, 4);
  const [name] = Object.keys(first.applied);
  assert.match(name, /^amdenterpriseai-aim-qwen-qwen3-32b-0-9-1x-mi300x-lat-fp16-[0-9a-f]{4}$/);
  assert.notEqual(name, old.metadata!.name);
  assert.deepEqual(first.plan.removals.map(({ ref }) => ref.name), [old.metadata!.name]);

  const second = pass({ ...object, status: first.status }, [old]);
  assert.deepEqual(second.asked, []);
  assert.deepEqual(second.applied, first.applied);
  assert.deepEqual(second.plan.removals.map(({ ref }) => ref.name), [old.metadata!.name]);
});

Deno.test("a crash between the metadata and its templates loses nothing: the generation is stored last", () => {
  const { object, old } = upgraded({ imageMetadata: nextRead, observedGeneration: 3 });
  const again = pass(object, [old]);
  assert.equal(again.asked.length, 1);
  assert.deepEqual(again.plan.children.map(({ how }) => how), ["keep"]);
  assert.equal(again.status!.observedGeneration, 3);
});

Deno.test("a template that a service has resolved stays beside those of the new image", () => {
  const { object, old } = upgraded({ imageMetadata: nextRead, observedGeneration: 4 });
  const service = {
    apiVersion: API_VERSION,
    kind: "AIMService",
    metadata: { name: "s", namespace: "ns" },
    spec: { model: { name: "m" } },
    status: { resolvedTemplate: { name: old.metadata!.name!, scope: "Namespace" } },
  };
  const { plan, applied, status } = pass(object, [old, service]);
  assert.deepEqual(plan.removals, []);
  assert.equal(Object.keys(applied).length, 1);
  assert.equal(status!.status, "Ready");
});

Deno.test("an image that is not there: the status says so in every pass, and what serves stays", () => {
  const { object, old, before } = upgraded();
  const began = since("DependenciesReachable");
  const status = { ...before, conditions: [began, ...before.conditions!] } as ModelStatus;
  const facts = registry(failures.ImageNotFound.error, { image: next });
  let now = { ...object, status };
  for (let round = 0; round < 3; round++) {
    const { plan, status, conditions, asked } = pass(now, [old], { facts });
    assert.equal(status!.status, "Degraded");
    assert.ok(conditions.includes("ImageMetadataReady=False/ImageNotFound"));
    assert.equal(status!.imageMetadata, before.imageMetadata);
    assert.equal(status!.observedGeneration, 3, "or the next pass would take the old metadata for the new");
    assert.deepEqual(plan.children.map(({ how }) => how), ["keep"]);
    assert.equal(asked.length, 1);
    now = { ...now, status: { ...status!, conditions: [began, ...status!.conditions!] } as ModelStatus };
  }
});

Deno.test("an edit that leaves the image alone ends where it began: same status, same template", () => {
  const { object, old, before } = upgraded({}, { image });
  const facts = registry(read);
  const waiting = pass(object, [old]);
  const after = pass({ ...object, status: waiting.status }, [old], { facts });
  const settled = pass({ ...object, status: after.status }, [old], { facts });
  for (const { status } of [waiting, after, settled]) {
    const { conditions, observedGeneration: _, ...same } = status!;
    const { conditions: were, observedGeneration: __, ...expected } = before;
    assert.deepEqual(same, expected);
    const told = (list: typeof conditions) =>
      list!.map(({ type, status, reason, message }) => [type, status, reason, message]);
    assert.deepEqual(told(conditions), told(were));
  }
  assert.equal(settled.status!.observedGeneration, 4);
  assert.deepEqual(Object.keys(settled.applied), [old.metadata!.name]);
  assert.deepEqual(settled.plan.removals, []);
});

Deno.test("a process that has no answer yet lets the last one's failure stand", () => {
  for (const spec of [{}, { modelSources: sources }]) {
    const failed = pass(model(spec), [], { facts: registry(failures.ImageNotFound.error) }).status!;
    const { plan, asked } = pass(model(spec, { status: failed }), [template("by-hand", "Ready")]);
    assert.equal(plan.status, undefined);
    assert.deepEqual([plan.children, plan.removals], [[], []]);
    assert.equal(asked.length, 1);
  }
});

Deno.test("a failure of an earlier spec does not stand: the model waits anew", () => {
  const status = pass(model(), [], { facts: registry(failures.ImageNotFound.error) }).status!;
  const edited = model({ image: next }, { metadata: { name: "m", generation: 4 }, status });
  const { status: now, conditions } = pass(edited);
  assert.equal(now!.status, "Progressing");
  assert.ok(conditions.includes("ImageMetadataReady=False/AwaitingMetadata"), conditions.join());
  const restarted = pass({ ...edited, status: now });
  assert.deepEqual(restarted.conditions, conditions);
});

Deno.test("until the image of an edit is known, all that is said is of the generation before", () => {
  const { object, old } = upgraded();
  const generations = ({ observedGeneration, conditions }: ModelStatus) =>
    new Set([observedGeneration, ...conditions!.map((each) => each.observedGeneration)]);
  const waiting = pass(object, [old]).status!;
  assert.deepEqual([waiting.status, generations(waiting)], ["Ready", new Set([3])]);
  const away = pass({ ...object, status: waiting }, [old], {
    facts: registry(failures.NetworkError.error, { image: next }),
  }).status!;
  assert.deepEqual(generations(away), new Set([3]));
  // A process that has no answer yet lets that stand.
  assert.equal(pass({ ...object, status: ended(away) }, [old]).plan.status, undefined);
  const wrong = pass({ ...object, status: waiting }, [old], {
    facts: registry(failures.SecretNotFound.error, { image: next }),
  }).status!;
  assert.deepEqual([wrong.status, generations(wrong)], ["Failed", new Set([4])]);
  // The metadata that is stored is still of the image before, and not taken for the present one's.
  const again = pass({ ...object, status: wrong }, [old], { facts: registry(nextRead, { image: next }) });
  assert.deepEqual(again.status!.imageMetadata, nextRead);
  assert.deepEqual(generations(again.status!), new Set([4]));
});

/** A status after the grace period: what cannot be reached is not ready. */
function ended(status: ModelStatus): ModelStatus {
  return {
    ...status,
    conditions: status.conditions?.map((each) =>
      each.type === "ImageMetadataReady" ? { ...each, status: "False" } : each
    ),
  };
}

Deno.test("metadata of a base image is read again too, and the model's own templates follow at once", () => {
  const { object } = upgraded({}, { modelSources: sources });
  assert.deepEqual(pass(object).plan.children, []);
  const { applied, status } = pass(object, [], { facts: registry(nextRead, { image: next }) });
  assert.equal(Object.keys(applied).length, 1);
  assert.equal(status!.observedGeneration, 4);
});

Deno.test("extraction that is switched on again reads the image that is there by then", () => {
  const { object } = upgraded({}, { discovery: { extractMetadata: false } });
  const off = pass(object);
  assert.equal(off.status!.observedGeneration, 4);
  const on = model({ image: next }, { metadata: { name: "m", generation: 5 }, status: off.status });
  assert.equal(pass(on).asked.length, 1);
});
