/** For tests: an installation in which nothing is broken, and ways to break one thing of it. */

import { everything, managerRules } from "../../rights/rules.ts";
import { apiVersionOf, type KubeObject } from "../../kube/object.ts";
import { type Surveyed, surveyed } from "./kinds.ts";
import { type Answer, Survey, type SurveyFacts } from "./survey.ts";

/** Any object; what a test says of it, it knows. */
// deno-lint-ignore no-explicit-any
export type AnyObject = KubeObject & Record<string, any>;

export interface Installation {
  readonly objects: readonly AnyObject[];
  readonly facts: SurveyFacts;
  /** Kinds that the cluster does not have, and that may not be listed, by their plurals. */
  readonly absent?: readonly string[];
  readonly unreadable?: readonly string[];
}

export const now = Date.parse("2026-01-01T12:00:00Z");

const aim = "aim.eai.amd.com/v1alpha1";
const account = { kind: "ServiceAccount", name: "aim-engine-controller-manager", namespace: "aim-system" };

export const operatorDeployment = (more: Partial<AnyObject> = {}): AnyObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "aim-engine-controller-manager",
    namespace: "aim-system",
    labels: { "app.kubernetes.io/name": "aim-engine", "control-plane": "controller-manager" },
  },
  spec: {
    replicas: 1,
    template: {
      spec: {
        serviceAccountName: account.name,
        containers: [{
          name: "manager",
          image: "registry.example.com/aim-operator:0.1.0",
          args: ["--leader-elect"],
        }],
      },
    },
  },
  status: { availableReplicas: 1 },
  ...more,
});

const condition = (type: string, status: string, reason = "Ready", message = "") => ({
  type,
  status,
  reason,
  message,
});

/** A service that is routed and scaled, so that all that it needs is looked at. */
export const sound: Installation = {
  facts: {
    lacking: [],
    version: "1.35",
    clocks: { server: now, own: now + 2_000 },
    pullSecrets: new Map([["ml-team/registry", { type: "kubernetes.io/dockerconfigjson" }]]),
  },
  objects: [
    operatorDeployment(),
    {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "3be10d2f.eai.amd.com", namespace: "aim-system" },
      spec: { holderIdentity: "pod_1", renewTime: "2026-01-01T11:59:57.000000Z", leaseDurationSeconds: 15 },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "aim-engine-manager-role" },
      rules: managerRules(everything).map(({ group, resources, name, verbs }) => ({
        apiGroups: [group],
        resources,
        verbs,
        ...(name !== undefined && { resourceNames: [name] }),
      })),
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "aim-engine-manager-rolebinding" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "aim-engine-manager-role",
      },
      subjects: [account],
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "inferenceservice-config", namespace: "kserve" },
      data: {
        deploy: '{"defaultDeploymentMode": "Standard"}',
        inferenceService: '{"resource": {"cpuLimit": "", "memoryLimit": ""}}',
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "kserve-controller-manager", namespace: "kserve" },
      spec: {
        replicas: 1,
        template: { spec: { containers: [{ name: "manager", image: "kserve/kserve-controller:v0.16.0" }] } },
      },
      status: { availableReplicas: 1 },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "kgateway" },
      status: { conditions: [condition("Accepted", "True")] },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "front", namespace: "kgateway-system" },
      spec: { gatewayClassName: "kgateway" },
      status: { conditions: [condition("Programmed", "True")] },
    },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "nfs", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "nfs.csi.k8s.io",
    },
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "gpu-0", labels: { "amd.com/gpu.device-id": "74a1" } },
      status: { capacity: { "amd.com/gpu": "8" } },
    },
    { apiVersion: "v1", kind: "Node", metadata: { name: "plain" }, status: { capacity: { cpu: "8" } } },
    {
      apiVersion: aim,
      kind: "AIMClusterRuntimeConfig",
      metadata: { name: "default" },
      spec: { routing: { enabled: true, gatewayRef: { name: "front", namespace: "kgateway-system" } } },
    },
    {
      apiVersion: aim,
      kind: "AIMClusterModel",
      metadata: { name: "qwen" },
      spec: { image: "ghcr.io/amd/aim-qwen:1" },
      status: { conditions: [condition("ImageMetadataReady", "True", "ImageMetadataFound")] },
    },
    {
      apiVersion: aim,
      kind: "AIMService",
      metadata: { name: "chat", namespace: "ml-team" },
      spec: {
        model: { name: "qwen" },
        minReplicas: 1,
        maxReplicas: 3,
        imagePullSecrets: [{ name: "registry" }],
      },
      status: { conditions: [condition("Ready", "True")] },
    },
    {
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: { name: "chat-1", namespace: "ml-team", creationTimestamp: "2026-01-01T00:00:00Z" },
      status: { conditions: [condition("Ready", "True")] },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "keda-hpa-chat", namespace: "ml-team" },
      status: { conditions: [condition("ScalingActive", "True", "ValidMetricFound")] },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "policies" },
      webhooks: [{
        name: "pods.policies.example.com",
        failurePolicy: "Fail",
        clientConfig: { service: { name: "policies", namespace: "policy-system" } },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
      }],
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "policies-1",
        namespace: "policy-system",
        labels: { "kubernetes.io/service-name": "policies" },
      },
      endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }],
    },
  ],
};

export function surveyOf({ objects, facts, absent = [], unreadable = [] }: Installation): Survey {
  const answerOf = ({ resource }: Surveyed): Answer => {
    if (absent.includes(resource.plural)) return "absent";
    if (unreadable.includes(resource.plural)) return "unreadable";
    return objects.filter(({ kind, apiVersion }) =>
      kind === resource.kind && apiVersion === apiVersionOf(resource)
    );
  };
  // Pods and events of other selections are none of the test's.
  return new Survey(new Map(surveyed.map((kind) => [kind, answerOf(kind)])), facts);
}

/** The installation with one object otherwise; undefined takes it away. */
export function changed(
  installation: Installation,
  kind: string,
  change: (object: AnyObject) => AnyObject | undefined,
): Installation {
  const objects = installation.objects.flatMap((object) =>
    object.kind === kind ? change(object) ?? [] : [object]
  );
  return { ...installation, objects };
}

export const added = (installation: Installation, ...objects: AnyObject[]): Installation => ({
  ...installation,
  objects: [...installation.objects, ...objects],
});
