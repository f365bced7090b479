import assert from "node:assert/strict";
import { ApiError, NetworkError } from "./errors.ts";
import { lackedRight, rightOf, ruleOf, textOfRight } from "./lacked_right.ts";

const refused = (message: string, method: string, path: string, name?: string) =>
  new ApiError({ status: 403, reason: "Forbidden", message, method, path, details: { name } });

const user = 'User "system:serviceaccount:aim-system:aim-engine-controller-manager"';

/** Refusals as kube-apiserver 1.35 words them, the right as a person reads it, and the rule that gives it. */
const refusals: readonly (readonly [ApiError, string, string])[] = [
  [
    refused(
      `jobs.batch is forbidden: ${user} cannot create resource "jobs" in API group "batch" in the namespace "ml"`,
      "POST",
      "/apis/batch/v1/namespaces/ml/jobs",
    ),
    "create jobs.batch in namespace ml",
    "{apiGroups: [batch], resources: [jobs], verbs: [create]}",
  ],
  [
    refused(
      `nodes is forbidden: ${user} cannot watch resource "nodes" in API group "" at the cluster scope`,
      "GET",
      "/api/v1/nodes",
    ),
    "watch nodes",
    '{apiGroups: [""], resources: [nodes], verbs: [watch]}',
  ],
  [
    refused(
      `pods "p" is forbidden: ${user} cannot get resource "pods/log" in API group "" in the namespace "ml"`,
      "GET",
      "/api/v1/namespaces/ml/pods/p/log",
    ),
    "get pods/log in namespace ml",
    '{apiGroups: [""], resources: [pods/log], verbs: [get]}',
  ],
  [
    // An apply that would have made its object.
    refused(
      `inferenceservices.serving.kserve.io "x" is forbidden: ${user} cannot create resource "inferenceservices" in API ` +
        'group "serving.kserve.io" in the namespace "ml"',
      "PATCH",
      "/apis/serving.kserve.io/v1beta1/namespaces/ml/inferenceservices/x",
    ),
    "create inferenceservices.serving.kserve.io in namespace ml",
    "{apiGroups: [serving.kserve.io], resources: [inferenceservices], verbs: [create]}",
  ],
  [
    refused(
      'rolebindings.rbac.authorization.k8s.io "aim-engine-artifact-status-updater" is forbidden: user "u" (groups=["g"]) ' +
        'is attempting to grant RBAC permissions not currently held:\n{APIGroups:["aim.eai.amd.com"]}',
      "POST",
      "/apis/rbac.authorization.k8s.io/v1/namespaces/ml/rolebindings",
      "aim-engine-artifact-status-updater",
    ),
    "bind clusterroles.rbac.authorization.k8s.io aim-engine-artifact-status-updater",
    "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], " +
    "resourceNames: [aim-engine-artifact-status-updater], verbs: [bind]}",
  ],
];

for (const [error, text, rule] of refusals) {
  Deno.test(`a refusal names the right, and the rule that gives it: ${text}`, () => {
    const right = lackedRight(error)!;
    assert.equal(textOfRight(right), text);
    assert.equal(ruleOf(right), rule);
  });
}

Deno.test("a refusal by a quota, Pod Security or a policy, and any other failure, is no missing right", () => {
  const path = "/api/v1/namespaces/ml/pods";
  for (
    const error of [
      refused('pods "p" is forbidden: exceeded quota: none', "POST", path),
      refused('pods "p" is forbidden: violates PodSecurity "restricted"', "POST", path),
      refused("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", "POST", path),
      refused(`forbidden: ${user} cannot get resource "x" in API group ""`, "GET", "/apis/batch/v1"),
      new ApiError({ status: 404, message: "cannot get resource", method: "GET", path }),
      new NetworkError("NetworkTimeout", "no answer", { sent: true, method: "GET", path }),
    ]
  ) assert.equal(lackedRight(error), undefined, error.message);
});

Deno.test("a refusal that says nothing is read by its method and path", () => {
  const rows: readonly (readonly [method: string, path: string, text: string])[] = [
    ["GET", "/api/v1/nodes/n", "get nodes"],
    ["GET", "/apis/batch/v1/namespaces/ml/jobs", "list jobs.batch in namespace ml"],
    ["PATCH", "/apis/a.b/v1/namespaces/ml/xs/x/status", "patch xs/status.a.b in namespace ml"],
    ["DELETE", "/apis/a.b/v1/namespaces/ml/xs/x", "delete xs.a.b in namespace ml"],
    ["PUT", "/apis/a.b/v1/ys/y", "update ys.a.b"],
    ["GET", "/api/v1/namespaces/ml", "get namespaces"],
  ];
  for (const [method, path, text] of rows) {
    assert.equal(textOfRight(rightOf(refused("m", method, path))), text);
  }
});
