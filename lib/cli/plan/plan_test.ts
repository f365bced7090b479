import assert from "node:assert/strict";
import { join } from "node:path";
import { stringify } from "yaml";
import { clusterModel, clusterTemplate, service } from "../../../tests/e2e/catalogue.ts";
import { gpuNode } from "../../../tests/control_plane/nodes.ts";
import { run } from "../program.ts";
import type { PlanResult } from "./plan.ts";

/** What one call says, and with what it ends. */
async function said(...args: string[]) {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await run(args, {
    terminal: {
      isColoured: false,
      print: (lines) => out.push(...lines),
      complain: (line) => complaints.push(line),
      ask: () => undefined,
    },
  });
  return { code, out: out.join("\n"), complaints: complaints.join("\n") };
}

/** A folder with these files in it, for as long as the work takes. */
async function withFiles<T>(
  files: Readonly<Record<string, unknown>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      const objects = Array.isArray(content) ? content : [content];
      await Deno.writeTextFile(
        path,
        typeof content === "string" ? content : objects.map((each) => stringify(each)).join("---\n"),
      );
    }
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const catalogue = [
  gpuNode("n1", { model: "MI300X", count: 8 }),
  clusterModel("qwen"),
  clusterTemplate("qwen-latency", "qwen"),
  clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
];
const chat = service("chat", "ml-team", { model: { name: "qwen" } });

async function planned(folder: string, ...args: string[]): Promise<PlanResult & { code: number }> {
  const { code, out, complaints } = await said(
    "plan",
    "--from",
    join(folder, "state"),
    ...args,
    "-o",
    "json",
  );
  assert.notEqual(code, 1, complaints);
  return { ...JSON.parse(out), code };
}

const brief = ({ changes }: PlanResult) => changes.map(({ how, kind, name }) => `${how} ${kind} ${name}`);

Deno.test("a service on a catalogue: the template with its reason, every child, what it downloads and needs", async () => {
  await withFiles({ "state/all.yaml": catalogue, "chat.yaml": chat }, async (folder) => {
    const plan = await planned(folder, "-f", join(folder, "chat.yaml"));
    assert.equal(plan.code, 2);
    const kinds = plan.changes.filter(({ how }) => how === "create").map(({ kind }) => kind);
    for (
      const kind of [
        "AIMService",
        "AIMTemplateCache",
        "AIMArtifact",
        "PersistentVolumeClaim",
        "Job",
        "InferenceService",
      ]
    ) {
      assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
    }
    assert.deepEqual(plan.choices.map(({ name, after }) => [name, after]), [
      ["chat", { name: "qwen-latency", scope: "Cluster" }],
    ]);
    assert.match(plan.choices[0].because, /latency/);
    assert.deepEqual(plan.downloads.map(({ source, bytes }) => [source, bytes]), [
      ["hf://example/qwen", 16 * 2 ** 30],
    ]);
    assert.deepEqual(plan.gpus.map(({ resource, more, free, of }) => [resource, more, free, of]), [
      ["amd.com/gpu", 1, 8, 8],
    ]);
    assert.deepEqual(plan.unknown, []);
  });
});

Deno.test("what is there already changes nothing, and ends with 0", async () => {
  await withFiles({ "state/all.yaml": [...catalogue, chat], "chat.yaml": chat }, async (folder) => {
    const plan = await planned(folder, "-f", join(folder, "chat.yaml"));
    assert.deepEqual(brief(plan), []);
    assert.equal(plan.code, 0);
  });
});

Deno.test("a change of a service is a diff of what is made of it, with the pods that restart", async () => {
  const more = service("chat", "ml-team", { model: { name: "qwen" }, env: [{ name: "A", value: "1" }] });
  await withFiles({ "state/all.yaml": [...catalogue, chat], "chat.yaml": more }, async (folder) => {
    const plan = await planned(folder, "-f", join(folder, "chat.yaml"));
    const endpoint = plan.changes.find(({ kind }) => kind === "InferenceService")!;
    assert.equal(endpoint.how, "change");
    assert.ok(endpoint.diff.some((line) => /^\+ +- name: A$/.test(line)), endpoint.diff.join("\n"));
    assert.deepEqual(plan.restarts.map(({ pods, replaced }) => [pods, replaced]), [[1, true]]);
    assert.deepEqual(plan.downloads, []);
  });
});

Deno.test("of weights that nobody has measured no size is made up", async () => {
  const sources = [{ modelId: "example/new", sourceUri: "hf://example/new" }];
  const unmeasured = [clusterModel("new"), clusterTemplate("new-latency", "new", { modelSources: sources })];
  const wanted = service("chat", "ml-team", { model: { name: "new" } });
  await withFiles(
    { "state/all.yaml": [...catalogue, ...unmeasured], "chat.yaml": wanted },
    async (folder) => {
      const plan = await planned(folder, "-f", join(folder, "chat.yaml"));
      assert.deepEqual(plan.downloads.map(({ bytes }) => bytes), [undefined]);
      assert.match(
        plan.unknown.join("\n"),
        /^size unknown until the artifact is measured: hf:\/\/example\/new/m,
      );
      assert.ok(!brief(plan).some((each) => each.startsWith("create InferenceService")));
      const { out } = await said("plan", "--from", join(folder, "state"), "-f", join(folder, "chat.yaml"));
      assert.match(out, /of a size that is not known yet would be downloaded/);
    },
  );
});

Deno.test("of an image whose registry is not asked, that is said", async () => {
  const wanted = service("chat", "ml-team", { model: { image: "registry.example.com/org/x:1" } });
  await withFiles({ "state/all.yaml": catalogue, "chat.yaml": wanted }, async (folder) => {
    const plan = await planned(folder, "-f", join(folder, "chat.yaml"));
    assert.match(
      plan.unknown.join("\n"),
      /what image registry\.example\.com\/org\/x:1 says about itself is not known/,
    );
    assert.match(brief(plan).join("\n"), /create AIMModel /);
  });
});

Deno.test("a node that goes takes the templates that need its GPU", async () => {
  await withFiles({ "state/all.yaml": [...catalogue, chat] }, async (folder) => {
    const plan = await planned(folder, "--node-gone", "n1");
    assert.match(brief(plan).join("\n"), /delete Node n1/);
    const word = plan.states.find(({ name }) => name === "qwen-latency");
    assert.deepEqual([word?.before, word?.after], ["Ready", "NotAvailable"]);
    const { code, complaints } = await said("plan", "--from", join(folder, "state"), "--node-gone", "n11");
    assert.equal(code, 1);
    assert.match(complaints, /there is no Node "n11": did you mean n1\?/);
  });
});

Deno.test("a comment for a pull request has a diff for each object, and says what happens in its head", async () => {
  await withFiles({ "state/all.yaml": catalogue, "chat.yaml": chat }, async (folder) => {
    const { code, out } = await said(
      ...["plan", "--from", join(folder, "state"), "-f", join(folder, "chat.yaml"), "-o", "markdown"],
    );
    assert.equal(code, 2);
    assert.match(out, /^### In folder .* \d+ objects would be created, 0 changed, 0 deleted\.$/m);
    assert.match(out, /^<details><summary>create InferenceService <code>ml-team\/chat-/m);
    assert.match(out, /^```diff\n\+apiVersion: /m);
  });
});

Deno.test("bad input ends with 1, and each fault has its place", async () => {
  const rows: readonly (readonly [what: string, content: string, said: RegExp])[] = [
    ["no YAML", "a: 1\nb: [1,\nc: }\n", /x\.yaml:3:\d+: /],
    ["no object", "- 1\n", /x\.yaml:1: this is no Kubernetes object/],
    [
      "no kind",
      "apiVersion: v1\nmetadata: {name: x}\n",
      /x\.yaml:1: this is no Kubernetes object: kind is missing/,
    ],
    ["no name", "apiVersion: v1\nkind: Namespace\n", /x\.yaml:1: this Namespace has no metadata\.name/],
    [
      "a kind that there is not",
      "apiVersion: aim.eai.amd.com/v1alpha1\nkind: AIMServise\nmetadata: {name: x}\n",
      /x\.yaml:1: there is no kind AIMServise in aim\.eai\.amd\.com\/v1alpha1: did you mean AIMService\?/,
    ],
    [
      "a version that there is not",
      "apiVersion: aim.eai.amd.com/v9\nkind: AIMService\nmetadata: {name: x}\n",
      /x\.yaml:1: AIMService of aim\.eai\.amd\.com\/v9: this program knows aim\.eai\.amd\.com\/v1alpha1/,
    ],
    [
      "a field that there is not",
      "---\napiVersion: aim.eai.amd.com/v1alpha1\nkind: AIMService\nmetadata:\n  name: x\nspec:\n  model: {name: m}\n  replcas: 2\n",
      /x\.yaml:8: AIMService default\/x: spec\.replcas: field not declared in schema/,
    ],
    [
      "a value that does not fit",
      "apiVersion: aim.eai.amd.com/v1alpha1\nkind: AIMService\nmetadata:\n  name: x\nspec:\n  model: {name: m}\n  caching:\n    mode: Sometimes\n",
      /x\.yaml:8: AIMService default\/x: spec\.caching\.mode: Unsupported value: "Sometimes"/,
    ],
    [
      "a value of another type",
      "apiVersion: aim.eai.amd.com/v1alpha1\nkind: AIMService\nmetadata:\n  name: x\nspec:\n  model: {name: m}\n  replicas: many\n",
      /x\.yaml:7: AIMService default\/x: spec\.replicas: expected numeric/,
    ],
  ];
  for (const [what, content, message] of rows) {
    await withFiles({ "state/all.yaml": catalogue, "x.yaml": content }, async (folder) => {
      const { code, out, complaints } = await said(
        ...["plan", "--from", join(folder, "state"), "-f", join(folder, "x.yaml")],
      );
      assert.equal(code, 1, what);
      assert.equal(out, "", what);
      assert.match(complaints, message, what);
    });
  }
});

Deno.test("a folder with definitions of another version, files that are not there, and nothing asked", async () => {
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "aimservices.aim.eai.amd.com" },
    spec: { group: "aim.eai.amd.com", versions: [{ name: "v1beta1" }] },
  };
  await withFiles({ "state/crds.yaml": definition, "chat.yaml": chat }, async (folder) => {
    const state = join(folder, "state");
    const rows: [string[], RegExp][] = [
      [
        ["plan", "--from", state, "-f", join(folder, "chat.yaml")],
        /crds\.yaml:1: CustomResourceDefinition aimservices\.aim\.eai\.amd\.com serves v1beta1, and this program knows v1alpha1/,
      ],
      [["plan", "--from", state, "-f", "/nowhere"], /there is no file or folder \/nowhere/],
      [["plan"], /say what is to be planned: -f FILE, --node-gone NODE, or --upgrade/],
      [["plan", "-f", join(folder, "chat.yaml"), "--kubeconfig", "/nowhere"], /\/nowhere/],
    ];
    for (const [args, message] of rows) {
      const { code, complaints } = await said(...args);
      assert.equal(code, 1, args.join(" "));
      assert.match(complaints, message);
    }
  });
});
