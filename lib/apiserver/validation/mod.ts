/**
 * What the API server refuses of objects of built-in kinds beyond what a schema says, worded as the original words it.
 * The rows of `tests/apiserver/conversations/subjects.ts` hold it against the original's recorded answers.
 */
import type { JsonObject } from "../json.ts";
import { policyBindingErrors, validatingPolicyErrors } from "./admission_policies.ts";
import { configMapErrors, secretErrors } from "./data.ts";
import { networkPolicyErrors, serviceErrors } from "./network.ts";
import {
  autoscalerErrors,
  bindingErrors,
  budgetErrors,
  eventErrors,
  leaseErrors,
  limitErrors,
  nodeErrors,
  priorityErrors,
  quotaErrors,
  roleErrors,
} from "./policy.ts";
import { claimErrors, storageClassErrors, volumeErrors } from "./storage.ts";
import { type Errors, none } from "./values.ts";
import { webhookErrors } from "./webhooks.ts";
import {
  cronJobErrors,
  deploymentErrors,
  jobErrors,
  jobStatusErrors,
  podErrors,
  replicaSetErrors,
  statefulSetErrors,
} from "./workloads.ts";

const rules: Readonly<Record<string, (object: JsonObject, old?: JsonObject) => Errors>> = {
  ClusterRole: (object) => roleErrors(object, false),
  ClusterRoleBinding: (object, old) => bindingErrors(object, old, false),
  ConfigMap: configMapErrors,
  CronJob: cronJobErrors,
  Deployment: deploymentErrors,
  Event: eventErrors,
  HorizontalPodAutoscaler: autoscalerErrors,
  Job: jobErrors,
  Lease: leaseErrors,
  LimitRange: limitErrors,
  MutatingWebhookConfiguration: webhookErrors,
  NetworkPolicy: networkPolicyErrors,
  Node: nodeErrors,
  PersistentVolume: volumeErrors,
  PersistentVolumeClaim: claimErrors,
  Pod: podErrors,
  PodDisruptionBudget: budgetErrors,
  PriorityClass: priorityErrors,
  ReplicaSet: replicaSetErrors,
  ResourceQuota: quotaErrors,
  Role: (object) => roleErrors(object, true),
  RoleBinding: (object, old) => bindingErrors(object, old, true),
  Secret: secretErrors,
  Service: serviceErrors,
  StatefulSet: statefulSetErrors,
  StorageClass: storageClassErrors,
  ValidatingAdmissionPolicy: validatingPolicyErrors,
  ValidatingAdmissionPolicyBinding: policyBindingErrors,
  ValidatingWebhookConfiguration: webhookErrors,
};

/** Kinds of whose objects nothing is judged but the spec, what of metadata never changes, and the status of a Job. */
const judgedBySpec = new Set(["CronJob", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]);

/** @param old what is stored, where it is an update: a spec that is the very same has been judged */
export function builtInErrors(kind: string, object: JsonObject, old?: JsonObject): Errors {
  if (old !== undefined && object.spec === old.spec && judgedBySpec.has(kind)) {
    return kind === "Job" && object.status !== old.status ? jobStatusErrors(object, old) : none;
  }
  return rules[kind]?.(object, old) ?? none;
}
