/** `kubectl aim` beside a running operator: what a user sees of a service that runs, of one that does not, and of rights. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoFlags } from "../../lib/cli/permissions.ts";
import { blocksRunBy, documentAt } from "../documents/markdown.ts";
import { clusterModel, clusterTemplate, model, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import { installPlugin } from "../plugin.ts";
import { missingOf, shells, wordAfterTab } from "./shells.ts";
import type { AnyObject, User } from "./user.ts";

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
  ]);
  await user.clusterTemplatesReady("qwen-latency", "qwen-throughput");
  await user.apply([
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
function command(
  args: readonly string[],
  kubeconfig = installation.plane.adminKubeconfig,
  cwd?: string,
): Deno.Command {
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
    ...(cwd !== undefined && { cwd }),
  });
}

/** Runs it to its end. */
async function aim(args: readonly string[], kubeconfig?: string, cwd?: string) {
  const { code, stdout, stderr } = await command(args, kubeconfig, cwd).output();
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
  assert.match(all, /^ml-team +lost +Failed +model +ModelNotFound \(AIM-0101\)$/m);
  assert.match(all, /^ml-team +chat +Running$/m);
});

Deno.test("of a service with two faults each is told with what helps against it, and so is a config that is refused", async () => {
  await user.apply([
    {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMRuntimeConfig",
      metadata: { name: "odd", namespace: "ml-team" },
      spec: { routing: { enabled: true, pathTemplate: "/{.metadata.nmespace}" } },
    },
    service("twice", "ml-team", { model: { name: "no-such-model" }, runtimeConfigName: "odd" }),
  ]);
  await user.condition("aimservice", "twice", "HTTPRouteReady", "GatewayNotConfigured", "ml-team");
  await user.condition("aimruntimeconfig", "odd", "Ready", "InvalidSpec", "ml-team");
  const { out } = await aim(["status", "twice", "-n", "ml-team"]);
  assert.match(out, /^-- {2}config +odd +InvalidSpec +AIMRuntimeConfig: .*nmespace/m);
  const [, first, second] = /^The path breaks at the model: ([^]*)^And at the route: ([^]*)/m.exec(out) ?? [];
  assert.match(first, /no-such-model/);
  assert.doesNotMatch(first, /gateway/);
  assert.match(second, /What helps: Set `routing\.gatewayRef`/);
  await user.kubectl("delete", "aimservice/twice", "aimruntimeconfig/odd", "-n", "ml-team");
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
    await said.until(/^ml-team +later +Failed +model +ModelNotFound \(AIM-0101\)$/m);
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

for (const shell of Object.keys(shells)) {
  const missing = missingOf(shell);
  Deno.test({
    name: `in ${shell} Tab goes on with commands, options, names of the cluster and files${
      missing === undefined ? "" : ` (not run: ${missing})`
    }`,
    ignore: missing !== undefined,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await installPlugin(folder);
        await Deno.mkdir(`${folder}/catalogue`);
        const { adminKubeconfig } = installation.plane;
        const env = { KUBECONFIG: adminKubeconfig, PATH: `${folder}:${Deno.env.get("PATH")}`, NO_COLOR: "1" };
        for (
          const [line, word] of [
            ["sta", "status"],
            ["status --name", "--namespace"],
            ["why -n ml-team ch", "chat"],
            ["test ./cat", "./catalogue/"],
            ["plan -f ./cat", "./catalogue/"],
          ]
        ) {
          assert.equal(await wordAfterTab(shell, `kubectl-aim ${line}`, { cwd: folder, env }), word, line);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

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

/** Runs the commands of a document that name this test, each by itself. */
function typed(file: string, folder?: string) {
  const lines = blocksRunBy(import.meta.url).filter((block) => block.file === file).flatMap(({ text }) =>
    text.split("\n")
  );
  assert(lines.length > 0, file);
  return Promise.all(lines.map((line) => {
    const [, args] = /^kubectl aim ([^>]+)/.exec(line)!;
    return aim(args.trim().split(" "), undefined, folder);
  }));
}

Deno.test("fit counts what the nodes have left, and says what more would need", async () => {
  const { code, out, complaint } = await aim(["fit", "chat", "-n", "ml-team", "-o", "json"]);
  assert.equal(code, 0, complaint);
  const fit = JSON.parse(out);
  assert.equal(fit.running, 1);
  const gpus = Number(fit.each["amd.com/gpu"]);
  const nodes: AnyObject[] = (await installation.plane.request("GET", "/api/v1/nodes")).items;
  const pods: AnyObject[] = (await installation.plane.request("GET", "/api/v1/pods")).items;
  const { nodeSelectorTerms: [{ matchExpressions: [{ values }] }] } =
    (await user.get("inferenceservice", await endpointOf("chat"), "ml-team"))
      .spec.predictor.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  const places = nodes.filter(({ metadata }) => values.includes(metadata.labels?.["amd.com/gpu.device-id"]));
  const free = places.map(({ metadata, status }) => {
    const there = pods.filter(({ spec, status }) =>
      spec.nodeName === metadata.name && !["Succeeded", "Failed"].includes(status.phase)
    );
    const used = there.flatMap(({ spec }) => spec.containers).reduce(
      (sum, { resources }) => sum + Number(resources?.limits?.["amd.com/gpu"] ?? 0),
      0,
    );
    return Math.floor((Number(status.allocatable["amd.com/gpu"]) - used) / gpus);
  });
  assert.equal(fit.fits, free.reduce((sum, each) => sum + each, 0));
  const { out: more } = await aim(["fit", "chat", "-n", "ml-team", "--replicas", String(fit.fits + 2)]);
  assert.match(
    more,
    new RegExp(`^For ${fit.fits + 2} it is short of ${gpus} amd\\.com/gpu \\(nodes\\)`, "m"),
  );
  const { out: all } = await aim(["fit", "--model", "qwen", "-n", "ml-team"]);
  assert.match(all, /^TEMPLATE +FIT +A REPLICA/m);
  assert.match(
    (await aim(["fit", "--template", "qwen-latency", "-n", "ml-team"])).out,
    /^template qwen-latency in namespace ml-team: /,
  );
});

async function endpointOf(name: string): Promise<string> {
  const [{ metadata }] = await user.list(
    "inferenceservice",
    "ml-team",
    `aim.eai.amd.com/service.name=${name}`,
  );
  return metadata.name;
}

Deno.test("test judges a catalogue without a cluster, and ends with 1 where something is otherwise", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aim-catalogue-" });
  try {
    const { blocks } = documentAt("docs/kubectl-aim/test.md");
    const yaml = blocks.find(({ language }) => language === "yaml")!.text;
    await Deno.mkdir(`${folder}/catalogue`);
    await Deno.writeTextFile(`${folder}/catalogue/tests.yaml`, yaml);
    const [good, report] = await typed("docs/kubectl-aim/test.md", folder);
    assert.deepEqual([good.code, good.out], [0, "4 passed."], good.complaint);
    assert.match(report.out, /<testsuites name="kubectl aim test" tests="4" failures="0" errors="0" /);
    await Deno.writeTextFile(
      `${folder}/catalogue/tests.yaml`,
      yaml.replace("template: latency-mi325x", "template: other"),
    );
    const bad = await aim(["test", `${folder}/catalogue`], "/nowhere/config");
    assert.equal(bad.code, 1);
    assert.match(
      bad.out,
      /^FAIL .*tests\.yaml:\d+ the newest GPU is taken\n {2}template: expected other, got latency-mi325x$/m,
    );
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

  /** Fails when it ends before, or says nothing of the kind for a minute. */
  async until(pattern: RegExp): Promise<void> {
    const timer = setTimeout(() => this.#reader.cancel(), 60_000);
    try {
      while (!pattern.test(this.#text)) {
        const { value, done } = await this.#reader.read();
        if (done) assert.fail(`it did not say ${pattern}: ${this.#text}`);
        this.#text += value;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** Something that is broken: what is applied for it, and what the doctor says of it. */
const broken: readonly (readonly [check: string, about: RegExp, objects: readonly AnyObject[]])[] = [
  ["pull-secret-type", /^Secret ml-team\/wrong$/, [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "wrong", namespace: "ml-team" },
      stringData: { password: "hidden-word" },
    },
    {
      ...service("paused", "ml-team", { model: { name: "qwen" }, imagePullSecrets: [{ name: "wrong" }] }),
      metadata: {
        name: "paused",
        namespace: "ml-team",
        annotations: { "aim.eai.amd.com/reconciliation-paused": "true" },
      },
    },
  ]],
  ["storage-class-unknown", /^StorageClass nowhere$/, [{
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMRuntimeConfig",
    metadata: { name: "unused", namespace: "ml-team" },
    spec: { storage: { defaultStorageClassName: "nowhere" } },
  }]],
  ["gateway-class-missing", /^GatewayClass$/, [{
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMRuntimeConfig",
    metadata: { name: "routed", namespace: "ml-team" },
    spec: { routing: { enabled: true, gatewayRef: { name: "front", namespace: "gateways" } } },
  }]],
];

Deno.test("doctor finds each thing that is broken, alone, and writes nothing", async (t) => {
  const findings = async () => {
    const { out, complaint } = await aim(["doctor", "-o", "json"]);
    assert.notEqual(out, "", complaint);
    return JSON.parse(out).findings as { check: string; about: string; fix: string }[];
  };
  // The operator is a process beside the cluster, and its Deployment at 0.
  assert.deepEqual((await findings()).map(({ check }) => check), ["operator-stopped"]);
  for (const [check, about, objects] of broken) {
    await t.step(check, async () => {
      await installation.plane.apply(objects);
      const found = (await findings()).filter(({ check }) => check !== "operator-stopped");
      assert.deepEqual(found.map(({ check }) => check), [check]);
      assert.match(found[0].about, about);
      const text = objects.map((each) => JSON.stringify(each)).join("\n---\n");
      const { code, stderr } = await installation.plane.kubectl(["delete", "-f", "-"], text);
      assert.equal(code, 0, stderr);
    });
  }
  const [{ code, out, complaint }, data] = await typed("docs/kubectl-aim/doctor.md");
  assert.deepEqual([code, data.code, JSON.parse(data.out).findings.length], [1, 1, 1]);
  assert.match(out, /^operator-stopped: Deployment aim-system\/aim-engine-controller-manager$/m);
  assert.match(complaint, /^error: one thing is broken$/);
  const verbs = new Set(
    (await installation.plane.auditEvents()).filter(({ userAgent }) => userAgent?.startsWith("kubectl-aim"))
      .map(({ verb }) => verb),
  );
  const writes = [...verbs].filter((verb) => !["get", "list", "watch"].includes(verb));
  // The one patch is that of rebind, above.
  assert.deepEqual(writes, ["patch"]);
});

Deno.test(
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
