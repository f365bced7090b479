/** `kubectl aim` beside a running operator: what a user sees of a service that runs, of one that does not, and of rights. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoFlags } from "../../lib/cli/permissions.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { onlyReal } from "./half.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { User } from "./user.ts";

const program = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
    service("chat", "ml-team", { model: { name: "qwen" } }),
    service("lost", "ml-team", { model: { name: "no-such-model" } }),
  ]);
  await user.kubectl("wait", "--for=condition=Ready", "aimservice/chat", "-n", "ml-team", "--timeout=60s");
  await user.kubectl(
    "wait",
    "--for=condition=ModelReady=false",
    "aimservice/lost",
    "-n",
    "ml-team",
    "--timeout=60s",
  );
});

Deno.test.afterAll(() => uninstall(installation));

/** Runs it with the permissions of its compiled file; with the rights of an administrator unless a kubeconfig says otherwise. */
async function aim(args: readonly string[], kubeconfig = installation.plane.adminKubeconfig) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...denoFlags,
      program,
      ...args,
    ],
    env: { KUBECONFIG: kubeconfig, NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), complaint: text(stderr) };
}

Deno.test("the path of a service that runs has an object for each part, and none is broken", async () => {
  const { code, out, complaint } = await aim(["status", "chat", "-n", "ml-team", "-o", "json"]);
  assert.equal(code, 0, complaint);
  const path = JSON.parse(out);
  assert.equal(path.state, "Running");
  assert.equal(path.broken, undefined);
  const parts = path.links.map(({ part }: { part: string }) => part);
  assert.deepEqual(parts, ["model", "template", "cache", "artifact", "endpoint", "pods"]);
  for (const { part, name } of path.links) assert.notEqual(name, "", part);
});

Deno.test("a service that does not run says at which part, why, and what helps; the table says where", async () => {
  const { out } = await aim(["status", "lost", "-n", "ml-team"]);
  assert.match(out, /^-> {2}model {2}/m);
  assert.match(out, /^The path breaks at the model: ModelNotFound\n {2}.*no-such-model.*\n {2}What helps: /m);
  const { out: all } = await aim(["status", "-A"]);
  assert.match(all, /^ml-team +lost +Failed +model +ModelNotFound$/m);
  assert.match(all, /^ml-team +chat +Running$/m);
});

Deno.test("why tells the choice as the operator made it, and what another template lacks", async () => {
  const { code, out, complaint } = await aim(["why", "chat", "-n", "ml-team", "-o", "json"]);
  assert.equal(code, 0, complaint);
  const why = JSON.parse(out);
  const { resolvedTemplate } = (await user.get("aimservice", "chat", "ml-team")).status;
  assert.equal(why.standsOn.name, resolvedTemplate.name);
  assert.equal(why.wouldChoose, resolvedTemplate.name);
  const { out: not } = await aim(["why", "chat", "-n", "ml-team", "--not", "qwen-throughput"]);
  assert.match(not, /^qwen-throughput +Cluster +score +metric throughput ranks below latency/m);
});

Deno.test("it asks, and writes nothing", async () => {
  const asked = (await installation.plane.auditEvents()).filter(({ userAgent }) =>
    userAgent?.startsWith("kubectl-aim")
  );
  assert(asked.length > 0, "it names itself");
  assert.deepEqual([...new Set(asked.map(({ verb }) => verb))].sort(), ["list"]);
});

Deno.test("a better template that came later is told, and taken once the user agrees", async () => {
  await user.apply([clusterTemplate("qwen-better", "qwen", { precision: "fp4" })]);
  await user.kubectl(
    "wait",
    "--for=jsonpath={.status.status}=Ready",
    "aimclusterservicetemplate/qwen-better",
    "--timeout=60s",
  );
  const { out: told } = await aim(["status", "chat", "-n", "ml-team"]);
  assert.match(
    told,
    /^It would choose qwen-better now: precision .* pod would restart, .* would be downloaded/m,
  );
  const unasked = await aim(["rebind", "chat", "-n", "ml-team"]);
  assert.equal(unasked.code, 1);
  assert.match(unasked.complaint, /^error: there is nobody to ask: say --yes/);
  const { resolvedTemplate } = (await user.get("aimservice", "chat", "ml-team")).status;
  assert.notEqual(resolvedTemplate.name, "qwen-better");
  const { code, out, complaint } = await aim(["rebind", "chat", "-n", "ml-team", "--yes"]);
  assert.equal(code, 0, complaint);
  assert.match(out, /^to AIMClusterServiceTemplate qwen-better: /m);
  await user.kubectl(
    "wait",
    "--for=jsonpath={.status.resolvedTemplate.name}=qwen-better",
    "aimservice/chat",
    "-n",
    "ml-team",
    "--timeout=60s",
  );
  const { out: after } = await aim(["rebind", "chat", "-n", "ml-team"]);
  assert.match(after, /stay on its template/);
});

onlyReal(
  "rights",
  "who may read only the own namespace sees its services, and is told what is not seen",
  async () => {
    await user.apply([
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace: "ml-team" } },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "reader", namespace: "ml-team" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "ml-team" }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "aim-reader", namespace: "ml-team" },
        rules: [{ apiGroups: ["aim.eai.amd.com"], resources: ["*"], verbs: ["get", "list"] }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "aim-reader", namespace: "ml-team" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "aim-reader" },
        subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "ml-team" }],
      },
    ]);
    const reader = await installation.plane.kubeconfigFor("ml-team", "reader");
    const { code, out, complaint } = await aim(["why", "chat", "-n", "ml-team"], reader);
    assert.equal(code, 0, complaint);
    assert.match(out, /Not seen, since you may not list them: .*aimclustermodels\.aim\.eai\.amd\.com/);
    const refused = await aim(["status", "-A"], reader);
    assert.equal(refused.code, 1);
    assert.match(
      refused.complaint,
      /^error: you may not list aimservices\.aim\.eai\.amd\.com in all namespaces/,
    );
  },
);
