/**
 * The parts of Kubernetes' own API that our kinds embed (api.md §6), and the frame every object has.
 */
import * as z from "zod";
import {
  bool,
  int32,
  int64,
  listByName,
  listOf,
  mapOf,
  oneOf,
  quantity,
  structure,
  text,
  time,
} from "./schema.ts";

/** A reference from an object to the one that owns it. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Which field manager set which fields of an object. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: "Apply" | "Update";
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** `metadata` of an object as the API server gives it. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

/** Any Kubernetes object. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

const secretOrConfigMapKey = (what: string) =>
  structure(`A key of a ${what} in the namespace of the pod.`, {
    key: text("The key to take the value from."),
    name: text(`Name of the ${what}.`, { default: "" }).optional(),
    optional: bool(`Whether the ${what} or its key may be missing.`).optional(),
  }, { mapType: "atomic" });

/** core/v1 EnvVar. */
export const envVar = structure("An environment variable of a container.", {
  name: text("Name of the variable."),
  value: text("Its value. References of the form $(NAME) to earlier variables are expanded.").optional(),
  valueFrom: structure("Where the value comes from. Cannot be combined with a value.", {
    configMapKeyRef: secretOrConfigMapKey("ConfigMap").optional(),
    secretKeyRef: secretOrConfigMapKey("Secret").optional(),
    fieldRef: structure("A field of the pod.", {
      fieldPath: text("Path of the field, e.g. metadata.name."),
      apiVersion: text("API version in which the path is written; v1 when empty.").optional(),
    }, { mapType: "atomic" }).optional(),
    resourceFieldRef: structure("A resource request or limit of the container.", {
      resource: text("The resource, e.g. limits.memory."),
      containerName: text("The container whose resource it is; this one when empty.").optional(),
      divisor: quantity("The unit in which the resource is given.").optional(),
    }, { mapType: "atomic" }).optional(),
    fileKeyRef: structure("A key of a file in a volume, written as an environment file.", {
      key: text("The key to take the value from."),
      path: text("Path of the file, relative to the root of the volume."),
      volumeName: text("Name of the volume that holds the file."),
      optional: bool("Whether the file or its key may be missing.", { default: false }).optional(),
    }, { mapType: "atomic" }).optional(),
  }).optional(),
});
export type EnvVar = z.infer<typeof envVar>;

/** A list of environment variables, merged by name. */
export const envList = (description: string, limits: { readonly maxItems?: number } = {}) =>
  listByName(description, envVar, limits);

/** core/v1 LocalObjectReference. */
export const localObjectReference = structure("Names an object in the same namespace.", {
  name: text("Name of the object.", { default: "" }).optional(),
}, { mapType: "atomic" });
export type LocalObjectReference = z.infer<typeof localObjectReference>;

/** core/v1 ResourceRequirements. */
export const resourceRequirements = structure("Resources of a container.", {
  claims: listByName(
    "Resource claims of the pod that the container uses. Not passed on to inference containers.",
    structure("One claim.", {
      name: text("Name of the claim in the pod."),
      request: text("The request within the claim; all of it when empty.").optional(),
    }),
  ).optional(),
  limits: mapOf("The most the container may use, by resource name.", quantity("Amount of the resource."))
    .optional(),
  requests: mapOf(
    "What is reserved for the container, by resource name.",
    quantity("Amount of the resource."),
  ).optional(),
});
export type ResourceRequirements = z.infer<typeof resourceRequirements>;

const nodeSelectorRequirements = (description: string) =>
  listOf(
    description,
    structure("One requirement.", {
      key: text("The label key or field name."),
      operator: text("How key and values relate: In, NotIn, Exists, DoesNotExist, Gt or Lt."),
      values: listOf("The values that the operator compares with.", text("One value."), {
        listType: "atomic",
      })
        .optional(),
    }),
    { listType: "atomic" },
  );

const nodeSelectorTerm = structure("A term; all its requirements must hold.", {
  matchExpressions: nodeSelectorRequirements("Requirements on the node's labels.").optional(),
  matchFields: nodeSelectorRequirements("Requirements on the node's fields.").optional(),
}, { mapType: "atomic" });
export type NodeSelectorTerm = z.infer<typeof nodeSelectorTerm>;

/** core/v1 NodeAffinity. */
export const nodeAffinity = structure("Which nodes a pod may or should run on.", {
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    "Nodes to prefer.",
    structure("A preference.", {
      preference: nodeSelectorTerm,
      weight: int32("Weight of the preference, 1 to 100."),
    }),
    { listType: "atomic" },
  ).optional(),
  requiredDuringSchedulingIgnoredDuringExecution: structure("Nodes the pod must run on.", {
    nodeSelectorTerms: listOf("Terms of which one must match.", nodeSelectorTerm, { listType: "atomic" }),
  }, { mapType: "atomic" }).optional(),
});
export type NodeAffinity = z.infer<typeof nodeAffinity>;

/** What the status of a condition can be. */
export const conditionStatuses = ["True", "False", "Unknown"] as const;
export type ConditionStatus = typeof conditionStatuses[number];

/** meta/v1 Condition. */
export const condition = structure("One aspect of the object's state.", {
  lastTransitionTime: time("When the status of this condition last changed."),
  message: text("What happened and, where something is wrong, what to do about it.", { maxLength: 32768 }),
  observedGeneration: int64("The metadata.generation that this condition describes.", { minimum: 0 })
    .optional(),
  reason: text("A word for programs that says why the condition has this status.", {
    minLength: 1,
    maxLength: 1024,
    pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
  }),
  status: oneOf(conditionStatuses, "True, False or Unknown."),
  type: text("Which aspect this is, e.g. Ready.", {
    maxLength: 316,
    pattern:
      "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
  }),
});
export type Condition = z.infer<typeof condition>;

/** `status.conditions`, merged by type. */
export const conditions = listOf(
  "The state of the object and of each of its components. Ready sums them up.",
  condition,
  { listType: "map", listMapKeys: ["type"] },
);

const dnsLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const dnsName = `${dnsLabel}(\\.${dnsLabel})*`;

/** Gateway API v1 ParentReference. */
export const parentReference = structure("A gateway, or a part of one, that a route attaches to.", {
  group: text("API group of the parent.", {
    default: "gateway.networking.k8s.io",
    maxLength: 253,
    pattern: `^$|^${dnsName}$`,
  }).optional(),
  kind: text("Kind of the parent.", {
    default: "Gateway",
    minLength: 1,
    maxLength: 63,
    pattern: "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
  }).optional(),
  name: text("Name of the parent.", { minLength: 1, maxLength: 253 }),
  namespace: text("Namespace of the parent; the one of the route when absent.", {
    minLength: 1,
    maxLength: 63,
    pattern: `^${dnsLabel}$`,
  }).optional(),
  port: int32("Attach only to listeners of this port.", { minimum: 1, maximum: 65535 }).optional(),
  sectionName: text("Attach only to the listener of this name.", {
    minLength: 1,
    maxLength: 253,
    pattern: `^${dnsName}$`,
  }).optional(),
});
export type ParentReference = z.infer<typeof parentReference>;
