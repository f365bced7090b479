/**
 * The kinds of property 11: what we may want of each, drawn from small domains so that histories meet
 * (the same key set by two managers, a value changed and changed back).
 */
import fc from "fast-check";
import { inferenceServiceFields, podRules, routeFields } from "../../lib/cluster/field_rules.ts";
import type { FieldRules } from "../../lib/kube/cache/field_rules.ts";

/** A JSON object, as far as these tests look into it. */
export type Json = Record<string, unknown>;

/** One kind, and what may be wanted of it; without `apiVersion`, `kind` and name. */
export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** Bodies: `metadata` (labels, …) and the kind's own fields. */
  readonly wanted: fc.Arbitrary<Json>;
  readonly rules?: FieldRules;
}

/** A map or object in which every key may be missing; `{}` only where `empty` says so. */
function some(fields: Record<string, fc.Arbitrary<unknown>>, required: string[] = []): fc.Arbitrary<Json> {
  return fc.record(fields, { requiredKeys: required }) as fc.Arbitrary<Json>;
}

/** Leaves out what came out as `{}` or `[]`: nothing that we apply is empty, unless meant to be. */
function orNothing(fields: Record<string, fc.Arbitrary<unknown>>, required: string[] = []) {
  return some(fields, required).map((made) =>
    Object.fromEntries(
      Object.entries(made).filter(([, value]) =>
        typeof value !== "object" || value === null || Object.keys(value).length > 0 || value === EMPTY
      ),
    )
  );
}

/** Marks an object that is to be empty: it is written as `{}`. */
const EMPTY = {};
const empty = fc.constant(EMPTY);

const word = fc.constantFrom("1", "2", "x");
const text = fc.constantFrom("", "1", "1000m", "<&>");
const labels = some({ a: word, "x.y/z": word });

const metadata = orNothing({
  labels,
  annotations: some({ a: text, "x.y/z": text }),
  finalizers: fc.constantFrom(["t.aim/f"], ["t.aim/g", "t.aim/f"]),
  ownerReferences: fc.constantFrom(
    [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "0b54ed5e-0000-4000-8000-000000000001" }],
    [{
      apiVersion: "v1",
      kind: "ConfigMap",
      name: "o",
      uid: "0b54ed5e-0000-4000-8000-000000000001",
      controller: true,
    }],
  ),
});

/** Texts of the same quantities; the oracle knows them by heart (`sameQuantities`). */
export const cpus: Record<string, string> = {
  "1": "1",
  "1000m": "1",
  "0.5": "500m",
  "500m": "500m",
  "2": "2",
};
export const memories: Record<string, string> = { "1Gi": "1Gi", "1024Mi": "1Gi", "1000Mi": "1000Mi" };
const cpu = fc.constantFrom(...Object.keys(cpus), 1);
const memory = fc.constantFrom(...Object.keys(memories));
const resources = orNothing({ requests: some({ cpu: fc.constantFrom("0.5", "500m"), memory }) });
const limits = orNothing({ limits: some({ cpu: fc.constantFrom("1", "1000m", "2", 1) }) });

/** A list of some of these, in any order. */
function pick(...items: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown[]> {
  return fc.shuffledSubarray(items).chain((chosen) => fc.tuple(...chosen));
}

const env = pick(
  fc.record({ name: fc.constant("A"), value: text }),
  fc.record({ name: fc.constant("B"), value: fc.constantFrom("1", "1.0") }),
  fc.constant({ name: "C", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }),
  fc.constant({ name: "D", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
);
const ports = pick(
  some({ containerPort: fc.constant(80), protocol: fc.constantFrom("TCP"), name: fc.constant("p") }, [
    "containerPort",
  ]),
  some({ containerPort: fc.constant(81), protocol: fc.constantFrom("TCP", "UDP") }, ["containerPort"]),
);
const volumes = pick(
  fc.record({
    name: fc.constant("v"),
    emptyDir: fc.oneof(empty, some({ sizeLimit: memory }), some({ medium: fc.constant("Memory") })),
  }),
  fc.constant({ name: "w", persistentVolumeClaim: { claimName: "w" } }),
  fc.constant({
    name: "x",
    projected: { sources: [{ serviceAccountToken: { path: "t" } }, { configMap: { name: "c" } }] },
  }),
);
const mounts = pick(
  some({ name: fc.constant("v"), mountPath: fc.constant("/v"), readOnly: fc.boolean() }, [
    "name",
    "mountPath",
  ]),
  fc.constant({ name: "v", mountPath: "/u" }),
);
const nodeAffinity = fc.constantFrom("MI300X", "MI325X").map((gpu) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "gpu", operator: "In", values: [gpu] }] }],
    },
  },
}));

function container(name: string): fc.Arbitrary<Json> {
  return orNothing({
    name: fc.constant(name),
    image: fc.constantFrom("i:1", "i:2"),
    env,
    ports,
    resources: fc.tuple(resources, limits).map(([a, b]) => ({ ...a, ...b })),
    volumeMounts: mounts,
    args: pick(fc.constant("a"), fc.constant("b")),
    securityContext: fc.oneof(empty, fc.constant({ runAsNonRoot: true })),
  }, ["name", "image"]);
}

const podSpec = orNothing({
  containers: fc.oneof(
    container("a").map((a) => [a]),
    fc.tuple(container("a"), container("b")),
    fc.tuple(container("b"), container("a")),
  ),
  volumes: volumes.map((list) => [
    ...list.filter((item) => (item as Json).name !== "v"),
    list.find((item) => (item as Json).name === "v") ?? { name: "v", emptyDir: {} },
  ]),
  nodeSelector: some({ a: word, b: word }),
  affinity: nodeAffinity,
  tolerations: pick(fc.constant({ key: "gpu", operator: "Exists" }), fc.constant({ key: "x", value: "1" })),
  imagePullSecrets: pick(fc.constant({ name: "s" }), fc.constant({ name: "t" })),
  securityContext: fc.oneof(empty, fc.constant({ runAsUser: 1000 })),
  serviceAccountName: fc.constant("s"),
}, ["containers", "volumes"]);

const configMap: Subject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  wanted: fc.record({ metadata, data: fc.oneof(empty, some({ a: text, b: text, constructor: word })) }, {
    requiredKeys: ["metadata"],
  }).map((made) =>
    made.data && made.data !== EMPTY && Object.keys(made.data).length === 0
      ? { metadata: made.metadata }
      : made
  ),
};

const deployment: Subject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  rules: podRules("spec.template.spec"),
  plural: "deployments",
  wanted: fc.record({
    metadata,
    spec: orNothing({
      replicas: fc.constantFrom(0, 1, 2),
      selector: fc.constant({ matchLabels: { app: "d" } }),
      template: fc.record({ metadata: fc.constant({ labels: { app: "d" } }), spec: podSpec }),
      minReadySeconds: fc.constantFrom(0, 5),
    }, ["selector", "template"]),
  }),
};

const job: Subject = {
  apiVersion: "batch/v1",
  kind: "Job",
  rules: podRules("spec.template.spec"),
  plural: "jobs",
  wanted: fc.record({
    metadata,
    spec: orNothing({
      backoffLimit: fc.constant(2),
      ttlSecondsAfterFinished: fc.constantFrom(600, 0),
      suspend: fc.boolean(),
      template: fc.record({
        spec: some({ limit: fc.constantFrom("1Gi", "1024Mi"), value: fc.constantFrom("1000m") }).map(
          ({ limit, value }) => ({
            restartPolicy: "Never",
            containers: [{
              name: "a",
              image: "i",
              env: [{ name: "A", value: value ?? "1000m" }],
              resources: { limits: { memory: limit ?? "1Gi" } },
            }],
            volumes: [{ name: "v", emptyDir: {} }],
          }),
        ),
      }),
    }, ["template", "backoffLimit"]),
  }),
};

const claim: Subject = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  rules: { quantities: ["spec.resources.requests.*", "spec.resources.limits.*"] },
  plural: "persistentvolumeclaims",
  wanted: fc.record({
    metadata,
    spec: fc.record({
      accessModes: fc.constant(["ReadWriteMany"]),
      resources: fc.constantFrom("1Gi", "1024Mi", "1073741824").map((storage) => ({ requests: { storage } })),
    }),
  }),
};

const route: Subject = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  rules: routeFields,
  plural: "httproutes",
  wanted: fc.record({
    metadata,
    spec: fc.record({
      parentRefs: pick(
        some({ name: fc.constant("g"), kind: fc.constant("Gateway"), namespace: word }, ["name"]),
        fc.constant({ group: "gateway.networking.k8s.io", kind: "Gateway", name: "h" }),
      ),
      rules: orNothing({
        matches: some({ type: fc.constantFrom("PathPrefix", "Exact"), value: fc.constantFrom("/", "/a") })
          .map((path) => [Object.keys(path).length === 0 ? { method: "GET" } : { path }]),
        filters: fc.constantFrom("/", "/b").map((replacePrefixMatch) => [{
          type: "URLRewrite",
          urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch } },
        }]),
        backendRefs: some({
          kind: fc.constant("Service"),
          weight: fc.constantFrom(1, 2),
          group: fc.constant(""),
        })
          .map((ref) => [{ ...ref, name: "s", port: 80 }]),
        timeouts: fc.constantFrom("3m0s", "180s").map((request) => ({ request })),
      }, ["backendRefs"]).map((rule) => [rule]),
    }, { requiredKeys: ["rules"] }).map((spec) =>
      spec.parentRefs?.length === 0 ? { rules: spec.rules } : spec
    ),
  }),
};

/** What services.md §8.3 lets our builder emit, and no more. */
const predictor = orNothing({
  containers: orNothing({
    name: fc.constant("kserve-container"),
    image: fc.constantFrom("i:1", "i:2"),
    env,
    ports,
    resources: fc.tuple(resources, limits).map(([a, b]) => ({ ...a, ...b })),
    volumeMounts: mounts,
  }, ["name", "image"]).map((made) => [made]),
  volumes: volumes.map((list) => list.filter((item) => (item as Json).name !== "x")),
  imagePullSecrets: pick(fc.constant({ name: "s" }), fc.constant({ name: "t" })),
  serviceAccountName: fc.constantFrom("s", "t"),
  affinity: nodeAffinity,
  minReplicas: fc.constantFrom(0, 1, 2),
  maxReplicas: fc.constantFrom(2, 3),
  autoScaling: fc.oneof(
    empty,
    cpu.map((value) => ({
      metrics: [{
        type: "PodMetric",
        podmetric: { metric: { backend: "opentelemetry", query: "q" }, target: { type: "Value", value } },
      }],
    })),
  ),
}, ["containers"]);

const inferenceService: Subject = {
  apiVersion: "serving.kserve.io/v1beta1",
  kind: "InferenceService",
  rules: inferenceServiceFields,
  plural: "inferenceservices",
  wanted: fc.record({ metadata, spec: fc.record({ predictor }) }),
};

/**
 * KServe's minimal CRD keeps the same fields in one atomic, free-form map (`crds.ts`). Nothing fills in
 * defaults there but KServe's webhook, which is absent here.
 */
const minimalService: Subject = {
  ...inferenceService,
  apiVersion: "minimal.t.aim/v1",
  kind: "MinimalService",
  plural: "minimalservices",
  rules: { ...inferenceServiceFields, defaults: {} },
};

const thing: Subject = {
  apiVersion: "t.aim/v1",
  kind: "Thing",
  plural: "things",
  wanted: fc.record({
    metadata,
    spec: orNothing({
      pairs: pick(
        some({ name: fc.constant("a"), value: text, count: fc.constantFrom(0, 1) }, ["name"]),
        some({ name: fc.constant("b"), value: text }, ["name"]),
        some({ name: fc.constant("c"), inner: some({ x: word, y: word }, ["x"]) }, ["name"]),
      ),
      ports,
      set: pick(fc.constant("a"), fc.constant("<b>"), fc.constant("c")),
      numbers: pick(fc.constant(1), fc.constant(2)),
      atomicList: pick(
        fc.constant({ a: 1, b: ["x"] }),
        fc.constant({ a: 2 }),
        fc.constant({ c: { d: "1" } }),
      ),
      map: some({ a: text, b: text }),
      atomicMap: some({ a: word, b: word }),
      free: orNothing({
        a: fc.oneof(empty, some({ b: word, c: fc.constantFrom(1, true, "1") }, ["b"])),
        list: pick(fc.constant({ x: 1 }), fc.constant({ x: 2, y: { z: 1 } })),
        n: fc.constantFrom(1, 1.5, "1", false),
      }),
      port: fc.constantFrom(80, "80", "http"),
      auto: fc.oneof(empty, some({ a: word }, ["a"])),
      number: fc.constantFrom(0, 1, 3),
      flag: fc.boolean(),
    }),
  }).map((made) => Object.keys(made.spec).length === 0 ? { metadata: made.metadata } : made),
};

/** Kinds that the API server has built in. */
export const subjects: readonly Subject[] = [
  configMap,
  deployment,
  job,
  claim,
  route,
  inferenceService,
  minimalService,
  thing,
];
