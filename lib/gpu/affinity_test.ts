import assert from "node:assert/strict";
import fc from "fast-check";
import type { Hardware, NodeSelectorTerm } from "../api/mod.ts";
import { clusterGpus, clusterMarks, gpuModelsOf, selectorTerms } from "./mod.ts";

type Labels = Record<string, string>;

const nodesOf = (all: readonly Labels[]) => all.map((labels) => ({ metadata: { labels } }));
function termsFor(gpu: Hardware["gpu"], all: readonly Labels[]): NodeSelectorTerm[] {
  const nodes = nodesOf(all);
  return selectorTerms({ gpu }, clusterGpus(nodes), clusterMarks(nodes));
}

/** `In` of one key, as a term. */
const among = (key: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator: "In", values }],
});
const some = (key: string) => ({ matchExpressions: [{ key, operator: "Gt", values: ["0"] }] });
const id = "amd.com/gpu.device-id";
const beta = `beta.${id}`;
const mi300x = ["74a1", "74a9", "74b5", "74bd"];
const mi325x = ["74a5", "74b9"];

// spec/README, "GPU labels": the form that the nodes carry is that of the term
const rows: [what: string, gpu: Hardware["gpu"], nodes: Labels[], terms: NodeSelectorTerm[]][] = [
  ["no node", { model: "mi300x" }, [], [among(id, ...mi300x)]],
  ["no node, a model without device ids", { model: "H100" }, [], []],
  ["any GPU", { requests: 1 }, [{ [id]: "74a1" }], []],
  ["no GPU", { requests: 0, minVram: "1Gi" }, [{ [id]: "74a1" }], []],
  ["an id", { model: "MI300X" }, [{ [id]: "74a1" }], [among(id, ...mi300x)]],
  ["the older form only", { model: "MI300X" }, [{ [beta]: "74a1" }], [among(beta, ...mi300x)]],
  ["both forms on one node", { model: "MI300X" }, [{ [beta]: "74a1", [id]: "74a1" }], [among(id, ...mi300x)]],
  ["either form on two nodes", { model: "MI300X" }, [{ [beta]: "74a1" }, { [id]: "74a1" }], [
    among(id, ...mi300x),
    among(beta, ...mi300x),
  ]],
  ["an id in another spelling", { model: "MI300X" }, [{ [id]: "0x74A1" }], [among(id, "0x74A1", ...mi300x)]],
  ["a count", { model: "MI300X" }, [{ [`${beta}.74a1`]: "8" }], [some(`${beta}.74a1`)]],
  ["a count of 0", { model: "MI300X" }, [{ [`${beta}.74a1`]: "0" }], [among(id, ...mi300x)]],
  ["a family", { model: "AI" }, [{ "amd.com/gpu.family": "AI" }], [among("amd.com/gpu.family", "AI")]],
  ["another model's node", { model: "MI300X" }, [{ [beta]: "74a5" }], [among(id, ...mi300x)]],
  ["enough memory in two forms", { requests: 1, minVram: "192Gi" }, [
    { [id]: "74a1" },
    { [beta]: "74a5" },
    { [id]: "740f" },
  ], [
    among(id, "74a1", "74a5", "74a9", "74b5", "74b9", "74bd"),
    among(beta, ...[...mi300x, ...mi325x].sort()),
  ]],
  ["too little memory", { requests: 1, minVram: "1Ti" }, [{ [id]: "74a1" }], []],
];
for (const [what, gpu, nodes, terms] of rows) {
  Deno.test(`where nodes show ${what}, a pod for ${JSON.stringify(gpu)} runs on ${JSON.stringify(terms)}`, () => {
    assert.deepEqual(termsFor(gpu, nodes), terms);
  });
}

/** Whether a scheduler would take the node, by the rules of Kubernetes' own documentation of node affinity. */
function selects(terms: readonly NodeSelectorTerm[], labels: Labels): boolean {
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "Gt":
          return value !== undefined && /^[-+]?\d+$/.test(value) && Number(value) > Number(values[0]);
        default:
          throw new Error(`no oracle for ${operator}`);
      }
    })
  );
}

const ids = fc.constantFrom("74a1", "0x74A9", "74a5", "740f", "1234", "0x", "");
const families = fc.constantFrom("AI", "MI300X", "AMD_Instinct_MI300X", "MI325X", "7900");
const prefix = fc.constantFrom("", "beta.");
const anyLabel = fc.oneof(
  fc.tuple(prefix, ids).map(([before, value]) => [`${before}${id}`, value]),
  fc.tuple(prefix, families).map(([before, value]) => [`${before}amd.com/gpu.family`, value]),
  fc.tuple(prefix, ids, fc.constantFrom("0", "1", "8", "", "many")).map((
    [before, value, count],
  ) => [`${before}${id}.${value}`, count]),
  fc.tuple(prefix, families, fc.constantFrom("0", "8")).map((
    [before, value, count],
  ) => [`${before}amd.com/gpu.family.${value}`, count]),
  fc.constantFrom("64G", "192G").map((value) => ["amd.com/gpu.vram", value]),
);
const anyNode: fc.Arbitrary<Labels> = fc.array(anyLabel, { maxLength: 4 }).map((all) =>
  Object.fromEntries(all)
);
const anyGpu = fc.constantFrom<Hardware["gpu"]>(
  { model: "MI300X" },
  { model: "MI325X" },
  { model: "AI" },
  { model: "7900" },
  { requests: 1, minVram: "100Gi" },
  { requests: 1, minVram: "200Gi" },
);

Deno.test("whatever GPU is counted is selected, and the reverse, whatever labels the nodes carry", () => {
  let selected = 0;
  const check = (gpu: Hardware["gpu"], all: Labels[]) => {
    const gpus = clusterGpus(nodesOf(all));
    const wanted = gpu!.model === undefined
      ? [...gpus].filter(([, vram]) => vram >= BigInt(parseInt(`${gpu!.minVram}`)) * 2n ** 30n).map((
        [model],
      ) => model)
      : [gpu!.model];
    const terms = termsFor(gpu, all);
    const taken = all.filter((labels) => selects(terms, labels));
    assert.equal(taken.length > 0, wanted.some((model) => gpus.has(model)), "available and selected");
    for (const labels of taken) {
      assert.ok(
        gpuModelsOf(labels).some((model) => wanted.includes(model)),
        `wrongly: ${JSON.stringify(labels)}`,
      );
    }
    for (const labels of all) {
      const byId = Object.keys(labels).some((key) => key.includes("device-id")) &&
        gpuModelsOf(Object.fromEntries(Object.entries(labels).filter(([key]) => !key.includes("family"))))
          .some((model) => wanted.includes(model));
      if (byId) assert.ok(taken.includes(labels), `left out: ${JSON.stringify(labels)}`);
    }
    if (taken.length > 0) selected++;
  };
  fc.assert(fc.property(anyGpu, fc.array(anyNode, { maxLength: 5 }), check), { numRuns: 3000 });
  assert.ok(selected > 500, `${selected} clusters had the GPU`);
});

Deno.test("the order of nodes and of their labels decides nothing", () => {
  fc.assert(fc.property(anyGpu, fc.array(anyNode, { maxLength: 5 }), (gpu, all) => {
    const turned = all.map((labels) => Object.fromEntries(Object.entries(labels).reverse())).reverse();
    assert.deepEqual(termsFor(gpu, turned), termsFor(gpu, all));
  }));
});

Deno.test("a family that nodes of other models carry too selects nobody: the pod would come to them", () => {
  const labelled = { [id]: "74a1", "amd.com/gpu.family": "AI" };
  const handMade = { "amd.com/gpu.family": "AI" };
  assert.deepEqual([...clusterGpus(nodesOf([labelled, handMade])).keys()], ["MI300X"]);
  assert.deepEqual([...clusterGpus(nodesOf([handMade])).keys()], ["AI"]);
});
