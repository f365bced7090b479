/** Kinds of the tests' own. */

const LISTED = { type: "array", items: { type: "string" } };
const TEXT = { type: "string" };
const FREE = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function definition(group: string, kind: string, spec: object): object {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      }],
    },
  };
}

/** Every kind of container that a CRD can have. */
export const thingCrd = definition("t.aim", "Thing", {
  type: "object",
  properties: {
    pairs: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        required: ["name"],
        properties: {
          name: TEXT,
          value: TEXT,
          count: { type: "integer" },
          inner: { type: "object", properties: { x: TEXT, y: TEXT } },
        },
      },
    },
    ports: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
      items: {
        type: "object",
        required: ["containerPort"],
        properties: {
          containerPort: { type: "integer" },
          protocol: { type: "string", default: "TCP" },
          name: TEXT,
        },
      },
    },
    set: { ...LISTED, "x-kubernetes-list-type": "set" },
    numbers: { type: "array", items: { type: "integer" }, "x-kubernetes-list-type": "set" },
    atomicList: { type: "array", items: FREE },
    map: { type: "object", additionalProperties: TEXT },
    atomicMap: { type: "object", additionalProperties: TEXT, "x-kubernetes-map-type": "atomic" },
    free: FREE,
    port: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    auto: { type: "object", properties: { a: TEXT } },
    number: { type: "integer", default: 3 },
    flag: { type: "boolean" },
  },
});

/** The shape of KServe's minimal InferenceService CRD. */
export const minimalServiceCrd = definition("minimal.t.aim", "MinimalService", {
  ...FREE,
  "x-kubernetes-map-type": "atomic",
});
