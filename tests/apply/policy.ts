/** An admission policy that changes what is applied, as webhooks do. */

/** Flags of the API server without which there are no such policies in 1.35. */
export const POLICY_FLAGS = [
  "--feature-gates=MutatingAdmissionPolicy=true",
  "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
];

/** In ConfigMaps whose name starts so, `data.a` becomes `policy`. */
export const POLICY_PREFIX = "policy-";

const api = "admissionregistration.k8s.io/v1beta1";

export const policy: readonly object[] = [
  {
    apiVersion: api,
    kind: "MutatingAdmissionPolicy",
    metadata: { name: "insist" },
    spec: {
      matchConstraints: {
        resourceRules: [{
          apiGroups: [""],
          apiVersions: ["v1"],
          operations: ["CREATE", "UPDATE"],
          resources: ["configmaps"],
        }],
      },
      matchConditions: [{
        name: "by-name",
        expression: `object.metadata.name.startsWith("${POLICY_PREFIX}")`,
      }],
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      mutations: [{
        patchType: "ApplyConfiguration",
        applyConfiguration: { expression: 'Object{data: {"a": "policy"}}' },
      }],
    },
  },
  {
    apiVersion: api,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name: "insist" },
    spec: { policyName: "insist" },
  },
];
