/**
 * Which pull secrets and which account are used where: every row of model-sources-and-config.md §14, with its Better
 * lines. Each object names a Secret of its own, so a name that turns up says where it came from.
 */

import assert from "node:assert/strict";
import * as artifacts from "../../controllers/artifact/artifact_fixture.ts";
import * as caches from "../../controllers/template_cache/cache_fixture.ts";
import * as models from "../../controllers/model/model_sample.ts";
import * as services from "../../controllers/service/service_sample.ts";
import { listing, madeBy, source } from "../../controllers/model_source/pass_fixture.ts";
import * as templates from "../../controllers/template/template_sample.ts";
import { operatorNamespace } from "../../lib/cluster/operator_namespace.ts";
import { imageMetadata } from "../../lib/facts/image_metadata.ts";
import { sourceListing } from "../../lib/facts/source_listing.ts";
import { secretVersionSource } from "../../lib/facts/secret_version.ts";
import { ApiError } from "../../lib/kube/errors.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import type { RequestOptions, Transport } from "../../lib/kube/transport.ts";
import type { FixtureOptions } from "../../lib/operator/runner/view_fixture.ts";
import { onePass } from "./one_pass.ts";

/** What an object names: a Secret of its own and one that all of them name, and an account of its own. */
const access = (of: string) => ({
  imagePullSecrets: [{ name: `of-${of}` }, { name: "shared" }],
  serviceAccountName: `account-of-${of}`,
});
/** The same for kinds without an account. */
const secretsOf = (of: string) => ({ imagePullSecrets: access(of).imagePullSecrets });

// deno-lint-ignore no-explicit-any
type AnyObject = Record<string, any>;

/** What is to be made of a kind, as it will stand. */
function made(pass: ReturnType<typeof onePass>, kind: string): AnyObject {
  const child = pass.plan.children.find(({ ref }) => ref.kind.resource.kind === kind);
  assert.ok(
    child !== undefined && child.how !== "keep",
    `no ${kind} is made: ${JSON.stringify(pass.status)}`,
  );
  return child.desired;
}

/** Namespace, pull secrets and account of a place where they are used. */
interface Used {
  readonly namespace?: string;
  readonly secrets?: readonly string[];
  readonly account?: string;
}

function inSpec({ metadata, spec }: AnyObject): Used {
  return {
    namespace: metadata.namespace,
    secrets: spec.imagePullSecrets?.map(({ name }: AnyObject) => name),
    account: spec.serviceAccountName,
  };
}

const inPods = (job: AnyObject): Used => inSpec({ metadata: job.metadata, spec: job.spec.template.spec });

const inEndpoint = (endpoint: AnyObject): Used =>
  inSpec({ metadata: endpoint.metadata, spec: endpoint.spec.predictor });

function inQuestion(pass: ReturnType<typeof onePass>, fact: string): Used {
  const about = pass.asked.find((each) => each.fact === fact)?.about as AnyObject | undefined;
  assert.ok(about !== undefined, `${fact} was not asked`);
  return { namespace: about.namespace, secrets: about.pullSecrets };
}

/** Image metadata that recommends one deployment, as the answer to the question of that namespace. */
const recommending = (namespace: string) =>
  models.registry({
    model: {
      canonicalName: "org/m",
      recommendedDeployments: [{ gpuModel: "MI300X", gpuCount: 1, metric: "latency", precision: "fp8" }],
    },
  } as never, { namespace, pullSecrets: ["of-model", "shared"] });

/** Secrets of the service's namespace: by name, as `secretVersion` tells. */
const there = (...names: string[]) => versions("ns", ["of-model", "of-template", "shared"], names);

/** Which of these Secrets the namespace has. */
function versions(namespace: string, names: readonly string[], has = names): FixtureOptions["facts"] {
  return Object.fromEntries(names.map((name) => [
    `secretVersion|${namespace}/${name}`,
    { state: "known" as const, value: has.includes(name) ? "7" : "" },
  ]));
}

const ofArtifact = { facts: versions("ml", ["of-artifact", "shared"]) };

const discovering = { modelSources: undefined, type: "optimized" as const };
const clusterModelWithAccess = { ...templates.model("AIMClusterModel") };
clusterModelWithAccess.spec = { ...clusterModelWithAccess.spec!, ...access("model") };
const modelWithAccess = { ...templates.model() };
modelWithAccess.spec = { ...modelWithAccess.spec!, ...access("model") };

const service = (spec: AnyObject = {}) => services.service({ spec: { ...access("service"), ...spec } });
const around = (scope: "ns" | "cluster"): KubeObject[] =>
  scope === "ns"
    ? [
      services.model({ spec: access("model") }),
      services.template({ spec: access("template") }),
      services.cache(),
    ]
    : [
      services.clusterModel({ spec: access("model") }),
      services.clusterTemplate({ spec: access("template") }),
      services.cache({ spec: { templateScope: "Cluster" } }),
    ];
const endpointOf = (
  spec: AnyObject,
  objects: readonly KubeObject[],
  facts?: FixtureOptions["facts"],
) => inEndpoint(made(onePass(services.service({ spec }), objects, { facts }), "InferenceService"));

const rows: readonly (readonly [where: string, used: () => Used, wanted: Used])[] = [
  // AIMClusterModelSource
  [
    "a source lists registries with its own, of the operator's namespace",
    () => inQuestion(onePass(source({ ...secretsOf("source") })), sourceListing.name),
    { namespace: operatorNamespace, secrets: ["of-source", "shared"] },
  ],
  [
    "a source's models get its own",
    () =>
      inSpec(
        madeBy(source(secretsOf("source")), listing([["docker.io", "org/a", "1.0.0"]]))[0],
      ),
    { namespace: undefined, secrets: ["of-source", "shared"], account: undefined },
  ],
  // AIMClusterModel, AIMModel
  [
    "a cluster model asks the registry with its own, of the operator's namespace",
    () => inQuestion(onePass(models.clusterModel(access("model"))), imageMetadata.name),
    { namespace: operatorNamespace, secrets: ["of-model", "shared"] },
  ],
  [
    "a model asks the registry with its own, of its namespace",
    () => inQuestion(onePass(models.model(access("model"))), imageMetadata.name),
    { namespace: "ns", secrets: ["of-model", "shared"] },
  ],
  [
    "a cluster model's templates get both",
    () =>
      inSpec(
        made(
          onePass(models.clusterModel(access("model")), [], { facts: recommending(operatorNamespace) }),
          "AIMClusterServiceTemplate",
        ),
      ),
    { namespace: undefined, secrets: ["of-model", "shared"], account: "account-of-model" },
  ],
  [
    "a model's templates get both",
    () =>
      inSpec(
        made(onePass(models.model(access("model")), [], { facts: recommending("ns") }), "AIMServiceTemplate"),
      ),
    { namespace: "ns", secrets: ["of-model", "shared"], account: "account-of-model" },
  ],
  // AIMServiceTemplate, AIMClusterServiceTemplate: discovery, which runs the image dry
  [
    "a discovery Job runs with the model's, then the template's; the template's account",
    () =>
      inPods(
        made(
          onePass(templates.template({ ...discovering, ...access("template") }), [modelWithAccess]),
          "Job",
        ),
      ),
    { namespace: "ns", secrets: ["of-model", "shared", "of-template"], account: "account-of-template" },
  ],
  [
    "a discovery Job of a template that names none runs with the model's",
    () => inPods(made(onePass(templates.template(discovering), [modelWithAccess]), "Job")),
    { namespace: "ns", secrets: ["of-model", "shared"], account: "account-of-model" },
  ],
  [
    "a discovery Job of a cluster template runs beside the operator",
    () =>
      inPods(
        made(
          onePass(templates.clusterTemplate({ ...discovering, ...access("template") }), [
            clusterModelWithAccess,
          ]),
          "Job",
        ),
      ),
    {
      namespace: operatorNamespace,
      secrets: ["of-model", "shared", "of-template"],
      account: "account-of-template",
    },
  ],
  // AIMService
  [
    "the model that a service makes for its image gets the service's",
    () =>
      inSpec(
        made(onePass(service({ model: { image: "reg.io/new:1" } })), "AIMModel"),
      ),
    { namespace: "ns", secrets: ["of-service", "shared"], account: "account-of-service" },
  ],
  [
    "the model that a service makes of its own weights gets the service's",
    () =>
      inSpec(
        made(
          onePass(service({
            model: {
              custom: {
                baseImage: "reg.io/base:1",
                modelSources: [{ modelId: "org/own", sourceUri: "hf://org/own" }],
                hardware: { gpu: { requests: 1 } },
              },
            },
          })),
          "AIMModel",
        ),
      ),
    { namespace: "ns", secrets: ["of-service", "shared"], account: "account-of-service" },
  ],
  [
    "a derived template gets the service's in place of its base's",
    () =>
      inSpec(
        made(
          onePass(
            service({ template: { name: "t1" }, overrides: { metric: "throughput" } }),
            [services.model(), services.template({ spec: access("template") })],
          ),
          "AIMServiceTemplate",
        ),
      ),
    { namespace: "ns", secrets: ["of-service", "shared"], account: "account-of-template" },
  ],
  [
    "a derived template keeps its base's where the service names none",
    () =>
      inSpec(
        made(
          onePass(
            services.service({ spec: { template: { name: "t1" }, overrides: { metric: "throughput" } } }),
            [services.model(), services.template({ spec: access("template") })],
          ),
          "AIMServiceTemplate",
        ),
      ),
    { namespace: "ns", secrets: ["of-template", "shared"], account: "account-of-template" },
  ],
  [
    "an endpoint gets the service's, the template's, the model's; the service's account",
    () => endpointOf(access("service"), around("ns")),
    {
      namespace: "ns",
      secrets: ["of-service", "shared", "of-template", "of-model"],
      account: "account-of-service",
    },
  ],
  [
    "an endpoint of a service that names none gets the template's account",
    () => endpointOf({}, around("ns")),
    { namespace: "ns", secrets: ["of-template", "shared", "of-model"], account: "account-of-template" },
  ],
  [
    "an endpoint of a service and a template that name none gets the model's",
    () => endpointOf({}, [services.model({ spec: access("model") }), services.template(), services.cache()]),
    { namespace: "ns", secrets: ["of-model", "shared"], account: "account-of-model" },
  ],
  [
    "an endpoint gets of the cluster's names those that its namespace has a Secret of",
    () => endpointOf(secretsOf("service"), around("cluster"), there("of-model")),
    {
      namespace: "ns",
      secrets: ["of-service", "shared", "of-model"],
      account: "account-of-template",
    },
  ],
  [
    "an endpoint of cluster objects whose Secrets the namespace has not gets the service's alone",
    () => endpointOf(secretsOf("service"), around("cluster"), there()),
    { namespace: "ns", secrets: ["of-service", "shared"], account: "account-of-template" },
  ],
  [
    "an endpoint never runs under the account of a cluster model: it is one of another namespace",
    () =>
      endpointOf({}, [
        services.clusterModel({ spec: access("model") }),
        services.template(),
        services.cache(),
      ], there("of-model", "shared")),
    { namespace: "ns", secrets: ["of-model", "shared"], account: undefined },
  ],
  [
    "a service's cache gets the service's and the template's, for downloads",
    () =>
      inSpec(
        made(
          onePass(service(), [services.model(), services.template({ spec: access("template") })]),
          "AIMTemplateCache",
        ),
      ),
    { namespace: "ns", secrets: ["of-service", "shared", "of-template"], account: undefined },
  ],
  // AIMTemplateCache
  [
    "a cache's artifacts get its own",
    () =>
      inSpec(
        made(
          onePass(caches.cache(secretsOf("cache")), [caches.template([caches.qwen])]),
          "AIMArtifact",
        ),
      ),
    { namespace: "ml", secrets: ["of-cache", "shared"], account: undefined },
  ],
  // AIMArtifact
  [
    "a size check runs with the artifact's, under the account of downloads",
    () =>
      inPods(
        made(
          onePass(
            artifacts.artifact({ size: undefined, ...secretsOf("artifact") }),
            artifacts.reporting(),
            ofArtifact,
          ),
          "Job",
        ),
      ),
    { namespace: "ml", secrets: ["of-artifact", "shared"], account: "aim-engine-artifact-downloader" },
  ],
  [
    "a download runs with the artifact's, under the account of downloads",
    () =>
      inPods(
        made(
          onePass(
            artifacts.artifact(secretsOf("artifact")),
            [artifacts.claim(), ...artifacts.reporting()],
            ofArtifact,
          ),
          "Job",
        ),
      ),
    { namespace: "ml", secrets: ["of-artifact", "shared"], account: "aim-engine-artifact-downloader" },
  ],
];

for (const [where, used, wanted] of rows) Deno.test(where, () => assert.deepEqual(used(), wanted));

Deno.test("an endpoint of cluster objects waits until it is known which Secrets its namespace has", () => {
  const { plan, asked } = onePass(services.service(), around("cluster"));
  assert.ok(!plan.children.some(({ ref }) => ref.kind.resource.kind === "InferenceService"));
  assert.deepEqual(asked.filter(({ fact }) => fact === "secretVersion").map(({ about }) => about), [
    { namespace: "ns", name: "of-template" },
  ]);
});

Deno.test("a Secret that cannot be read may well be there for a kubelet: an endpoint gets its name", async () => {
  const performRequest = ({ method, path }: RequestOptions) =>
    Promise.reject(new ApiError({ status: 403, message: "forbidden", method, path }));
  const source = secretVersionSource({ performRequest } as Transport);
  const value = await source.fetch({ namespace: "ns", name: "of-model" }, new AbortController().signal);
  const facts: FixtureOptions["facts"] = {
    ...there("shared"),
    "secretVersion|ns/of-model": { state: "known", value },
    "secretVersion|ns/of-template": { state: "failed", error: new Error("no answer") },
  };
  assert.deepEqual(endpointOf({}, around("cluster"), facts).secrets, ["of-template", "shared", "of-model"]);
});

/** An endpoint that runs with these Secrets. */
function endpointWith(...names: string[]) {
  const endpoint = services.inferenceService();
  Object.assign(endpoint.spec!.predictor!, {
    imagePullSecrets: names.map((name) => ({ name })),
    serviceAccountName: "account-of-template",
  });
  return endpoint;
}

Deno.test("an endpoint that runs asks for no Secret, and none that comes or goes restarts it", () => {
  const live = endpointWith("of-model");
  const { plan, asked } = onePass(
    services.service({ status: { observedGeneration: 4 } }),
    [...around("cluster"), live, services.pod()],
    { facts: there("shared") },
  );
  assert.deepEqual(asked.filter(({ fact }) => fact === "secretVersion"), []);
  assert.deepEqual(inEndpoint(made({ plan } as never, "InferenceService")).secrets, ["of-model"]);
});

/** An endpoint with that account, in a pass over its service, which uses a cluster model that names an account. */
function accountThatStays(account: string, observedGeneration: number, spec: AnyObject = {}) {
  const { predictor } = services.inferenceService().spec!;
  const live = services.inferenceService(
    { spec: { predictor: { ...predictor, serviceAccountName: account } } } as never,
  );
  const pass = onePass(
    services.service({ spec, status: { observedGeneration } }),
    [
      services.clusterModel({ spec: access("model") }),
      services.template(),
      services.cache(),
      live,
      services.pod(),
    ],
    { facts: there("shared") },
  );
  return inEndpoint(made(pass, "InferenceService")).account;
}

Deno.test("an endpoint that has a cluster model's account keeps it until its service is edited", () => {
  assert.equal(accountThatStays("account-of-model", 4), "account-of-model");
  assert.equal(accountThatStays("account-of-model", 3), undefined, "edited");
  assert.equal(accountThatStays("somebody's", 4), undefined, "an account of nobody is put right");
  const named = { serviceAccountName: "account-of-service" };
  assert.equal(accountThatStays("account-of-model", 4, named), "account-of-service");
});

Deno.test("an edit of the service takes along what its namespace has by now", () => {
  const { plan } = onePass(
    services.service({ status: { observedGeneration: 3 } }),
    [...around("cluster"), services.inferenceService(), services.pod()],
    { facts: there("shared") },
  );
  assert.deepEqual(inEndpoint(made({ plan } as never, "InferenceService")).secrets, ["shared"]);
});

Deno.test("an edit is not done before it is known which Secrets the namespace has", () => {
  const observed = (facts: FixtureOptions["facts"]) => {
    const objects = [...around("cluster"), services.inferenceService(), services.pod()];
    const { status } = onePass(services.service({ status: { observedGeneration: 3 } }), objects, { facts });
    return status.observedGeneration;
  };
  assert.equal(observed({}), 3);
  assert.equal(observed(there("shared")), 4);
});

Deno.test("an endpoint whose image is refused gets the Secret that came", () => {
  const waiting = { reason: "ImagePullBackOff", message: "pull access denied, may require authorization" };
  const pod = services.pod({
    status: {
      phase: "Pending",
      containerStatuses: [{ name: "kserve-container", ready: false, restartCount: 0, state: { waiting } }],
    } as never,
  });
  const { plan } = onePass(
    services.service({ status: { observedGeneration: 4 } }),
    [...around("cluster"), endpointWith(), pod],
    { facts: there("of-model") },
  );
  assert.deepEqual(inEndpoint(made({ plan } as never, "InferenceService")).secrets, ["of-model"]);
});

Deno.test("an endpoint that was made of another template takes along what its namespace has by now", () => {
  const live = endpointWith("of-model");
  live.metadata!.labels!["aim.eai.amd.com/template"] = "t0";
  const { plan } = onePass(
    services.service({ status: { observedGeneration: 4 } }),
    [...around("cluster"), live, services.pod()],
    { facts: there("shared") },
  );
  assert.deepEqual(inEndpoint(made({ plan } as never, "InferenceService")).secrets, ["shared"]);
});

Deno.test("while the template is not Ready, an edit waits that takes a Secret out or puts one in, and no other", () => {
  const waits = (spec: AnyObject, ...live: string[]) => {
    const template = services.template({ spec: secretsOf("template"), status: { status: "Progressing" } });
    const { condition } = onePass(
      services.service({ spec: { template: { name: "t1" }, ...spec }, status: { observedGeneration: 3 } }),
      [services.model(), template, services.cache(), endpointWith(...live), services.pod()],
    );
    return /spec\.imagePullSecrets/.test(condition("InferenceServiceReady")!.message);
  };
  const own = secretsOf("service");
  assert.equal(waits(own, "of-service", "shared", "of-template"), false);
  assert.equal(waits({}, "of-template", "shared"), false);
  assert.equal(waits(own, "shared", "of-template"), true, "put in");
  assert.equal(waits({}, "of-service", "shared", "of-template"), true, "taken out");
});
