/**
 * What a service stands on, and whether that is Ready: two questions (issue "Which, and whether"; spec/README "A
 * template that is not Ready, beside a Ready one", "What a service stands on while its template is gone or not Ready").
 */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMServiceStatus } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  cache,
  cacheName,
  clusterTemplate,
  config,
  endpoint,
  inferenceService,
  model,
  type Pass,
  pass,
  pod,
  route,
  routed,
  service,
  template,
} from "../service_sample.ts";

/** What is recorded of a service that runs; its spec was acted on in generation 4. */
const recorded: AIMServiceStatus = {
  status: "Running",
  observedGeneration: 4,
  resolvedModel: { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
  resolvedTemplate: { name: "t1", namespace: "ns", scope: "Namespace", uid: "uid-AIMServiceTemplate-ns-t1" },
  cache: {
    templateCacheRef: { name: cacheName, namespace: "ns", uid: `uid-AIMTemplateCache-ns-${cacheName}` },
  },
};

const running = (spec: Partial<AIMServiceSpec> = {}, generation = 4, labels: Record<string, string> = {}) =>
  service({ metadata: { generation, labels }, spec, status: recorded });
const told = (reason: string, message: string, type = "Ready") =>
  [{ type, status: "False", reason, message, lastTransitionTime: "2026-01-01T00:00:00Z" }] as never;

/** Ways in which a template stops being Ready, and what the service must say of each. */
const losses: Record<string, { readonly templates: readonly KubeObject[]; readonly cause: RegExp }> = {
  "deleted": { templates: [], cause: /AIMServiceTemplate t1.* not there any more/ },
  "NotAvailable, its GPU gone": {
    templates: [template({
      status: {
        status: "NotAvailable",
        conditions: told("GPUNotAvailable", "No node has GPU MI300X", "GPUReady"),
      },
    })],
    cause: /AIMServiceTemplate t1 is not available: No node has GPU MI300X$/,
  },
  "NotAvailable, for want of memory": {
    templates: [template({
      status: {
        status: "NotAvailable",
        conditions: told(
          "VRAMNotAvailable",
          "No GPU with at least 256Gi of memory is in the cluster",
          "GPUReady",
        ),
      },
    })],
    cause: /is not available: No GPU with at least 256Gi of memory is in the cluster$/,
  },
  "Progressing": {
    templates: [template({ status: { status: "Progressing" } })],
    cause: /AIMServiceTemplate t1 is not ready yet/,
  },
  "Failed": {
    templates: [
      template({ status: { status: "Failed", conditions: told("DiscoveryFailed", "no profile") } }),
    ],
    cause: /AIMServiceTemplate t1 is in failed state: no profile/,
  },
};
const up = [model(), cache(), inferenceService(), pod()];

for (const [how, { templates, cause }] of Object.entries(losses)) {
  const world = [...up, ...templates];
  const predictor = (made: Pass) => made.desired<InferenceService>("InferenceService")?.spec?.predictor;

  Deno.test(`a running service whose template is ${how}: kept, its cache found, the cause told`, () => {
    for (const spec of [{}, { template: { name: "t1" } }]) {
      const made = pass(running(spec), world);
      assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
      assert.equal(made.condition("CacheReady"), "True CacheReady");
      assert.equal(made.condition("TemplateReady")?.split(" ")[0], "False");
      assert.match(made.message("TemplateReady")!, cause);
      assert.match(made.message("Ready")!, new RegExp(cause.source.replace(/\$$/, "\\. AIM-012[12]: ")));
      assert.equal(made.status.status, "Degraded");
      assert.deepEqual(made.status.resolvedTemplate, recorded.resolvedTemplate);
      assert.deepEqual(made.status.cache, recorded.cache);
      assert.equal(made.condition("InferenceServiceReady"), "True RuntimeReady");
    }
  });

  for (const replicas of [0, 3]) {
    Deno.test(`then replicas ${replicas}: carried out on what lives, and observed; template ${how}`, () => {
      const made = pass(running({ replicas }, 5), world);
      assert.deepEqual(made.children, [`apply InferenceService ${endpoint}`]);
      const { minReplicas, maxReplicas, ...rest } = predictor(made)!;
      assert.deepEqual([minReplicas, maxReplicas], replicas === 0 ? [0, undefined] : [3, 3]);
      const { minReplicas: _, maxReplicas: __, ...live } = inferenceService().spec!.predictor!;
      assert.deepEqual(rest, live);
      assert.equal(made.status.observedGeneration, 5);
      assert.ok(made.status.conditions!.every(({ observedGeneration }) => observedGeneration === 5));
      assert.equal(made.condition("InferenceServiceReady"), "True RuntimeReady");
    });
  }

  Deno.test(`then autoscaling: carried out; template ${how}`, () => {
    const made = pass(running({ minReplicas: 1, maxReplicas: 4 }, 5), world);
    const desired = made.desired<InferenceService>("InferenceService")!;
    assert.deepEqual([desired.spec?.predictor?.minReplicas, desired.spec?.predictor?.maxReplicas], [1, 4]);
    assert.equal(desired.metadata?.annotations?.["serving.kserve.io/autoscalerClass"], "keda");
  });

  Deno.test(`then routing: carried out; template ${how}`, () => {
    assert.ok(pass(running({ routing: routed }, 5), world).children.includes(`apply HTTPRoute ${endpoint}`));
    const off = pass(running({ routing: { enabled: false } }, 5), [...world, route()]);
    assert.deepEqual(off.removals, [`HTTPRoute ${endpoint}`]);
  });

  Deno.test(`then a label that is propagated: carried out; template ${how}`, () => {
    const propagation = config({ labelPropagation: { enabled: true, match: ["team"] } });
    const made = pass(running({}, 4, { team: "nlp" }), [...world, propagation]);
    const { labels } = made.desired<InferenceService>("InferenceService")!.metadata!;
    assert.deepEqual(labels, { ...inferenceService().metadata!.labels, team: "nlp" });
    const has = inferenceService({ metadata: { labels } });
    const same = world.map((each) => each.kind === "InferenceService" ? has : each);
    assert.deepEqual(pass(running({}, 4, { team: "nlp" }), [...same, propagation]).children, [
      `keep InferenceService ${endpoint}`,
    ]);
    assert.deepEqual(pass(running(), [...same, propagation]).children, [
      `apply InferenceService ${endpoint}`,
    ]);
  });

  /** Edits that need the template, and how each is named. */
  const edits: [edit: Partial<AIMServiceSpec>, name: RegExp][] = [
    [{ env: [{ name: "HF_TOKEN", value: "x" }] }, /env HF_TOKEN/],
    [{ resources: { limits: { memory: "96Gi" } } }, /spec\.resources/],
    [{ imagePullSecrets: [{ name: "regcred" }] }, /spec\.imagePullSecrets/],
    [{ serviceAccountName: "runner" }, /spec\.serviceAccountName/],
  ];
  Deno.test(`then somebody deletes the endpoint: that is told, edits or not; template ${how}`, () => {
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    const going = (finalizers: string[]) =>
      world.map((object) =>
        object.kind === "InferenceService"
          ? { ...object, metadata: { ...object.metadata, deletionTimestamp, finalizers } }
          : object
      );
    const [[edit]] = edits;
    const message = (finalizers: string[]) =>
      pass(running(edit, 5), going(finalizers)).message("InferenceServiceReady")!;
    assert.match(
      message(["example.com/hold"]),
      /is being deleted; .*, if all that it needs is ready; it still has .*hold$/,
    );
    assert.match(
      message([]),
      /is being deleted; once it is gone it is made again, if all that it needs is ready$/,
    );
  });

  for (const [edit, name] of edits) {
    Deno.test(`then ${Object.keys(edit)}: waits, is named and not observed; template ${how}`, () => {
      const made = pass(running({ ...edit, replicas: 3 }, 5), world);
      assert.equal(predictor(made)?.minReplicas, 3);
      assert.deepEqual(predictor(made)?.containers, inferenceService().spec?.predictor?.containers);
      assert.equal(made.condition("InferenceServiceReady"), "False EditsWaiting");
      assert.match(made.message("InferenceServiceReady")!, name);
      assert.match(made.message("InferenceServiceReady")!, /wait for what TemplateReady names$/);
      assert.equal(made.condition("Ready")?.split(" ")[0], "False");
      assert.equal(made.status.observedGeneration, 4);
      assert.ok(made.status.conditions!.every(({ observedGeneration }) => observedGeneration === 4));
    });
  }
}

Deno.test("edits that waited are carried out and observed once the template is Ready again", () => {
  const edited = running({ env: [{ name: "A", value: "1" }] }, 5);
  const made = pass(edited, [...up, template()]);
  const env = made.desired<InferenceService>("InferenceService")?.spec?.predictor?.containers?.[0].env;
  assert.deepEqual(env?.find(({ name }) => name === "A"), { name: "A", value: "1" });
  assert.equal(made.status.observedGeneration, 5);
  assert.equal(made.status.status, "Running");
});

Deno.test("what was taken out of the env is seen to wait while the template's own env is known", () => {
  const live = inferenceService();
  live.spec!.predictor!.containers![0].env!.push({ name: "OLD", value: "1" });
  const unready = template({ status: { status: "Progressing" } });
  const made = pass(running({}, 5), [model(), cache(), live, pod(), unready]);
  assert.match(made.message("InferenceServiceReady")!, /env OLD/);
  assert.equal(made.status.observedGeneration, 4);
});

Deno.test("an image that the model has got meanwhile waits too", () => {
  const made = pass(running(), [model({ spec: { image: "reg.io/m:2" } }), ...up.slice(1)]);
  assert.match(made.message("InferenceServiceReady")!, /image reg\.io\/m:2 of model m/);
});

Deno.test("an endpoint does not change to another template by itself when its own is gone or not Ready", () => {
  const other = template({ metadata: { name: "t2" }, status: {} });
  for (const { templates } of Object.values(losses)) {
    const made = pass(running(), [...up, ...templates, other]);
    assert.equal(made.status.resolvedTemplate?.name, "t1");
    assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
  }
  // Without an endpoint the choice is free.
  const none = pass(running(), [model(), other]);
  assert.equal(none.status.resolvedTemplate?.name, "t2");
});

Deno.test("a template that is made anew under its name takes its place under the endpoint", () => {
  const anew = template({ metadata: { uid: "anew" } });
  const better = template({ metadata: { name: "t2" }, spec: { metric: "latency" } });
  const made = pass(running(), [...up, anew, better]);
  assert.equal(made.status.resolvedTemplate?.uid, "anew");
  assert.equal(made.status.status, "Running");
});

Deno.test("a cluster template of the same name does not take the place of the namespace's", () => {
  const made = pass(running({ template: { name: "t1" } }), [...up, clusterTemplate()]);
  assert.equal(made.status.resolvedTemplate?.scope, "Namespace");
  assert.match(made.message("TemplateReady")!, /not there any more/);
});

Deno.test("a derived template that is gone is derived again", () => {
  const spec = { template: { name: "t1" }, overrides: { metric: "latency" } } as const;
  const status = {
    ...recorded,
    resolvedTemplate: { ...recorded.resolvedTemplate, name: "t1-ovr-latency-817c" },
  };
  const made = pass(service({ spec, status }), [...up, template()]);
  assert.ok(made.children.includes("create AIMServiceTemplate t1-ovr-latency-817c"));
});

Deno.test("of a named template that is gone the name is told that the user wrote, and nothing is advised that does not help", () => {
  const said = (name: string, spec: Partial<AIMServiceSpec>, ...others: KubeObject[]) => {
    const status = { ...recorded, resolvedTemplate: { ...recorded.resolvedTemplate, name } };
    return pass(service({ spec, status }), [...up, ...others]).message("TemplateReady")!;
  };
  const overrides = { metric: "latency" } as const;
  const derived = said("t9-ovr-latency-817c", { template: { name: "t9" }, overrides });
  assert.match(derived, /^Template t9, which spec\.template\.name asks for, is not there any more/);
  assert.doesNotMatch(derived, /t9-ovr|force-rebind/);
  const named = { template: { name: "t1" } };
  assert.doesNotMatch(said("t1", named), /force-rebind/);
  // The one of the cluster is gone over to by force-rebind, so that is an answer.
  assert.match(said("t1", named, clusterTemplate()), /force-rebind/);
  assert.match(said("t1", {}), /force-rebind/);
});

Deno.test("a template that is named later is gone over to when it is Ready; until then that edit waits", () => {
  const renamed = running({ template: { name: "t2" } }, 5);
  const t2 = (status: "Ready" | "Progressing") => template({ metadata: { name: "t2" }, status: { status } });
  const waits = pass(renamed, [...up, template(), t2("Progressing")]);
  assert.match(waits.message("InferenceServiceReady")!, /these edits: template t2\. They/);
  assert.equal(waits.condition("CacheReady"), "True CacheReady");
  assert.equal(waits.status.observedGeneration, 4);
  const [of1, of2] = ["t1", "t2"].map((name) =>
    inferenceService({
      metadata: { labels: { ...inferenceService().metadata!.labels, "aim.eai.amd.com/template": name } },
    })
  );
  const world = [model(), cache(), pod(), template(), t2("Ready")];
  const goes = pass(renamed, [...world, of1]);
  assert.equal(goes.status.resolvedTemplate?.name, "t2");
  // Not without the weights of the new one.
  assert.deepEqual(goes.children, [
    "create AIMTemplateCache t2-e2c6bafc",
    `keep InferenceService ${endpoint}`,
  ]);
  assert.match(goes.message("InferenceServiceReady")!, /template t2.*CacheReady/);
  assert.equal(goes.status.observedGeneration, 4);
  const weights = cache({ metadata: { name: "t2-e2c6bafc" }, spec: { templateName: "t2" } });
  const status = { ...goes.status, observedGeneration: 4 };
  const gone = pass(service({ metadata: { generation: 5 }, spec: renamed.spec, status }), [
    ...world,
    of1,
    weights,
  ]);
  assert.equal(
    gone.desired<InferenceService>("InferenceService")?.metadata?.labels?.["aim.eai.amd.com/template"],
    "t2",
  );
  assert.equal(gone.status.observedGeneration, 5);
  const after = pass(service({ metadata: { generation: 5 }, spec: renamed.spec, status }), [...world, of2]);
  assert.equal(after.condition("InferenceServiceReady"), "True RuntimeReady");
});

/** A model that is not Ready for no other reason than one of its templates. */
const besides = (status: "Progressing" | "Degraded" | "Failed") =>
  model({
    status: {
      status,
      conditions: [
        { type: "ImageMetadataReady", status: "True", reason: "ImageFound", message: "" },
        { type: "ServiceTemplatesReady", status: "False", reason: "TemplatesProgressing", message: "t2" },
        { type: "Ready", status: "False", reason: "Progressing", message: "t2" },
      ] as never,
    },
  });

for (const status of ["Progressing", "Degraded", "Failed"] as const) {
  const second = template({
    metadata: { name: "t2" },
    status: { status: status === "Progressing" ? "Progressing" : "Failed" },
  });
  Deno.test(`beside a Ready template one that makes the model ${status}: no service minds, running or new`, () => {
    const world = [besides(status), template(), second, cache()];
    for (const spec of [{}, { template: { name: "t1" } }]) {
      const runs = pass(running(spec), [...world, inferenceService(), pod()]);
      assert.equal(runs.status.status, "Running");
      assert.equal(runs.condition("ModelReady"), "True ModelResolved");
      const fresh = pass(service({ spec }), world);
      assert.deepEqual(fresh.children, [`apply InferenceService ${endpoint}`]);
      assert.equal(fresh.status.resolvedModel?.name, "m");
    }
  });
  Deno.test(`a service whose own template is not Ready minds that the model is ${status}`, () => {
    const made = pass(service({ spec: { template: { name: "t2" } } }), [besides(status), template(), second]);
    assert.equal(made.condition("ModelReady"), "False ModelNotReady");
    assert.deepEqual(made.children, []);
  });
}

Deno.test("a model whose image cannot be read counts: a new service gets no endpoint, a running one is Degraded", () => {
  const unread = besides("Failed");
  for (const condition of unread.status!.conditions!) condition.status = "False";
  const fresh = pass(service(), [unread, template(), cache()]);
  assert.deepEqual(fresh.children, []);
  assert.equal(fresh.status.status, "Failed");
  const runs = pass(running(), [unread, template(), cache(), inferenceService(), pod()]);
  assert.equal(runs.status.status, "Degraded");
});

Deno.test("a model that is gone under an endpoint: replicas are carried out, the rest waits", () => {
  const made = pass(running({ replicas: 3, env: [{ name: "A", value: "1" }] }, 5), [
    template(),
    ...up.slice(1),
  ]);
  assert.equal(made.desired<InferenceService>("InferenceService")?.spec?.predictor?.minReplicas, 3);
  assert.match(made.message("InferenceServiceReady")!, /env A\. They wait for what ModelReady names$/);
  assert.equal(made.status.status, "Degraded");
});

Deno.test("a runtime config that is gone: replicas are carried out, labels stay, what needs it waits", () => {
  const labels = { ...inferenceService().metadata!.labels, team: "nlp" };
  const live = inferenceService({ metadata: { labels } });
  const spec = { runtimeConfigName: "rc", replicas: 3, env: [{ name: "A", value: "1" }] };
  const made = pass(running(spec, 5, { team: "nlp" }), [model(), template(), cache(), live, pod()]);
  const desired = made.desired<InferenceService>("InferenceService")!;
  assert.equal(desired.spec?.predictor?.minReplicas, 3);
  assert.deepEqual(desired.metadata?.labels, labels);
  assert.match(
    made.message("InferenceServiceReady")!,
    /env A\. They wait for what RuntimeConfigReady names$/,
  );
  assert.equal(made.status.observedGeneration, 4);
  assert.equal(made.status.status, "Degraded");
});

Deno.test("a spec that contradicts itself carries out nothing, whatever the template", () => {
  const made = pass(running({ minReplicas: 3, maxReplicas: 1 }, 5), up);
  assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
  assert.equal(made.condition("InferenceServiceReady"), "False InvalidScaling");
});

Deno.test("an endpoint that does not serve and whose template is gone waits for it", () => {
  const dead = inferenceService({ status: { conditions: [] } });
  const made = pass(running(), [model(), cache(), dead]);
  assert.equal(made.status.status, "Pending");
});
