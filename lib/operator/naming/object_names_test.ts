import assert from "node:assert/strict";
import fc from "fast-check";
import { ClassifiedError } from "../errors/errors.ts";
import { derivedName, labelValue, rawLabelValue } from "./naming.ts";
import * as names from "./object_names.ts";

const uid = "11111111-2222-3333-4444-555555555555";
const image = "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5";
const deep = "registry.example.com/some/deep/path/aim-mistralai-mixtral-8x22b-instruct-v0.1:0.8.5-rc1";
const mi300x = (gpuCount: number, metric: string, precision: string) => ({
  gpuModel: "MI300X",
  gpuCount,
  metric,
  precision,
});

/** conventions.md §10.6, services.md §1.1, models-and-templates.md §3.7 and §5.5, caching §3.1, sources §6.3. */
const rows: [name: string, expected: string][] = [
  [names.inferenceServiceName("qwen-service", "ml-team").first, "qwen-service-a04542d9"],
  [names.httpRouteName("qwen-service", "ml-team").first, "qwen-service-a04542d9"],
  [names.inferenceServiceName("qwen-chat", "ml-team").first, "qwen-chat-a04542d9"],
  [names.httpRouteName("qwen-chat", "ml-team").first, "qwen-chat-a04542d9"],
  [
    names.inferenceServiceName(
      "my-very-long-inference-service-name-for-llama",
      "a-rather-long-namespace-name",
    ).first,
    "my-very-long-in-1db21c87",
  ],
  [
    names.inferenceServiceName(
      "my.service.with.dots-and-a-very-very-long-name-for-testing-purposes",
      "ml-team",
    ).first,
    "my-service-with-dots-and-a-very-very-a04542d9",
  ],
  [
    names.inferenceServiceName("my-service", "this-namespace-name-is-exactly-42-chars-xx").first,
    "m-7d661642",
  ],
  [names.inferenceServiceName("1x", "ml-team").first, "s-1x-a04542d9"],
  [names.httpRouteName("1x", "ml-team").first, "1x-a04542d9"],
  [names.predictorServiceName("qwen-service-a04542d9"), "qwen-service-a04542d9-predictor"],
  [names.autoscalerName("qwen-service-a04542d9"), "keda-hpa-qwen-service-a04542d9-predictor"],

  [names.modelNameForImage(image), "aim-qwen-qwen3-32b-0-8-5-cdc1fb22"],
  [
    names.modelNameForImage("ghcr.io/silogen/llama-3-8b@sha256:abcdef0123456789"),
    "llama-3-8b-abcdef-5410eef7",
  ],
  [names.modelNameForImage("localhost:5000/My_Image"), "my-image-latest-4323db67"],
  [names.modelNameForImage("ghcr.io/silogen/aim-dummy:0.1.10"), "aim-dummy-0-1-10-9bf80281"],
  [names.modelNameForImage("reg.io/m:1"), "m-1-6b55fd31"],
  [names.modelNameForImage(" reg.io/m:1\n"), "m-1-6b55fd31"],
  [names.modelNameForImage("nginx"), "nginx-latest-723886a6"],
  [names.modelNameForImage("a@sha256:0123456789"), "a-012345-9e9d2a9d"],
  [names.modelNameForImage("Reg.io/Org/My_Model:v1.2@sha256:abcdef0123"), "my-model-v1-2-abcdef-ea0b4f52"],

  [
    names.modelNameForCustom("amdenterpriseai/aim-base:0.8", [
      { modelId: "Qwen/Qwen3-32B", sourceUri: "hf://Qwen/Qwen3-32B" },
    ]),
    "qwen-qwen3-32b-6e44982b",
  ],
  [
    names.modelNameForCustom("amdenterpriseai/aim-base:0.9", [
      { modelId: "Qwen/Qwen2-0.5B", sourceUri: "hf://Qwen/Qwen2-0.5B" },
    ]),
    "qwen-qwen2-0-5b-8cd3ca3d",
  ],

  [
    names.clusterModelName("docker.io", "amdenterpriseai/aim-qwen-qwen3-32b", "0.8.5"),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-72f726",
  ],
  [names.clusterModelName("ghcr.io", "silogen/llama-3-8b", "v1.2.0"), "silogen-llama-3-8b-v1-2-0-ed2f74"],
  [names.clusterModelName("docker.io", "library/nginx", "latest"), "library-nginx-latest-4637c7"],
  [
    names.clusterModelName("ghcr.io", "silogen/aim-mistralai-mistral-small-3.2-24b-instruct-2506", "0.8.5"),
    "silogen-aim-mistralai-mistral-small-3-2-24b-instru-0-8-5-c6da71",
  ],
  [
    names.clusterModelName("ghcr.io", "silogen/aim-google-gemma-3-1b-it", "0.8.1-rc1"),
    "silogen-aim-google-gemma-3-1b-it-0-8-1-rc1-3b1d6d",
  ],
  [names.clusterModelName("ghcr.io", "org/My_Model.Name", "v1.0.0"), "org-my-model-name-v1-0-0-d858ec"],

  [
    names.discoveredTemplateName("qwen-qwen3-32b", image, mi300x(1, "latency", "fp8")),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-1x-mi300x-lat-fp8-c381",
  ],
  [names.discoveredTemplateName("m", "img", {}), "img-part-1310"],
  [
    names.discoveredTemplateName("qwen-qwen3-32b", image, mi300x(1, "latency", "fp16")),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1",
  ],
  [
    names.discoveredTemplateName("qwen-qwen3-32b", image, mi300x(8, "throughput", "fp8")),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-8x-mi300x-thr-fp8-c990",
  ],
  [
    names.discoveredTemplateName("qwen-qwen3-32b", image, { gpuModel: "MI300X" }),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-mi300x-2907",
  ],
  [
    names.discoveredTemplateName("qwen-qwen3-32b", image, { gpuCount: 2 }),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-x2-6b5e",
  ],
  [
    names.discoveredTemplateName("qwen-qwen3-32b", image, {}),
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-part-e371",
  ],
  [
    names.discoveredTemplateName("m", deep, mi300x(8, "throughput", "fp8")),
    "registry-example-com-some-deep-path-aim-8x-mi300x-thr-fp8-eef9",
  ],
  [
    names.discoveredTemplateName(
      "test-model-auto-templates",
      "ghcr.io/silogen/aim-dummy:0.1.10",
      mi300x(1, "latency", "fp16"),
    ),
    "ghcr-io-silogen-aim-dummy-0-1-10-1x-mi300x-lat-fp16-a16f",
  ],

  [names.customTemplateName("my-model", 0), "my-model-custom-013658a3"],
  [
    names.customTemplateName("my-model", 0, {
      name: "fast",
      profile: { precision: "fp8", metric: "latency" },
      hardware: { gpu: { requests: 1, model: "MI300X" } },
    }),
    "my-model-custom-fast-fp8-mi300x-64075769",
  ],
  [names.customTemplateName("my-model", 1, {}), "my-model-custom-c3afbc5f"],
  [names.customTemplateName("my-custom-qwen", 0), "my-custom-qwen-custom-4a20e66e"],
  [names.customTemplateName("qwen-qwen2-0-5b-8cd3ca3d", 0), "qwen-qwen2-0-5b-8cd3ca3d-custom-b146a41e"],
  [
    names.customTemplateName("my-custom-qwen", 0, {
      name: "high-memory",
      hardware: { gpu: { requests: 2 } },
    }),
    "my-custom-qwen-custom-high-memory-2f79a15b",
  ],
  [
    names.customTemplateName("my-custom-qwen", 1, { name: "standard" }),
    "my-custom-qwen-custom-standard-ded887fd",
  ],
  [
    names.customTemplateName("my-custom-qwen", 3, {
      name: "latency-optimized",
      profile: { metric: "latency", precision: "fp16" },
      hardware: { gpu: { requests: 1, model: "MI300X" } },
    }),
    "my-custom-qwen-custom-latency-optimized-fp16-mi300x-fbee5f26",
  ],

  [
    names.derivedTemplateName("my-template", { gpuModel: "MI300X", gpuCount: 4 }),
    "my-template-ovr-mi300x-4gpu-6a48",
  ],
  [names.derivedTemplateName("my-template", { metric: "latency" }), "my-template-ovr-latency-817c"],
  [names.derivedTemplateName("t1", { metric: "latency" }), "t1-ovr-latency-817c"],
  [names.derivedTemplateName("t1", { metric: "throughput" }), "t1-ovr-throughput-39b8"],
  [names.derivedTemplateName("t1", {}), "t1"],
  [names.derivedTemplateName("t1", { gpuCount: 0 }), "t1"],
  [
    names.derivedTemplateName("qwen3-32b-mi300x-fp16-latency", { precision: "fp8", metric: "throughput" }),
    "qwen3-32b-mi300x-fp16-latency-ovr-fp8-throughput-9383",
  ],

  [
    names.sharedCacheName("qwen3-32b-mi300x-fp16-latency", "Namespace", "ml-team").first,
    "qwen3-32b-mi300x-fp16-latency-a04542d9",
  ],
  [
    names.dedicatedCacheName("qwen3-32b-mi300x-fp16-latency", "qwen-service", uid),
    "qwen3-32b-mi300x-fp16-latency-qwen-service-16b81fda",
  ],
  [names.sharedCacheName("t1", "Namespace", "ns").first, "t1-e2c6bafc"],
  [names.dedicatedCacheName("t1", "s", uid), "t1-s-16b81fda"],

  [names.artifactName("hf://Qwen/Qwen3-32B", undefined, undefined), "hf---qwen-qwen3-32b-c00b812b59"],
  [names.artifactName("hf://Qwen/Qwen3-32B", [], ""), "hf---qwen-qwen3-32b-c00b812b59"],
  [
    names.artifactName("hf://Qwen/Qwen3-32B", undefined, undefined, "my-cache"),
    "hf---qwen-qwen3-32b-9f6a5c038d",
  ],
  [names.artifactName("hf://Qwen/Qwen3-32B", undefined, undefined, "c"), "hf---qwen-qwen3-32b-bcd7746684"],
  [names.artifactName("hf://Qwen/Qwen3-32B", undefined, "longhorn"), "hf---qwen-qwen3-32b-4854f5ce16"],
  [
    names.artifactName("hf://Qwen/Qwen3-32B", [{ name: "HF_TOKEN", value: "my-token" }], undefined),
    "hf---qwen-qwen3-32b-581144fb03",
  ],
  [
    names.artifactName(
      "hf://Qwen/Qwen3-32B",
      [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { key: "token", name: "hf" } } }],
      undefined,
    ),
    "hf---qwen-qwen3-32b-ad76fcd1e6",
  ],
  [
    names.artifactName(
      "hf://Qwen/Qwen3-32B",
      [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } }, {
        name: "A",
        value: "<x>&y",
      }],
      "fast",
    ),
    "hf---qwen-qwen3-32b-d7bf167f8e",
  ],
  [
    names.artifactName("s3://my.bucket/a_b/Model-v1.0", undefined, undefined),
    "s3---my-bucket-a-b-model-v1-0-1df35f128d",
  ],
  [
    names.artifactChildName("hf---qwen-qwen3-32b-c00b812b59", "cache", uid),
    "hf---qwen-qwen3-32b-c00b812b59-cache-16b81fda",
  ],
  [
    names.artifactChildName("hf---qwen-qwen3-32b-c00b812b59", "download", uid),
    "hf---qwen-qwen3-32b-c00b812b59-download-16b81fda",
  ],
  [
    names.artifactChildName("hf---qwen-qwen3-32b-c00b812b59", "check-size", uid),
    "hf---qwen-qwen3-32b-c00b812b59-check-size-16b81fda",
  ],
  [
    names.artifactChildName(
      "hf---meta-llama-llama-3-1-405b-instruct-fp8-kv-cache-0123456789",
      "check-size",
      uid,
    ),
    "hf---meta-llama-llama-3-1-405b-instruct-fp8-check-size-16b81fda",
  ],

  [names.discoveryJobName({ template: "tpl", model: "m", image: "img:1" }), "discover-tpl-a9143a02"],
  [
    names.discoveryJobName({
      template: "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-1x-mi300x-lat-fp8-a7f3",
      model: "qwen-qwen3-32b",
      image,
    }),
    "discover-amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-1x-m-ba3b3fd8",
  ],
  [names.discoverySpecHash({ template: "tpl", model: "m", image: "img:1" }), "a9143a02a7732371"],
];

Deno.test("names are those of the specification's vectors", () => {
  for (const [name, expected] of rows) assert.equal(name, expected);
});

Deno.test("discovery Jobs of a longer template name, a pull secret and a GPU", () => {
  const gpu = { gpu: true, gpuModel: "MI300X", gpuCount: 1 };
  assert.equal(
    names.discoveryJobName({
      template: "t",
      model: "m",
      image: "reg/img:1",
      pullSecrets: ["ps"],
      ...gpu,
      profileId: "pid",
    }),
    "discover-t-89205ba6",
  );
  const qwen = {
    template: "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1",
    model: "qwen-qwen3-32b",
    image,
    metric: "latency",
    precision: "fp16",
    ...gpu,
    profileId: "vllm-mi300x-fp16-tp1-latency",
  };
  assert.equal(
    names.discoveryJobName(qwen),
    "discover-amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi3-60d303f1",
  );
  assert.equal(names.discoverySpecHash(qwen), "60d303f1edba752b");
});

Deno.test("discovery Jobs: a template's name that is cut behind a dot still makes a legal name", () => {
  const template = `${"a".repeat(44)}.1-fp8`;
  assert.equal(
    names.discoveryJobName({ template, model: "m", image: "img:1" }),
    `discover-${"a".repeat(44)}-a9143a02`,
  );
});

Deno.test("discovery Jobs: account and environment take part, with literal values (conventions.md, footnote 3)", () => {
  const env = [{ name: "A", value: "1" }, { name: "B" }];
  assert.equal(
    names.discoveryJobName({ template: "t", model: "m", image: "img:1", serviceAccount: "sa", env }),
    "discover-t-00a659a7", // SHA-256 of mimg:1saA1B, by sha256sum
  );
});

Deno.test("a namespace of more than 42 characters leaves no room", () => {
  const namespace = "this-namespace-name-is-exactly-43-chars-xxx";
  assert.throws(() => names.inferenceServiceName("my-service", namespace), (error) => {
    assert.ok(error instanceof ClassifiedError);
    assert.deepEqual([error.category, error.reason], ["InvalidSpec", "NamespaceTooLong"]);
    assert.equal(
      error.message,
      `namespace "${namespace}" is too long (43 chars); InferenceService hostname would exceed 63 characters`,
    );
    return true;
  });
});

Deno.test("images that cannot be read say why", () => {
  const rows = [
    ["", "image reference is empty"],
    ["  ", "image reference is empty"],
    ["nginx:", "malformed tag reference (empty tag): nginx:"],
    ["name@", "malformed digest reference: name@"],
    ["name@sha256", "malformed digest (missing colon): sha256"],
    ["name@sha256:", "malformed digest (no hash after colon): sha256:"],
    ["_._/name:1", "registry is empty after sanitization"],
    ["___:1", "image name is empty after sanitization"],
    ["name:___", "image tag is empty after sanitization"],
  ];
  for (const [given, cause] of rows) {
    assert.throws(() => names.modelNameForImage(given), {
      reason: "InvalidImageReference",
      category: "InvalidSpec",
      message: `invalid image URI "${given}": ${cause}`,
    });
  }
});

Deno.test("the name on a collision differs, and tells names apart that the first one does not", () => {
  const dotted = names.inferenceServiceName("a.b", "ns"), dashed = names.inferenceServiceName("a-b", "ns");
  assert.equal(dotted.first, dashed.first);
  assert.notEqual(dotted.onCollision, dashed.onCollision);
  assert.notEqual(names.httpRouteName("a.b", "ns").onCollision, names.httpRouteName("a-b", "ns").onCollision);
  const scopes = ["Namespace", "Cluster"].map((scope) => names.sharedCacheName("t", scope, "ns"));
  assert.equal(scopes[0].first, scopes[1].first);
  assert.notEqual(scopes[0].onCollision, scopes[1].onCollision);
});

Deno.test("custom models of other hardware or another endpoint get another name", () => {
  const source = { modelId: "m", sourceUri: "s3://b/m" };
  const plain = names.modelNameForCustom("img", [source]);
  const endpoint = (value: string) => [{ name: "AWS_ENDPOINT_URL", value }];
  assert.notEqual(names.modelNameForCustom("img", [{ ...source, env: endpoint("http://x") }]), plain);
  assert.equal(names.modelNameForCustom("img", [{ ...source, env: endpoint("") }]), plain);
  const one = names.modelNameForCustom("img", [source], { gpu: { requests: 1, model: "MI300X" } });
  assert.notEqual(one, plain);
  assert.equal(names.modelNameForCustom("img", [source], { gpu: { model: "MI300X", requests: 1 } }), one);
});

/** What a name must be, as Kubernetes and KServe check it. */
const limits = {
  /** Services, ports, label of a host name (RFC 1035). */
  dnsLabel1035: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  /** Label of a host name (RFC 1123). */
  dnsLabel1123: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  /** Names of most objects (RFC 1123). */
  subdomain: /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  labelValue: /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
  kserve: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
};

/** What KServe, KEDA, Kubernetes and gateways make of the name of an InferenceService (KServe 0.20, KEDA 2.17). */
const derivedByOthers: [what: string, limit: RegExp, make: (name: string, namespace: string) => string][] = [
  ["InferenceService", limits.kserve, (name) => name],
  ["Service of the InferenceService", limits.dnsLabel1035, (name) => name],
  ["label serving.kserve.io/inferenceservice", limits.labelValue, (name) => name],
  ["Service and Deployment of the predictor", limits.dnsLabel1035, (name) => `${name}-predictor`],
  ["label app of Service, Deployment and pods", limits.labelValue, (name) => `isvc.${name}-predictor`],
  ["first label of the predictor's host name", limits.dnsLabel1123, (name, ns) => `${name}-predictor-${ns}`],
  ["first label of the host name", limits.dnsLabel1123, (name, ns) => `${name}-${ns}`],
  ["cluster's host name", limits.subdomain, (name, ns) => `${name}-predictor.${ns}.svc.cluster.local`],
  ["ReplicaSet", limits.subdomain, (name) => `${name}-predictor-5b9c7d64f8`],
  ["Pod", limits.subdomain, (name) => `${name}-predictor`.slice(0, 58) + "abcde"],
  ["ScaledObject", limits.subdomain, (name) => `${name}-predictor`],
  ["label scaledobject.keda.sh/name", limits.labelValue, (name) => `${name}-predictor`],
  ["HorizontalPodAutoscaler", limits.subdomain, (name) => `keda-hpa-${name}-predictor`],
  ["OpenTelemetryCollector, named in an annotation", limits.subdomain, (name) => `${name}-predictor`],
];

const ends = "abcdefghijklmnopqrstuvwxyz0123456789";
/** Legal names of 1 to `longest` characters, of every length alike; the longest and the shortest among them. */
function legalNames(longest: number, inner: string) {
  const of = (length: number) =>
    fc.tuple(
      fc.constantFrom(...ends),
      fc.string({
        unit: fc.constantFrom(...inner),
        minLength: Math.max(0, length - 2),
        maxLength: Math.max(0, length - 2),
      }),
      fc.constantFrom(...ends),
    ).map(([first, middle, last]) => length === 1 ? first : first + middle + last);
  return fc.oneof(fc.constantFrom(1, 2, 3, longest - 1, longest), fc.integer({ min: 1, max: longest })).chain(
    of,
  );
}
/** A label of a subdomain neither begins nor ends with a hyphen. */
const serviceNames = legalNames(253, ends + "--..").map((name) => name.replaceAll(/[-.]*\.[-.]*/g, "."));
const namespaces = (longest: number) => legalNames(longest, ends + "--");

Deno.test("property: whatever others derive from the name of an InferenceService is legal", () => {
  fc.assert(
    fc.property(serviceNames, namespaces(42), (service, namespace) => {
      assert.match(service, limits.subdomain, "the generator makes legal names only");
      for (const name of Object.values(names.inferenceServiceName(service, namespace))) {
        for (const [what, limit, make] of derivedByOthers) assert.match(make(name, namespace), limit, what);
      }
      for (const name of Object.values(names.httpRouteName(service, namespace))) {
        assert.match(name, limits.dnsLabel1123);
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("property: a name of AIM Engine's that is legal is ours as well", () => {
  fc.assert(
    fc.property(serviceNames, namespaces(42), (service, namespace) => {
      const part = /^[0-9]/.test(service) ? `s-${service}` : service;
      const engine = derivedName([part], { hash: [namespace], max: 52 - namespace.length });
      const legal = derivedByOthers.every(([, limit, make]) => limit.test(make(engine, namespace)));
      assert.equal(names.inferenceServiceName(service, namespace).first === engine, legal);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a namespace of up to 63 characters has a name or an error that says why", () => {
  fc.assert(fc.property(serviceNames, namespaces(63), (service, namespace) => {
    const named = () => names.inferenceServiceName(service, namespace);
    if (namespace.length > 42) assert.throws(named, { reason: "NamespaceTooLong" });
    else named();
  }));
});

Deno.test("labels and names of our own are legal for the longest names", () => {
  fc.assert(fc.property(serviceNames, serviceNames, namespaces(42), (service, template, namespace) => {
    const uid = crypto.randomUUID();
    const all = [
      ...Object.values(names.sharedCacheName(template, "Cluster", namespace)),
      names.dedicatedCacheName(template, service, uid),
      names.derivedTemplateName(template, {
        metric: "latency",
        gpuModel: "MI300X",
        gpuCount: 8,
        precision: "fp8",
      }),
      names.artifactChildName(template, "download", uid),
      names.artifactVolumeName(template),
    ];
    for (const name of all) assert.match(name, limits.dnsLabel1123, name);
    // A Job's name, which keeps a template's dots, is also a label of its pods.
    const job = names.discoveryJobName({ template, model: service, image: "img:1" });
    for (const limit of [limits.subdomain, limits.labelValue]) assert.match(job, limit);
    for (const value of [rawLabelValue(service), labelValue(service) ?? ""]) {
      assert.match(value, limits.labelValue);
    }
  }));
});
