/** Kinds and random objects of them, for asking the real API server and ours the same. */
import fc from "fast-check";
import { parse } from "yaml";
import type { JsonObject } from "../../lib/apiserver/json.ts";
import { type KindSchema, schemaOfBuiltIn, schemaOfCrd } from "../../lib/apiserver/schema/mod.ts";

/** A kind under test. */
export interface FieldsSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly builtIn: boolean;
  readonly schema: KindSchema;
  /** What objects say besides `apiVersion`, `kind` and their name. */
  readonly said: fc.Arbitrary<JsonObject>;
}

const text = { type: "string" };
const thingSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        count: { type: "integer" },
        level: { type: "string", default: "low" },
        port: { "x-kubernetes-int-or-string": true },
        labels: { type: "object", additionalProperties: text },
        selector: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
        tags: { type: "array", items: text, "x-kubernetes-list-type": "set" },
        order: { type: "array", items: text },
        parts: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name", "protocol"],
          items: {
            type: "object",
            required: ["name"],
            properties: {
              name: text,
              protocol: { type: "string", default: "TCP" },
              weight: { type: "integer" },
              notes: { type: "object", additionalProperties: text },
            },
          },
        },
        inner: {
          type: "object",
          properties: { a: text, b: text, deep: { type: "object", properties: { c: text, d: text } } },
        },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        maybe: { type: "string", nullable: true },
      },
    },
    status: {
      type: "object",
      properties: { phase: text, seen: { type: "object", additionalProperties: text } },
    },
  },
};

/** The definition of the custom kind. */
export const thingDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.fields.test" },
  spec: {
    group: "fields.test",
    scope: "Namespaced",
    names: { kind: "Thing", plural: "things", singular: "thing", listKind: "ThingList" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: { openAPIV3Schema: thingSchema },
    }],
  },
};

const word = fc.constantFrom("a", "b", "c");
const words = fc.dictionary(word, word, { maxKeys: 3 });
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
const some = (members: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

const metadata = some({
  labels: words,
  annotations: words,
  finalizers: fc.uniqueArray(fc.constantFrom("t.test/a", "t.test/b"), { maxLength: 2 }),
});

const thing = fc.record({
  metadata,
  spec: some({
    count: fc.nat(3),
    level: fc.constantFrom("low", "high"),
    port: fc.constantFrom(1, "http"),
    labels: words,
    selector: words,
    tags: fc.uniqueArray(word),
    order: list(word),
    parts: fc.uniqueArray(
      fc.record({ name: word, protocol: fc.constantFrom("TCP", "UDP"), weight: fc.nat(2), notes: words }, {
        requiredKeys: ["name"],
      }),
      { maxLength: 3, selector: ({ name, protocol }) => `${name}/${protocol ?? "TCP"}` },
    ),
    inner: some({ a: word, b: word, deep: some({ c: word, d: word }) }),
    free: fc.oneof(words, fc.dictionary(word, fc.oneof(word, list(word), words, fc.nat(2)), { maxKeys: 3 })),
    maybe: fc.option(word),
  }),
}, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

const env = fc.uniqueArray(fc.record({ name: fc.constantFrom("X", "Y"), value: word }), {
  selector: ({ name }) => name,
});
const ports = fc.uniqueArray(
  fc.record({
    containerPort: fc.constantFrom(80, 81),
    protocol: fc.constantFrom("TCP", "UDP"),
    name: fc.constantFrom("p", "q"),
  }, {
    requiredKeys: ["containerPort"],
  }),
  { selector: ({ containerPort, protocol }) => `${containerPort}/${protocol ?? "TCP"}` },
).map((all) => all.map(({ name: _, ...port }, i) => ({ ...port, name: `p${i}` })));
const container = (name: string) =>
  fc.record({
    name: fc.constant(name),
    image: fc.constantFrom("i:1", "i:2"),
    args: list(word),
    env,
    ports,
    resources: fc.constantFrom({}, { limits: { cpu: "1" } }, {
      limits: { cpu: "2" },
      requests: { cpu: "1" },
    }),
    readinessProbe: fc.constantFrom({ httpGet: { port: 80 } }, { tcpSocket: { port: 81 }, periodSeconds: 5 }),
  }, { requiredKeys: ["name", "image"] });
const labels = { app: "d" };
const deployment = fc.record({
  metadata,
  spec: fc.record({
    replicas: fc.nat(3),
    paused: fc.boolean(),
    strategy: fc.constantFrom({ type: "Recreate" }, { rollingUpdate: { maxSurge: 2 } }),
    selector: fc.constant({ matchLabels: labels }),
    template: fc.record({
      metadata: fc.constantFrom({ labels }, { labels: { ...labels, more: "x" } }),
      spec: fc.record({
        containers: fc.tuple(container("a"), fc.option(container("b"), { nil: undefined }))
          .map((both) => both.filter((each) => each !== undefined)),
        nodeSelector: words,
        tolerations: list(fc.record({ key: word, operator: fc.constant("Exists") })),
        volumes: fc.constantFrom([], [{ name: "v" }], [{ name: "v", configMap: { name: "c" } }], [{
          name: "w",
          emptyDir: {},
        }]),
        terminationGracePeriodSeconds: fc.nat(3),
      }, { requiredKeys: ["containers"] }),
    }),
  }, { requiredKeys: ["selector", "template"] }),
}, { requiredKeys: ["spec"] }) as unknown as fc.Arbitrary<JsonObject>;

const service = fc.record({
  metadata,
  spec: fc.record({
    selector: words,
    ports: fc.constantFrom(
      [{ port: 80 }],
      [{ port: 80, name: "a" }, { port: 81, name: "b", targetPort: "http" }],
      [{ port: 81, name: "b", protocol: "UDP" }, { port: 81, name: "c" }],
    ),
    sessionAffinity: fc.constantFrom("None", "ClientIP"),
    publishNotReadyAddresses: fc.boolean(),
  }, { requiredKeys: ["ports"] }),
}, { requiredKeys: ["spec"] }) as unknown as fc.Arbitrary<JsonObject>;

const configMap = fc.record({
  metadata,
  data: words,
  binaryData: fc.dictionary(fc.constantFrom("x", "y"), fc.constant("AA==")),
}, {
  requiredKeys: [],
}) as fc.Arbitrary<JsonObject>;

/** AIMService as its definition says, with the lists that users write. */
const aimService = fc.record({
  metadata,
  spec: fc.record({
    model: fc.constantFrom({ name: "m" }, { image: "i:1" }),
    replicas: fc.nat(3),
    runtimeConfigName: word,
    env: fc.uniqueArray(fc.record({ name: fc.constantFrom("X", "Y"), value: word }), {
      selector: ({ name }) => name,
    }),
    imagePullSecrets: fc.uniqueArray(fc.record({ name: word }), { selector: ({ name }) => name }),
  }, { requiredKeys: ["model"] }),
}, { requiredKeys: ["spec"] }) as unknown as fc.Arbitrary<JsonObject>;

export const aimServiceDefinition = parse(
  await Deno.readTextFile(new URL("../../manifests/crds/aimservices.yaml", import.meta.url)),
);

export const fieldsSubjects: readonly FieldsSubject[] = [
  {
    apiVersion: "fields.test/v1",
    kind: "Thing",
    plural: "things",
    builtIn: false,
    schema: schemaOfCrd(thingSchema),
    said: thing,
  },
  {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    plural: "aimservices",
    builtIn: false,
    schema: schemaOfCrd(aimServiceDefinition.spec.versions[0].schema.openAPIV3Schema),
    said: aimService,
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    plural: "deployments",
    builtIn: true,
    schema: schemaOfBuiltIn("apps", "v1", "Deployment")!,
    said: deployment,
  },
  {
    apiVersion: "v1",
    kind: "Service",
    plural: "services",
    builtIn: true,
    schema: schemaOfBuiltIn("", "v1", "Service")!,
    said: service,
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    builtIn: true,
    schema: schemaOfBuiltIn("", "v1", "ConfigMap")!,
    said: configMap,
  },
];
