import assert from "node:assert/strict";
import type {
  AIMTemplateCache,
  AIMTemplateCacheStatus,
  EnvVar,
  ServiceTemplateSpec,
} from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import {
  clusterTemplate,
  condition,
  discovered,
  mi300x,
  model,
  pass,
  sources,
  template,
} from "./template_sample.ts";

const caching: Partial<ServiceTemplateSpec> = { modelSources: sources, caching: { enabled: true } };
const a: EnvVar = { name: "A", value: "1" };
const b: EnvVar = { name: "B", value: "2" };

const desiredOf = (spec: Partial<ServiceTemplateSpec>, more = {}) => {
  const { plan } = pass(template(spec, more), [model()]);
  const child = plan.children.find(({ ref }) => ref.kind.resource.plural === "aimtemplatecaches");
  return child?.how === "apply" ? child.desired as AIMTemplateCache : undefined;
};

/** A cache named `t`, of the template unless told otherwise. */
const cache = (status?: AIMTemplateCacheStatus["status"], metadata = {}): AIMTemplateCache => ({
  apiVersion: API_VERSION,
  kind: "AIMTemplateCache",
  metadata: {
    name: "t",
    namespace: "ns",
    ownerReferences: [{
      apiVersion: API_VERSION,
      kind: "AIMServiceTemplate",
      name: "t",
      uid: "uid-AIMServiceTemplate-ns-t",
      controller: true,
    }],
    ...metadata,
  },
  spec: { templateName: "t", templateScope: "Namespace" },
  ...(status &&
    { status: { status, conditions: [condition("Ready", status === "Ready" ? "True" : "False", "X")] } }),
});

Deno.test("the cache has these fields, labels and owner (§5.10)", () => {
  // The model's label travels on though the template has yet to get it.
  const labels = { team: "x" };
  assert.deepEqual(
    desiredOf({ ...caching, runtimeConfigName: "default" }, { metadata: { name: "t", labels } }),
    {
      apiVersion: API_VERSION,
      kind: "AIMTemplateCache",
      metadata: {
        name: "t",
        namespace: "ns",
        labels: {
          "aim.eai.amd.com/model": "m",
          "app.kubernetes.io/managed-by": "aim-service-template-controller",
          "aim.eai.amd.com/service-template.name": "t",
        },
        ownerReferences: cache().metadata!.ownerReferences,
      },
      spec: { templateName: "t", templateScope: "Namespace", runtimeConfigName: "default" },
    },
  );
});

Deno.test("Better (§5.10): env of the caching, or else that of the template", () => {
  const env = (own?: EnvVar[], ofTemplate?: EnvVar[]) =>
    desiredOf({ modelSources: sources, env: ofTemplate, caching: { enabled: true, env: own } })!.spec!.env;
  assert.deepEqual(env([a], [b]), [a]);
  assert.deepEqual(env(undefined, [b]), [b]);
  assert.deepEqual(env([], [b]), [b]);
  assert.equal(env(), undefined);
  assert.deepEqual(env([{ name: "E", value: "" }]), [{ name: "E" }]);
});

// §5.4 rules 1 to 4, and the gate of conventions §5.2
const gpu = { hardware: { gpu: { requests: 1, model: "MI300X" } } };
const failedModel = model("AIMModel", {
  status: "Failed",
  conditions: [condition("ImageMetadataReady", "False", "ImageNotFound")],
});
const plans: [
  what: string,
  spec: Partial<ServiceTemplateSpec>,
  others: KubeObject[],
  more: object,
  child?: string,
][] = [
  ["inline sources", caching, [model()], {}, "apply aimtemplatecaches/t"],
  ["caching off", { modelSources: sources, caching: { enabled: false } }, [model()], {}],
  ["caching not mentioned", { modelSources: sources }, [model()], {}],
  ["no model", caching, [], {}],
  ["a model without image", caching, [{ ...model(), spec: undefined } as KubeObject], {}],
  ["a GPU that is not there", { ...caching, ...gpu }, [model()], {}],
  ["a GPU that is there", { ...caching, ...gpu }, [model(), mi300x], {}, "apply aimtemplatecaches/t"],
  [
    "Better (§4): too little memory",
    { ...caching, hardware: { gpu: { requests: 1, minVram: "1Ti" } } },
    [model(), mi300x],
    {},
  ],
  ["a missing runtime config", { ...caching, runtimeConfigName: "missing" }, [model()], {}],
  [
    "a missing runtime config, the cache exists",
    { ...caching, runtimeConfigName: "missing" },
    [model(), cache()],
    {},
    "keep aimtemplatecaches/t",
  ],
  [
    "discovered sources",
    { caching: { enabled: true } },
    [model()],
    { status: discovered },
    "apply aimtemplatecaches/t",
  ],
  ["discovered, not Ready any more", { caching: { enabled: true } }, [failedModel], { status: discovered }],
  [
    "discovered, Ready again in this pass",
    { caching: { enabled: true } },
    [model()],
    { status: { ...discovered, status: "NotAvailable" } },
    "apply aimtemplatecaches/t",
  ],
  ["discovered without sources", { caching: { enabled: true } }, [model()], { status: { status: "Ready" } }],
  ["nothing discovered yet", { caching: { enabled: true } }, [model()], {}],
];
for (const [what, spec, others, more, child] of plans) {
  Deno.test(`cache of a template with ${what}: ${child ?? "none"}`, () => {
    const children = pass(template(spec, more), others).children;
    assert.deepEqual(children.filter((each) => each.includes("caches")), child === undefined ? [] : [child]);
  });
}

Deno.test("cluster templates keep no cache", () => {
  const { children } = pass(clusterTemplate(caching), [model("AIMClusterModel")]);
  assert.deepEqual(children, ["apply aimclusterservicetemplates/t"]);
});

Deno.test("a cache that the template owns under another name is the one", () => {
  const { children, status } = pass(template(caching), [model(), cache("Ready", { name: "older" })]);
  assert.ok(children.includes("apply aimtemplatecaches/older"));
  assert.equal(status!.resolvedCache!.name, "older");
});

Deno.test("a cache that somebody else made under the template's name is used and left alone", () => {
  const { children, status, conditions } = pass(template(caching), [
    model(),
    cache("Ready", { ownerReferences: [] }),
  ]);
  assert.ok(children.includes("keep aimtemplatecaches/t"));
  assert.equal(status!.resolvedCache!.name, "t");
  assert.ok(conditions.includes("CacheReady=True/Ready"));
});

Deno.test("a cache that refers to the template, but that somebody else controls, is used and left alone", () => {
  const [owner] = cache("Ready").metadata.ownerReferences!;
  for (const controller of [undefined, false]) {
    const shared = cache("Ready", { name: "shared", ownerReferences: [{ ...owner, controller }] });
    const { children } = pass(template(caching), [model(), shared]);
    assert.ok(children.includes("keep aimtemplatecaches/shared"), `${children}`);
  }
});

// Better (§5.10): CacheReady, which never lowers the template's status
const states: [AIMTemplateCacheStatus["status"] | "absent", string][] = [
  ["absent", "False/WaitingForCache"],
  [undefined, "False/WaitingForCache"],
  ["Pending", "False/WaitingForCache"],
  ["Progressing", "False/WaitingForCache"],
  ["Ready", "True/Ready"],
  ["Degraded", "False/CacheDegraded"],
  ["Failed", "False/CacheFailed"],
  ["NotAvailable", "False/CacheFailed"],
];
for (const [state, expected] of states) {
  Deno.test(`CacheReady of a cache that is ${state}: ${expected}`, () => {
    const { status, conditions } = pass(template(caching), [
      model(),
      ...(state === "absent" ? [] : [cache(state)]),
    ]);
    assert.equal(status!.status, "Ready");
    assert.deepEqual(conditions.slice(-2), [`CacheReady=${expected}`, "Ready=True/AllComponentsReady"]);
    assert.equal(status!.conditions!.at(-2)!.observedGeneration, 2);
  });
}

Deno.test("Better (§5.10): resolvedCache", () => {
  assert.deepEqual(pass(template(caching), [model(), cache("Ready")]).status!.resolvedCache, {
    name: "t",
    namespace: "ns",
    scope: "Namespace",
    kind: "AIMTemplateCache",
    uid: "uid-AIMTemplateCache-ns-t",
  });
  assert.equal(pass(template(caching), [model()]).status!.resolvedCache, undefined);
});

Deno.test("a cache that is refused is said in CacheReady and leaves the template Ready", () => {
  const { status } = pass(template(caching), [model()], {
    "aimtemplatecaches/ns/t": {
      result: "rejected",
      category: "InvalidSpec",
      reason: "Forbidden",
      message: "quota",
    },
  });
  assert.equal(status!.status, "Ready");
  const told = status!.conditions!.at(-2)!;
  assert.equal(`${told.type}=${told.status}/${told.reason}`, "CacheReady=False/CacheFailed");
  assert.match(told.message, /quota/);
});
