/** `kubectl aim plan` and `snapshot` beside a running operator: what is foreseen comes, and nothing is written meanwhile. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { plainOf } from "../../lib/cli/plan/changes.ts";
import { denoFlags } from "../../lib/cli/permissions.ts";
import type { PlanResult } from "../../lib/cli/plan/plan.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

const program = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));

let installation: Installation;
let user: User;
let folder: string;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  folder = await Deno.makeTempDir();
  await user.namespace("ml-team");
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
  ]);
  await user.clusterTemplatesReady("qwen-latency", "qwen-throughput");
  await user.apply([service("chat", "ml-team", { model: { name: "qwen" } })]);
  await runs("chat");
});

Deno.test.afterAll(async () => {
  await uninstall(installation);
  if (folder !== undefined) await Deno.remove(folder, { recursive: true });
});

const runs = (name: string) =>
  user.kubectl("wait", "--for=condition=Ready", `aimservice/${name}`, "-n", "ml-team", "--timeout=60s");

/** Arguments for Deno that run it with the permissions that it has when it is compiled. */
const started = ["run", "--quiet", "--no-check", ...denoFlags, program];

async function aim(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...started, ...args],
    env: { KUBECONFIG: installation.plane.adminKubeconfig, NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), complaint: text(stderr).trim() };
}

async function plan(...args: string[]): Promise<PlanResult> {
  const { code, out, complaint } = await aim("plan", ...args, "-o", "json");
  assert.equal(code, 2, complaint);
  return JSON.parse(out);
}

async function file(object: AnyObject): Promise<string> {
  const path = `${folder}/${object.metadata.name}.yaml`;
  await Deno.writeTextFile(path, stringify(object));
  return path;
}

const uids = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What is there, as a plan shows what it foresees. */
async function textOf(kind: string, name: string): Promise<string> {
  const object = plainOf(await user.get(kind, name, "ml-team") as never, new Map()) as AnyObject;
  // KServe's own marks: it is not foreseen what others make of an object.
  delete object.metadata.annotations?.["serving.kserve.io/deploymentMode"];
  if (object.metadata.finalizers?.join() === "inferenceservice.finalizers") delete object.metadata.finalizers;
  return stringify(object, { sortMapEntries: true, lineWidth: 0 })
    .replace(uids, "(its UID)");
}

Deno.test("a service is planned, then applied: each object that comes is the one that was foreseen", async () => {
  const path = await file(
    service("next", "ml-team", {
      model: { name: "qwen" },
      template: { name: "qwen-throughput" },
      replicas: 2,
    }),
  );
  const { changes, choices, anyway } = await plan("-f", path);
  assert.deepEqual(anyway, []);
  assert.deepEqual(choices.map(({ after }) => after?.name), ["qwen-throughput"]);
  await user.kubectl("apply", "-f", path);
  await runs("next");
  const compared = changes.filter(({ how, kind }) =>
    how === "create" && ["AIMTemplateCache", "AIMArtifact", "InferenceService"].includes(kind)
  );
  assert.ok(
    compared.some(({ kind }) => kind === "InferenceService"),
    JSON.stringify(changes.map(({ kind }) => kind)),
  );
  for (const { kind, name, diff } of compared) {
    const foreseen = diff.map((line) => `${line.slice(1)}\n`).join("");
    assert.equal(foreseen, await textOf(kind.toLowerCase(), name), `${kind} ${name}`);
  }
  const { code } = await aim("plan", "-f", path);
  assert.equal(code, 0, "nothing is left to do");
});

Deno.test("a snapshot of it decides the same elsewhere", async () => {
  const { code, out, complaint } = await aim("snapshot", "-n", "ml-team");
  assert.equal(code, 0, complaint);
  const bundle = `${folder}/bundle.json`;
  await Deno.writeTextFile(bundle, out);
  for (
    const args of [["why", "chat", "-o", "json"], ["why", "next", "-o", "json"], [
      "status",
      "chat",
      "-o",
      "json",
    ]]
  ) {
    const there = await aim(...args, "-n", "ml-team");
    const here = await aim("replay", bundle, ...args, "-n", "ml-team");
    assert.equal(here.code, 0, here.complaint);
    assert.deepEqual(JSON.parse(here.out), JSON.parse(there.out), args.join(" "));
  }
});

Deno.test("what a build would write to a cluster that it runs already is nothing", async () => {
  const { code, out, complaint } = await aim("plan", "--upgrade");
  assert.equal(code, 0, complaint + out);
});

Deno.test("all that was sent are questions", async () => {
  const asked = (await installation.plane.auditEvents()).filter(({ userAgent }) =>
    userAgent?.startsWith("kubectl-aim")
  );
  assert.ok(asked.length > 0, "it names itself");
  assert.deepEqual([...new Set(asked.map(({ verb }) => verb))].sort(), ["get", "list"]);
});

Deno.test("a reader who has had enough ends it without a word", async () => {
  const path = await file(service("piped", "ml-team", { model: { name: "qwen" } }));
  const child = new Deno.Command("sh", {
    args: ["-c", `"$0" "$@" | head -1`, Deno.execPath(), ...started, "plan", "-f", path],
    env: { KUBECONFIG: installation.plane.adminKubeconfig },
  });
  const { stdout, stderr } = await child.output();
  assert.match(new TextDecoder().decode(stdout), /^In the cluster \d+ objects would be created/);
  assert.equal(new TextDecoder().decode(stderr), "");
});

Deno.test(
  "who may read only the own namespace plans in it, and is told what is not seen",
  async () => {
    const group = "rbac.authorization.k8s.io";
    const subjects = [{ kind: "ServiceAccount", name: "planner", namespace: "ml-team" }];
    const metadata = (name: string) => ({ name, namespace: "ml-team" });
    await user.apply([
      { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata("planner") },
      {
        apiVersion: `${group}/v1`,
        kind: "RoleBinding",
        metadata: metadata("planner"),
        roleRef: { apiGroup: group, kind: "ClusterRole", name: "view" },
        subjects,
      },
      {
        apiVersion: `${group}/v1`,
        kind: "Role",
        metadata: metadata("aim-planner"),
        rules: [{ apiGroups: ["aim.eai.amd.com"], resources: ["*"], verbs: ["get", "list"] }],
      },
      {
        apiVersion: `${group}/v1`,
        kind: "RoleBinding",
        metadata: metadata("aim-planner"),
        roleRef: { apiGroup: group, kind: "Role", name: "aim-planner" },
        subjects,
      },
    ]);
    const reader = await installation.plane.kubeconfigFor("ml-team", "planner");
    const path = await file(service("chat", "ml-team", { model: { name: "qwen" }, replicas: 3 }));
    const { code, out, complaint } = await aim(
      ...["plan", "-f", path, "--kubeconfig", reader, "-n", "ml-team", "-o", "json"],
    );
    assert.notEqual(code, 1, complaint);
    const { unseen, changes } = JSON.parse(out) as PlanResult;
    assert.ok(unseen.includes("aimclustermodels.aim.eai.amd.com"), unseen.join());
    assert.ok(unseen.includes("nodes"), unseen.join());
    assert.ok(changes.some(({ kind, how }) => kind === "AIMService" && how === "change"));
    assert.ok(!changes.some(({ how }) => how === "delete"), "what is not seen is not taken to be gone");
  },
);
