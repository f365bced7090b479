/** The manifests on a real API server with RBAC: installed, used by the operator, removed. */

import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { until } from "../control_plane/until.ts";
import { blocksRunBy, documentAt } from "../documents/markdown.ts";
import { startOperator } from "../operator_process.ts";
import { clusterRead, namespacedManifests, rendered } from "../e2e/namespaced_installation.ts";
import { type Document, documentsBelow, documentsOf, manifestsFolder, named } from "./documents.ts";

let plane: ControlPlane;

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true, gatewayApi: true, kserve: {}, auditLog: true });
});

Deno.test.afterAll(() => plane.stop());

/** What kubectl says; throws if it refuses. */
async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

Deno.test("kubectl apply -k installs everything, and again changes nothing", async () => {
  const first = await kubectl("apply", "-k", manifestsFolder);
  assert.match(first, /^deployment\.apps\/aim-engine-controller-manager created$/m);
  assert.match(first, /^customresourcedefinition\S*\/aimservices\.aim\.eai\.amd\.com created$/m);
  await kindsServed(plane);
  const second = await kubectl("apply", "-k", manifestsFolder);
  const changed = second.trim().split("\n").filter((line) => !line.endsWith(" unchanged"));
  // Quantities and lists of CRDs are stored as written: nothing is "configured" the second time.
  assert.deepEqual(changed, []);
});

Deno.test("the operator's account may do what its role says, and not list Secrets", async () => {
  const account = "--as=system:serviceaccount:aim-system:aim-engine-controller-manager";
  const may = async (...args: string[]) =>
    (await plane.kubectl(["auth", "can-i", account, ...args])).stdout.trim().split("\n").at(-1);
  assert.equal(await may("watch", "aimservices.aim.eai.amd.com", "-A"), "yes");
  assert.equal(await may("create", "tokenreviews.authentication.k8s.io"), "yes");
  assert.equal(
    await may("update", "leases.coordination.k8s.io/3be10d2f.eai.amd.com", "-n", "aim-system"),
    "yes",
  );
  assert.equal(await may("update", "leases.coordination.k8s.io/other", "-n", "aim-system"), "no");
  assert.equal(await may("get", "leases.coordination.k8s.io/3be10d2f.eai.amd.com", "-n", "default"), "no");
  // A pull secret is read by its name; which there are is nobody's business (models-and-templates.md §3.3).
  assert.equal(await may("get", "secrets", "-A"), "yes");
  assert.equal(await may("list", "secrets", "-n", "aim-system"), "no");
  assert.equal(await may("watch", "secrets", "-n", "aim-system"), "no");
  assert.equal(await may("get", "pods", "--subresource=log", "-A"), "yes");
  assert.equal(await may("bind", "clusterroles.rbac.authorization.k8s.io/cluster-admin"), "no");
});

Deno.test("the operator gets ready on the rights of its account, leads, and is refused nothing", async () => {
  const operator = await startOperator(plane, { args: ["--leader-elect"] });
  try {
    const lease = await until("the lease is held", async () => {
      const { spec } = await plane.request(
        "GET",
        "/apis/coordination.k8s.io/v1/namespaces/aim-system/leases/3be10d2f.eai.amd.com",
      );
      return spec.holderIdentity || undefined;
    });
    assert.match(lease, new RegExp(`^${Deno.hostname()}_[0-9a-f-]{36}$`));
  } finally {
    await operator.stop();
  }
  const asked = (await plane.auditEvents()).filter(({ user }) => user.username === operator.user);
  assert.ok(asked.some(({ responseStatus }) => responseStatus?.code === 200), "nothing was asked");
  assert.deepEqual(asked.filter(({ responseStatus }) => responseStatus?.code === 403), []);
});

Deno.test("the operator's pod is accepted where the restricted Pod Security Standard is enforced", async () => {
  await plane.apply([{
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "restricted", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  }]);
  const deployment = named(await documentsBelow("operator"), "Deployment", "aim-engine-controller-manager");
  const { serviceAccountName: _, ...spec } = deployment.spec.template.spec;
  await until("the namespace has its account", async () => {
    await kubectl("get", "serviceaccount", "default", "-n", "restricted");
    return true;
  });
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "operator" }, spec };
  const path = "/api/v1/namespaces/restricted/pods?dryRun=All";
  assert.equal((await plane.request("POST", path, pod)).spec.containers[0].name, "manager");
  const { seccompProfile: __, ...lax } = spec.securityContext;
  await assert.rejects(
    plane.request("POST", path, { ...pod, spec: { ...spec, securityContext: lax } }),
    /violates PodSecurity .*seccompProfile/,
  );
});

Deno.test("a download pod's account reports progress by kubectl patch, and may do nothing else", async () => {
  const artifact = {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMArtifact",
    metadata: { name: "weights", namespace: "default" },
    spec: { sourceUri: "hf://a/b" },
  };
  await plane.apply([artifact, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "downloader", namespace: "default" },
  }, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "aim-engine-artifact-status-updater", namespace: "default" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "aim-engine-artifact-status-updater",
    },
    subjects: [{ kind: "ServiceAccount", name: "downloader", namespace: "default" }],
  }]);
  const kubeconfig = await plane.kubeconfigFor("default", "downloader");
  const patch = (body: object, ...more: string[]) =>
    plane.kubectl(
      ["patch", "aimartifact", "weights", "--type=merge", "-p", JSON.stringify(body), ...more],
      "",
      kubeconfig,
    );
  const reported = await patch({ status: { progress: { percentage: 7 } } }, "--subresource=status");
  assert.equal(reported.code, 0, reported.stderr);
  assert.equal(
    await kubectl("get", "aimartifact", "weights", "-o", "jsonpath={.status.progress.percentage}"),
    "7",
  );
  const spec = await patch({ spec: { sourceUri: "hf://c/d" } });
  assert.match(spec.stderr, /forbidden/);
});

/** An overlay, as kubectl renders it. */
async function overlay(name: string): Promise<Document[]> {
  return documentsOf(await kubectl("kustomize", `${manifestsFolder}/overlays/${name}`));
}

Deno.test("overlays: a network policy, a ServiceMonitor, a verified certificate, an authority, joined roles", async () => {
  const [policy] = (await overlay("network-policy")).filter(({ kind }) => kind === "NetworkPolicy");
  assert.equal(policy.metadata?.name, "aim-engine-allow-metrics-traffic");
  assert.deepEqual(policy.spec.ingress[0].from, [
    { namespaceSelector: { matchLabels: { metrics: "enabled" } } },
  ]);
  await plane.apply([policy]); // the API server takes it as it is

  const monitoring = await overlay("monitoring");
  const monitored = named(monitoring, "ServiceMonitor", "aim-engine-controller-manager-metrics-monitor");
  assert.deepEqual(monitored.spec.endpoints[0].tlsConfig, { insecureSkipVerify: true });
  named(monitoring, "PrometheusRule", "aim-engine-alerts");
  const dashboard = named(monitoring, "ConfigMap", "aim-engine-dashboard");
  assert.equal(dashboard.metadata?.namespace, "aim-system");
  assert.equal(dashboard.metadata?.labels?.grafana_dashboard, "1");
  assert.equal(JSON.parse(dashboard.data["aim-operator.json"]).title, "AIM operator");
  await plane.apply([dashboard]);

  const certified = await overlay("monitoring-with-certificate");
  const verified = named(certified, "ServiceMonitor", "aim-engine-controller-manager-metrics-monitor");
  assert.deepEqual(verified.spec.endpoints[0].tlsConfig, {
    serverName: "aim-engine-controller-manager-metrics-service.aim-system.svc",
    insecureSkipVerify: false,
    ca: { secret: { name: "metrics-server-cert", key: "ca.crt" } },
  });
  const [container] = named(certified, "Deployment", "aim-engine-controller-manager")
    .spec.template.spec.containers;
  assert.ok(container.args.includes("--metrics-cert-path=/tmp/k8s-metrics-server/metrics-certs"));
  assert.equal(container.volumeMounts[0].mountPath, "/tmp/k8s-metrics-server/metrics-certs");
  assert.equal(
    named(certified, "Certificate", "aim-engine-metrics-certs").spec.secretName,
    "metrics-server-cert",
  );

  const [trusting] = named(await overlay("private-authority"), "Deployment", "aim-engine-controller-manager")
    .spec.template.spec.containers;
  const authority = trusting.env.find(({ name }: { name: string }) => name === "DENO_CERT").value;
  const mounts = trusting.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.ok(
    mounts.some((path: string) => authority === `${path}/ca.crt`),
    `${authority} is in none of ${mounts}`,
  );

  const joined = await overlay("aggregated-roles");
  const labels = named(joined, "ClusterRole", "aim-engine-aimservice-editor-role").metadata?.labels;
  assert.equal(labels?.["rbac.authorization.k8s.io/aggregate-to-edit"], "true");
});

Deno.test("overlay namespaced: Roles only, all in the one namespace of the user's kustomization", async () => {
  const documents = await rendered(plane, {
    "": (manifests) => `namespace: tenant\nresources: [${manifests}/overlays/namespaced]\n`,
  });
  assert.deepEqual(
    documents.filter(({ kind, metadata }) =>
      /Cluster|^Namespace$/.test(kind!) || metadata?.namespace !== "tenant"
    ),
    [],
  );
  for (const { kind, subjects } of documents) {
    if (kind === "RoleBinding") assert.equal(subjects[0].namespace, "tenant");
  }
  const [container] = named(documents, "Deployment", "aim-engine-controller-manager").spec.template.spec
    .containers;
  assert.deepEqual(container.args, [
    "--metrics-bind-address=0",
    "--namespace=$(AIM_SYSTEM_NAMESPACE)",
    "--health-probe-bind-address=:8081",
    "--leader-elect",
  ]);
  assert.deepEqual(container.ports.map(({ name }: { name: string }) => name), ["probes"]);
  // The API server takes all of it as it is.
  await plane.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant" } }, ...documents]);
  await plane.apply(await clusterRead(plane));
});

Deno.test("an operator of other namespaces may do nothing in its own but keep its Lease", async () => {
  const documents = await namespacedManifests(plane, ["ml-team", "research"]);
  const rolesIn = (namespace: string) =>
    documents.filter(({ kind, metadata }) => kind === "Role" && metadata?.namespace === namespace)
      .map(({ metadata }) => metadata!.name).sort();
  assert.deepEqual(rolesIn("aim-system"), ["aim-engine-leader-election-role"]);
  for (const namespace of ["ml-team", "research"]) {
    assert.deepEqual(rolesIn(namespace), ["aim-engine-artifact-status-updater", "aim-engine-manager-role"]);
  }
});

Deno.test("the lines of manifests/README.md for some namespaces, as they are written there", async () => {
  const desk = await Deno.makeTempDir({ prefix: "aim-namespaces-" });
  try {
    await Deno.symlink(manifestsFolder, `${desk}/manifests`);
    for (const name of ["ml-team", "research"]) {
      await plane.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
    }
    const [one, several, ...others] = blocksRunBy(import.meta.url).map(({ text }) => text);
    assert.deepEqual(others, []);
    const argsIn = async (namespace: string) =>
      await kubectl(
        ...["get", "deployment", "aim-engine-controller-manager", "-n", namespace],
        ...["-o", "jsonpath={.spec.template.spec.containers[0].args}"],
      );
    await typed(`cd ${desk}\n${one}`);
    assert.match(await argsIn("ml-team"), /"--namespace=\$\(AIM_SYSTEM_NAMESPACE\)"/);
    await typed(`cd ${desk}\n${several}`);
    assert.match(await argsIn("aim-system"), /"--namespace=ml-team,research"/);
    const roles = await kubectl("get", "roles", "-n", "research", "-o", "name");
    assert.match(roles, /aim-engine-manager-role/);
    assert.match(await kubectl("get", "clusterroles", "-o", "name"), /aim-engine/);
  } finally {
    await Deno.remove(desk, { recursive: true });
  }
});

/** Runs lines of a shell, as a document tells a user to. */
async function typed(lines: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", lines],
    env: { PATH: `${plane.toolsFolder}:${Deno.env.get("PATH")}`, KUBECONFIG: plane.adminKubeconfig },
  }).output();
  assert.ok(success, `${lines}: ${new TextDecoder().decode(stderr)}`);
}

/** What manifests/README.md tells a user to run when the operator went before the objects that it cleans up. */
const clearFinalizers = documentAt("manifests/README.md").blocks.at(-1)!.text;

Deno.test("kubectl delete -k removes everything; finalizers that nobody clears any more go by one command", async () => {
  await plane.apply([{
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: {
      name: "left",
      namespace: "default",
      finalizers: ["aim.eai.amd.com/template-cache-cleanup"],
    },
    spec: { model: { name: "none" } },
  }]);
  await kindsServed(plane);
  const deleted = kubectl("delete", "-k", manifestsFolder, "--ignore-not-found", "--timeout=5m");
  await until(
    "the service is being deleted",
    async () => await kubectl("get", "aimservice", "left", "-o", "jsonpath={.metadata.deletionTimestamp}"),
  );
  await typed(clearFinalizers);
  await deleted;
  const left = await plane.kubectl(["get", "-k", manifestsFolder, "--ignore-not-found", "-o", "name"]);
  assert.equal(left.stdout, "");
  const crds = await kubectl("get", "customresourcedefinitions", "-o", "name");
  assert.doesNotMatch(crds, /aim\.eai\.amd\.com/);
});
