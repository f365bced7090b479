import assert from "node:assert/strict";
import { join } from "node:path";
import { blocksRunBy } from "../../../tests/documents/markdown.ts";
import { isGood, testData, testsAsJUnit, testsInWords } from "../commands/test.ts";
import { runTests } from "./run.ts";
import { faultInWords } from "../files/yaml.ts";

/** Runs what stands in files, seen from the folder that they are in. */
async function ran(files: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir({ prefix: "aim-catalogue-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    const { results, faults } = await runTests(folder);
    const relative = <T extends { file: string }>(all: readonly T[]) =>
      all.map((each) => ({ ...each, file: each.file.slice(folder.length + 1) }));
    return { results: relative(results), faults: relative(faults) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const head = `kind: CatalogueTest
model: qwen
nodes: [MI300X]
templates: [{name: small, gpu: MI300X, precision: fp8}, {name: large, gpu: MI325X, precision: fp8}]
`;

Deno.test("a test that fails says what was expected, what came, and why", async () => {
  const told = await ran({
    "cases.yaml": `${head}tests:
  - {name: right, expect: {template: small}}
  - name: wrong
    expect: {template: large, runnerUp: other, candidates: {large: Ready, nobody: x}, order: [small]}
`,
  });
  assert.equal(isGood(told), false);
  assert.deepEqual(
    told.results.map(({ file, line, name, differences }) => [file, line, name, differences.length]),
    [
      ["cases.yaml", 6, "right", 0],
      ["cases.yaml", 7, "wrong", 5],
    ],
  );
  assert.deepEqual(told.results[1].differences, [
    "template: expected large, got small",
    "runner-up: expected other, got none",
    "order: expected small, got large, small",
    'candidate large: expected "Ready", got "rejected gpu RequiredGPUNotInCluster: GPU MI325X is on no node (the cluster has MI300X)"',
    "candidate nobody: there is none; there are large, small",
  ]);
  const words = testsInWords(told);
  assert.equal(words[0], "FAIL cases.yaml:7 wrong");
  assert.match(words.join("\n"), /large +rejected gpu RequiredGPUNotInCluster: .* a node with GPU MI325X/);
  assert.equal(words.at(-1), "1 passed, 1 failed.");
  assert.deepEqual(testData(told).tests.map(({ passed }) => passed), [true, false]);
});

Deno.test("a service that gets a template though none was expected, and the other way round", async () => {
  const { results } = await ran({
    "cases.yaml": `${head}tests:
  - {name: one, expect: {reason: TemplateNotFound}}
  - {name: two, nodes: [], expect: {template: small}}
  - {name: three, nodes: [], expect: {reason: TemplateNotReady, message: other}}
`,
  });
  assert.deepEqual(results[0].differences, ["template: expected none (TemplateNotFound), got small"]);
  assert.match(
    results[1].differences[0],
    /^template: expected small, got none \(TemplateNotFound: No available templates/,
  );
  assert.equal(results[2].differences[0], "reason: expected TemplateNotReady, got TemplateNotFound");
  assert.match(results[2].differences[1], /^message: expected "other" in it, got "No available/);
});

Deno.test("the catalogue's own manifests are what is chosen among", async () => {
  const told = await ran({
    "catalogue/model.yaml": `apiVersion: aim.eai.amd.com/v1alpha1
kind: AIMClusterModel
metadata: {name: qwen}
spec: {image: "example.com/qwen:1", defaultServiceTemplate: slow}
`,
    "catalogue/templates/all.yaml": ["slow", "fast"].map((name) =>
      `apiVersion: aim.eai.amd.com/v1alpha1
kind: AIMClusterServiceTemplate
metadata: {name: ${name}}
spec: {modelName: qwen, type: optimized, metric: latency, precision: ${
        name === "slow" ? "fp16" : "fp8"
      }, hardware: {gpu: {model: MI300X, requests: 1}}}
`
    ).join("---\n"),
    "catalogue/values.yaml": "replicas: 3\n",
    "tests/cases.yaml": `kind: CatalogueTest
model: qwen
manifests: [../catalogue]
nodes: [MI300X]
tests:
  - {name: the model's default, expect: {template: slow, runnerUp: fast}}
  - {name: a wish, service: {overrides: {precision: fp8}}, expect: {template: fast}}
  - {name: another GPU, nodes: [MI325X], expect: {reason: TemplateNotReady, candidates: {fast: GPU MI300X is on no node}}}
`,
  });
  assert.deepEqual(told.faults, []);
  assert.deepEqual(told.results.flatMap(({ differences }) => differences), []);
  assert.equal(told.results.length, 3);
});

const broken: readonly (readonly [what: string, text: string, place: string, message: RegExp])[] = [
  ["no YAML at all", "kind: [a\n", "2:1", /flow|expected|Flow/i],
  ["a key twice", "kind: CatalogueTest\nkind: CatalogueTest\n", "2:1", /unique/],
  [
    "a word that there is not",
    `${head}tests:\n  - {name: a, expects: {template: b}, expect: {template: b}}\n`,
    "6:15",
    /no field expects in tests\[0\]: did you mean expect\?/,
  ],
  [
    "a word of a template",
    "kind: CatalogueTest\ntemplates: [{nmae: a, name: a}]\ntests: [{name: a, expect: {template: a}}]\n",
    "2:14",
    /no field nmae in templates\[0\]: did you mean name/,
  ],
  ["no tests", "kind: CatalogueTest\nmodel: a\n", "1:1", /tests/],
  [
    "no expectation",
    `${head}tests:\n  - {name: a, expect: {}}\n`,
    "6:15",
    /expects neither a template nor a reason/,
  ],
  [
    "a reason that there is not",
    `${head}tests:\n  - {name: a, expect: {reason: TemplateNotFond}}\n`,
    "6:24",
    /no reason is called TemplateNotFond: did you mean TemplateNotFound/,
  ],
  [
    "a service's field that there is not",
    `${head}tests:\n  - {name: a, service: {template: {allowUnoptimised: true}}, expect: {template: a}}\n`,
    "6:36",
    /no field spec\.template\.allowUnoptimised/,
  ],
  [
    "a value that the schema refuses",
    `${head}tests:\n  - {name: a, service: {replicas: many}, expect: {template: a}}\n`,
    "6:25",
    /replicas/,
  ],
  [
    "manifests that are not there",
    `${head}manifests: [nowhere]\ntests:\n  - {name: a, expect: {template: a}}\n`,
    "5:13",
    /there is no file or folder .*nowhere/,
  ],
  [
    "another version of our kinds",
    `${head}objects:\n  - {apiVersion: aim.eai.amd.com/v1beta1, kind: AIMModel, metadata: {name: a}}\ntests: [{name: a, expect: {template: a}}]\n`,
    "6:6",
    /version v1beta1: this program knows v1alpha1/,
  ],
  [
    "a kind that is none of ours",
    `${head}objects:\n  - {apiVersion: aim.eai.amd.com/v1alpha1, kind: AIMModle, metadata: {name: a}}\ntests: [{name: a, expect: {template: a}}]\n`,
    "6:44",
    /has no kind AIMModle: did you mean AIMModel/,
  ],
  ["an alias that leads nowhere", `${head}tests: *all\n`, "", /all/],
];

for (const [what, text, place, message] of broken) {
  Deno.test(`${what}: told with line and column, and nothing of the file runs`, async () => {
    const told = await ran({ "cases.yaml": text });
    assert.deepEqual(told.results, []);
    const [first] = told.faults.map(faultInWords);
    assert.match(first ?? "", message);
    if (place !== "") assert(first.startsWith(`cases.yaml:${place}: `), first);
    assert.equal(isGood(told), false);
  });
}

Deno.test("a manifest of another file is told by its own place, once", async () => {
  const cases = `${head}manifests: [other.yaml]\ntests: [{name: a, expect: {template: a}}]\n`;
  const { faults } = await ran({
    "a.yaml": cases,
    "b.yaml": cases,
    "other.yaml":
      "apiVersion: aim.eai.amd.com/v1alpha1\nkind: AIMClusterModel\nmetadata: {name: a}\nspec: {imag: x}\n",
  });
  const places = faults.map(({ file, line }) => `${file}:${line}`);
  assert.deepEqual([...new Set(places)], ["other.yaml:4"]);
  assert.match(faults.map(({ message }) => message).join(), /no field spec\.imag/);
});

Deno.test("a folder that is not there, and one without tests, are told", async () => {
  await assert.rejects(runTests("/nowhere"), /there is no file or folder \/nowhere/);
  await assert.rejects(
    ran({ "a.yaml": "kind: Pod\n" }),
    /has tests: a file of tests says kind: CatalogueTest/,
  );
});

Deno.test("a report for a build server has each test, and each file that cannot be read", async () => {
  const told = await ran({
    "a.yaml":
      `${head}tests:\n  - {name: "a < b & c", expect: {template: small}}\n  - {name: wrong, expect: {template: large}}\n`,
    "b.yaml": "kind: [\n",
  });
  const xml = testsAsJUnit(told).join("\n");
  assert.match(
    xml,
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="kubectl aim test" tests="3" failures="1" errors="1" /,
  );
  assert.match(xml, /<testsuite name="a\.yaml" tests="2" failures="1" errors="0" /);
  assert.match(xml, /<testcase classname="a\.yaml" name="a &lt; b &amp; c" time="\d+\.\d{3}"\/>/);
  assert.match(xml, /<failure message="template: expected large, got small">/);
  assert.match(xml, /<error message="b\.yaml:\d+:\d+: /);
});

Deno.test("on a terminal of 60 columns no line is longer, but for a word", async () => {
  const told = await ran({ "cases.yaml": `${head}tests: [{name: wrong, expect: {template: large}}]\n` });
  for (const line of testsInWords(told, { width: 60 })) {
    assert(line.length <= 60 || !line.trim().includes(" "), line);
  }
});

Deno.test("the example of the documents passes", async () => {
  const [{ text }, ...others] = blocksRunBy(import.meta.url);
  assert.deepEqual(others, []);
  const { results, faults } = await ran({ "cases.yaml": text });
  assert.deepEqual(faults, []);
  assert.deepEqual(results.map(({ differences }) => differences), [[], [], [], []]);
});
