/** `kubectl aim` beside a running operator: what a user sees of a service that runs, of one that does not, and of rights. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoFlags } from "../../lib/cli/permissions.ts";
import { clusterModel, clusterTemplate, model, service } from "./catalogue.ts";
import { onlyReal } from "./half.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import { installPlugin } from "../plugin.ts";
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

/** It with the permissions of its compiled file; with the rights of an administrator unless a kubeconfig says otherwise. */
function command(args: readonly string[], kubeconfig = installation.plane.adminKubeconfig): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...denoFlags,
      program,
      ...args,
    ],
    env: { KUBECONFIG: kubeconfig, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it to its end. */
async function aim(args: readonly string[], kubeconfig?: string) {
  const { code, stdout, stderr } = await command(args, kubeconfig).output();
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

/** Runs what stays; whatever comes of it, it does not stay. */
async function whileItRuns(
  args: readonly string[],
  look: (said: Said, process: Deno.ChildProcess) => Promise<void>,
): Promise<{ code: number; complaint: string }> {
  const process = command(args).spawn();
  const complaint = new Response(process.stderr).text();
  const said = new Said(process.stdout);
  let isOver = false;
  process.status.then(() => isOver = true);
  try {
    await look(said, process);
    return { code: (await process.status).code, complaint: await complaint };
  } finally {
    if (!isOver) process.kill("SIGKILL");
    await said.close();
  }
}

Deno.test("a table that is watched shows what changes, and ends by ctrl-c with the code of kubectl", async () => {
  const ended = await whileItRuns(["status", "-n", "ml-team", "--watch"], async (said, process) => {
    await said.until(/^ml-team +lost +Failed/m);
    await user.apply([service("later", "ml-team", { model: { name: "no-such-model" } })]);
    await said.until(/^ml-team +later +Failed +model +ModelNotFound$/m);
    process.kill("SIGINT");
  });
  assert.deepEqual(ended, { code: 130, complaint: "" });
});

Deno.test("one service that is watched is told anew as JSON, each a whole document", async () => {
  const { code, complaint } = await whileItRuns(
    ["status", "later", "-n", "ml-team", "-w", "-o", "json"],
    async (said) => {
      await said.until(/"state": "Failed"/);
      await user.apply([model("no-such-model", "ml-team")]);
      await said.until(/\n}\n\n{\n(.*\n)*? {6}"name": "no-such-model"/);
      await user.kubectl("delete", "aimservice/later", "-n", "ml-team", "--timeout=60s");
    },
  );
  await user.kubectl("delete", "aimmodel/no-such-model", "-n", "ml-team", "--timeout=60s");
  assert.equal(code, 1);
  assert.match(complaint, /^error: there is no AIMService "later" in namespace ml-team: /);
});

Deno.test("a pipe that nobody reads any more ends it without a complaint", async () => {
  const ended = await whileItRuns(["status", "-n", "ml-team", "-w"], async (said) => {
    await said.until(/^ml-team +chat /m);
    await said.close();
    await user.apply([service("unread", "ml-team", { model: { name: "no-such-model" } })]);
  });
  assert.deepEqual(ended, { code: 0, complaint: "" });
});

Deno.test("kubectl completes the words of its plugin: names of services and namespaces, of the cluster", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await installPlugin(folder);
    const { adminKubeconfig, toolsFolder } = installation.plane;
    const words = async (...args: readonly string[]) => {
      const { stdout } = await new Deno.Command("kubectl", {
        args: ["__complete", "aim", ...args],
        env: { KUBECONFIG: adminKubeconfig, PATH: `${folder}:${toolsFolder}:${Deno.env.get("PATH")}` },
      }).output();
      return new TextDecoder().decode(stdout).split("\n").map((line) => line.split("\t")[0]);
    };
    assert.deepEqual(await words("why", "-n", "ml-team", "ch"), ["chat", ":4", ""]);
    assert((await words("status", "-n", "ml-team", "")).includes("lost"));
    assert((await words("status", "-n", "ml")).includes("ml-team"));
    assert.deepEqual(await words("why", "-n", "nowhere", ""), [":4", ""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What a process says, as it comes. */
class Said {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Fails when it ends before. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text)) {
      const { value, done } = await this.#reader.read();
      if (done) assert.fail(`it ended without ${pattern}: ${this.#text}`);
      this.#text += value;
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

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
