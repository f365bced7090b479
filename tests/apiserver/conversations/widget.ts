/** A kind of the tests' own that uses what custom resource definitions can say. */
export const widgetDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.conversation.test" },
  spec: {
    group: "conversation.test",
    names: {
      kind: "Widget",
      plural: "widgets",
      singular: "widget",
      listKind: "WidgetList",
      shortNames: ["wd"],
      categories: ["all"],
    },
    scope: "Namespaced",
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.replicas",
          statusReplicasPath: ".status.replicas",
          labelSelectorPath: ".status.selector",
        },
      },
      selectableFields: [{ jsonPath: ".spec.colour" }],
      additionalPrinterColumns: [
        { name: "Colour", type: "string", jsonPath: ".spec.colour", description: "What it looks like" },
        { name: "Replicas", type: "integer", jsonPath: ".spec.replicas" },
        {
          name: "Ready",
          type: "string",
          jsonPath: '.status.conditions[?(@.type=="Ready")].status',
          priority: 1,
        },
        { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
      schema: {
        openAPIV3Schema: {
          type: "object",
          description: "A widget.",
          properties: {
            spec: {
              type: "object",
              description: "What is wanted.",
              required: ["colour"],
              properties: {
                colour: {
                  type: "string",
                  enum: ["red", "green", "blue"],
                  "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "colour is immutable" }],
                },
                replicas: { type: "integer", minimum: 0, maximum: 10, default: 1 },
                name: { type: "string", maxLength: 5, pattern: "^[a-z]*$" },
                ratio: { type: "number" },
                on: { type: "boolean", default: true },
                size: {
                  "x-kubernetes-int-or-string": true,
                  anyOf: [{ type: "integer" }, { type: "string" }],
                },
                tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
                parts: {
                  type: "array",
                  maxItems: 3,
                  "x-kubernetes-list-type": "map",
                  "x-kubernetes-list-map-keys": ["name"],
                  items: {
                    type: "object",
                    required: ["name"],
                    properties: { name: { type: "string" }, weight: { type: "integer", default: 1 } },
                  },
                },
                plain: { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
                free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                labels: { type: "object", additionalProperties: { type: "string" } },
              },
              "x-kubernetes-validations": [{
                rule: "!has(self.name) || self.name != 'bad'",
                message: "bad is no name",
              }],
            },
            status: {
              type: "object",
              properties: {
                phase: { type: "string" },
                replicas: { type: "integer" },
                selector: { type: "string" },
                conditions: {
                  type: "array",
                  "x-kubernetes-list-type": "map",
                  "x-kubernetes-list-map-keys": ["type"],
                  items: {
                    type: "object",
                    required: ["type", "status"],
                    properties: { type: { type: "string" }, status: { type: "string" } },
                  },
                },
              },
            },
          },
        },
      },
    }],
  },
};

/** A second one without a status subresource, of the whole cluster, that keeps what it does not know. */
export const gadgetDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.conversation.test" },
  spec: {
    group: "conversation.test",
    names: { kind: "Gadget", plural: "gadgets", singular: "gadget", listKind: "GadgetList" },
    scope: "Cluster",
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    }],
  },
};

export function widget(name: string, spec: Record<string, unknown>, metadata: Record<string, unknown> = {}) {
  return { apiVersion: "conversation.test/v1", kind: "Widget", metadata: { name, ...metadata }, spec };
}

export function configMap(name: string, data?: unknown, metadata: Record<string, unknown> = {}) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, ...(data ? { data } : {}) };
}
