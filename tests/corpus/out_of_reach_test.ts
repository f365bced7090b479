/**
 * Scoped mode (`--namespace`): what each consumer says of a cluster kind that the operator may not read. It never says
 * "does not exist", and it names the right that is missing.
 */

import assert from "node:assert/strict";
import { cache } from "../../controllers/template_cache/cache_fixture.ts";
import * as model from "../../controllers/model/model_sample.ts";
import * as service from "../../controllers/service/service_sample.ts";
import * as template from "../../controllers/template/template_sample.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { onePass } from "./one_pass.ts";

/** All cluster kinds. */
const outOfReach = watchedKinds.filter(({ resource }) => !resource.namespaced)
  .map(({ resource }) => resource.plural);

/** One pass of an operator that may not read any cluster kind but these. */
const look = (object: KubeObject, others: readonly KubeObject[] = [], may: readonly string[] = []) =>
  onePass(object, others, { outOfReach: outOfReach.filter((plural) => !may.includes(plural)) });

const gpu = { gpu: { requests: 1, model: "MI300X" } };

const namespaceConfig: KubeObject = {
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMRuntimeConfig",
  metadata: { name: "default", namespace: "ns" },
};

/** What refers to something that could be in the cluster: object, condition, kind that cannot be read. */
const rows: readonly (readonly [
  what: string,
  object: KubeObject,
  others: readonly KubeObject[],
  condition: string,
  status: string,
  plural: string,
])[] = [
  [
    "a service, its model by name",
    service.service(),
    [],
    "ModelReady",
    "False OutOfReach",
    "aimclustermodels.aim.eai.amd.com",
  ],
  [
    "a service, its template by name",
    service.service({ spec: { template: { name: "shared" } } }),
    [service.model()],
    "TemplateReady",
    "False OutOfReach",
    "aimclusterservicetemplates.aim.eai.amd.com",
  ],
  [
    "a service, a template of its model",
    service.service(),
    [service.model()],
    "TemplateReady",
    "False TemplateNotFound",
    "aimclusterservicetemplates.aim.eai.amd.com",
  ],
  [
    "a service, the cluster template of its endpoint",
    service.service({ status: { resolvedTemplate: { name: "t9", scope: "Cluster", uid: "u9" } } }),
    [service.model(), service.template(), service.inferenceService(), service.pod()],
    "TemplateReady",
    "False TemplateNotFound",
    "aimclusterservicetemplates.aim.eai.amd.com",
  ],
  [
    "a service, its runtime config by name",
    service.service({ spec: { runtimeConfigName: "gateway" } }),
    [service.model(), service.template()],
    "RuntimeConfigReady",
    "False OutOfReach",
    "aimclusterruntimeconfigs.aim.eai.amd.com",
  ],
  [
    "a model, its runtime config by name",
    model.model({ runtimeConfigName: "mirror" }),
    [],
    "RuntimeConfigReady",
    "False OutOfReach",
    "aimclusterruntimeconfigs.aim.eai.amd.com",
  ],
  [
    "a model, the config of all",
    model.model(),
    [],
    "RuntimeConfigReady",
    "True DefaultConfigNotFound",
    "aimclusterruntimeconfigs.aim.eai.amd.com",
  ],
  [
    "a service, the config of all",
    service.service(),
    [],
    "RuntimeConfigReady",
    "True DefaultConfigNotFound",
    "aimclusterruntimeconfigs.aim.eai.amd.com",
  ],
  [
    "a service, what the cluster's config adds to its namespace's",
    service.service(),
    [namespaceConfig],
    "RuntimeConfigReady",
    "True RuntimeConfigResolved",
    "aimclusterruntimeconfigs.aim.eai.amd.com",
  ],
  [
    "a model, what the cluster's config adds to its namespace's",
    model.model(),
    [namespaceConfig],
    "RuntimeConfigReady",
    "True ConfigFound",
    "aimclusterruntimeconfigs.aim.eai.amd.com",
  ],
  [
    "a template, its model",
    template.template(),
    [],
    "ModelReady",
    "False OutOfReach",
    "aimclustermodels.aim.eai.amd.com",
  ],
  [
    "a template, its GPU",
    template.template({ hardware: gpu, modelSources: template.sources }),
    [template.model()],
    "GPUReady",
    "True GPUUnknown",
    "nodes",
  ],
  [
    "a cache, its template in the cluster",
    cache({ templateScope: "Cluster" }),
    [],
    "ServiceTemplateReady",
    "False OutOfReach",
    "aimclusterservicetemplates.aim.eai.amd.com",
  ],
  [
    "a cache, its template in either scope",
    cache({ templateScope: "Unknown" }),
    [],
    "ServiceTemplateReady",
    "False OutOfReach",
    "aimclusterservicetemplates.aim.eai.amd.com",
  ],
];

for (const [what, object, others, type, status, plural] of rows) {
  Deno.test(`${what}: out of reach, and how to reach it`, () => {
    const told = look(object, others).condition(type);
    assert.equal(`${told?.status} ${told?.reason}`, status, told?.message);
    assert.match(
      told!.message,
      new RegExp(`has no right to list and watch ${plural}; to give it that right`),
    );
    assert.match(
      told!.message,
      /component manifests\/cluster-read, then restart the operator(,|$)/,
    );
    assert.doesNotMatch(told!.message, /cluster scope|nor the cluster|does not exist|is not there any more/);
  });

  Deno.test(`${what}: where all can be read nothing is said of rights`, () => {
    const told = look(object, others, outOfReach).condition(type);
    assert.ok(told !== undefined || type === "RuntimeConfigReady");
    assert.doesNotMatch(told?.message ?? "", /out of reach/);
  });
}

/** What nothing in the cluster could stand in for: object and condition. */
const ownRows: readonly (readonly [what: string, object: KubeObject, condition: string, status: string])[] = [
  [
    "a cache, its template in the namespace",
    cache({ templateScope: "Namespace" }),
    "ServiceTemplateReady",
    "False ReferenceNotFound",
  ],
];
for (const [what, object, type, status] of ownRows) {
  Deno.test(`${what}: no right would help, and none is asked for`, () => {
    const told = look(object).condition(type);
    assert.equal(`${told?.status} ${told?.reason}`, status, told?.message);
    assert.equal(
      told?.message,
      look(object, [], outOfReach).condition(type)?.message,
      "as where all can be read",
    );
    assert.doesNotMatch(told!.message, /right|out of reach|restart/);
  });
}

Deno.test("a reference that is out of reach makes the service Failed, and Ready says why", () => {
  const { status, condition } = look(service.service());
  assert.equal(status.status, "Failed");
  assert.match(condition("Ready")!.message, /AIMClusterModels are out of reach/);
});

Deno.test("a cluster model that is read and not acted on: the service says who has to", () => {
  const fresh = service.clusterModel({ status: { status: undefined } });
  const { condition } = onePass(service.service(), [fresh], { namespaces: ["ns"] });
  assert.equal(condition("ModelReady")?.reason, "ModelNotReady");
  assert.match(
    condition("ModelReady")!.message,
    /AIMClusterModel m .*; this operator runs with --namespace and only reads AIMClusterModels: another one has to act/,
  );
  const usual = onePass(service.service(), [fresh]).condition("ModelReady");
  assert.doesNotMatch(usual!.message, /another one/);
});

Deno.test("what the namespace has is used as ever: the service gets its endpoint", () => {
  const { status, plan } = look(service.service(), [...service.ready]);
  assert.equal(status.status, "Running");
  assert.ok(plan.children.some(({ ref }) => ref.kind.resource.kind === "InferenceService"));
});

Deno.test("an unknown GPU passes: the template is Ready, and its pods go where any label says that it is", () => {
  const { status } = look(
    template.template({ hardware: gpu, modelSources: template.sources, type: "optimized" }),
    [template.model()],
  );
  assert.equal(status.status, "Ready");
  const { nodeSelectorTerms } = (status.resolvedNodeAffinity as {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: unknown[] };
  }).requiredDuringSchedulingIgnoredDuringExecution;
  // The ids of api.md §9.3, under the two labels that AMD's labeller writes.
  const values = ["74a1", "74a9", "74b5", "74bd"];
  assert.deepEqual(
    nodeSelectorTerms,
    ["amd.com/gpu.device-id", "beta.amd.com/gpu.device-id"].map((key) => ({
      matchExpressions: [{ key, operator: "In", values }],
    })),
  );
});

Deno.test("the choice among templates takes any GPU as there, known or not", () => {
  for (const name of ["MI300X", "MI999X"]) {
    const found = service.template({
      spec: { hardware: { gpu: { requests: 1, model: name } } },
      status: { resolvedHardware: { gpu: { requests: 1, model: name } } },
    });
    const { condition } = look(service.service(), [service.model(), found]);
    assert.equal(condition("TemplateReady")?.status, "True", condition("TemplateReady")?.message);
    const known = look(service.service(), [service.model(), found], ["nodes"]).condition("TemplateReady");
    assert.equal(known?.reason, "TemplateNotFound", "on a cluster without nodes it is not there");
  }
});
