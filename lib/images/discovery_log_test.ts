import assert from "node:assert/strict";
import fc from "fast-check";
import { hardware, parseQuantity, templateStatus } from "../api/mod.ts";
import { type DiscoveryFound, longestLog, readDiscoveryLog } from "./discovery_log.ts";
import { exampleArray, exampleLog } from "./discovery_log_sample.ts";

const found: DiscoveryFound = {
  ok: true,
  modelSources: [{ modelId: "Qwen/Qwen3-32B", sourceUri: "hf://Qwen/Qwen3-32B", size: "62976Mi" }],
  profile: {
    engine_args: { "gpu-memory-utilization": 0.95, "tensor-parallel-size": 1 },
    env_vars: { VLLM_USE_V1: "1" },
    metadata: {
      engine: "vllm",
      gpu: "MI300X",
      gpuCount: 1,
      metric: "latency",
      precision: "fp16",
      type: "optimized",
    },
  },
  discovered: { gpu: "MI300X", gpuCount: 1 },
  flaws: [],
};

Deno.test("models-and-templates.md §6.1: the log of the worked example", () => {
  assert.deepEqual(readDiscoveryLog(exampleLog), found);
});

const same: [string, string][] = [
  ["no noise", exampleArray],
  ["noise after", `${exampleArray}\nINFO done {`],
  ["noise with brackets before", `[INFO] x\n[{"a":1}]\n"[[{ ${exampleArray}`],
  ["noise that opens brackets after", `${exampleArray} [[ "`],
  [
    "a second element of the same types",
    `${exampleArray.slice(0, -1)},{"profile":{"metadata":{"gpu":"X"}}},null]`,
  ],
  ["names in another case", exampleArray.replace("gpu_count", "GPU_Count").replace("models", "MODELS")],
  ["unknown fields", exampleArray.replace('{"filename"', '{"x":[{"y":[[]]}],"filename"')],
  [
    "null for what is not kept",
    exampleArray.replace('"filename":"vllm-mi300x-fp16-tp1-latency.yaml"', '"filename":null'),
  ],
  ["white space", JSON.stringify(JSON.parse(exampleArray), null, 2)],
];
for (const [what, log] of same) {
  Deno.test(`models-and-templates.md §5.8: ${what} changes nothing`, () => {
    assert.deepEqual(readDiscoveryLog(log), found);
  });
}

/** A log of one element. */
function log(element: unknown): string {
  return JSON.stringify([element]);
}
const models = [{ name: "a/b", source: "hf://a/b" }];

function success(text: string): DiscoveryFound {
  const result = readDiscoveryLog(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

for (
  const [gigabytes, size] of [["61.5", "62976Mi"], ["0.5", "512Mi"], ["16.06", "17244293693"], [
    "0.7",
    "751619276",
  ], ["0", "0"]]
) {
  Deno.test(`models-and-templates.md §5.8: size_gb ${gigabytes} is ${size}`, () => {
    const text = `[{"models":[{"name":"a/b","source":"s3://a","size_gb":${gigabytes}}]}]`;
    assert.deepEqual(success(text).modelSources, [{ modelId: "a/b", sourceUri: "s3://a", size }]);
  });
}

Deno.test("models-and-templates.md §5.8: what is missing, empty or null is left out", () => {
  const nothing = { profile: { metadata: {} }, modelSources: [], discovered: {}, flaws: [], ok: true };
  assert.deepEqual(readDiscoveryLog(log({ profile: {} })), nothing);
  const empty = { engine: "", gpu: "", gpu_count: 0, metric: "", precision: "", type: "" };
  assert.deepEqual(readDiscoveryLog(log({ profile: { metadata: empty } })), nothing);
  const unset = { metadata: null, engine_args: null, env_vars: null };
  assert.deepEqual(readDiscoveryLog(log({ profile: unset, models: null })), nothing);
  assert.deepEqual(success(log({ models })).modelSources[0].size, "0");
  assert.deepEqual(success(log({ profile: { env_vars: { A: null } } })).profile.env_vars, { A: "" });
});

Deno.test("models-and-templates.md §5.8: engine_args are kept to the letter", () => {
  const text = '{"a":1.0,"b":12345678901234567890,"c":[1e3,-0,0.10],"d":{"e":null,"f":true},"g":"1.0"}';
  const { profile } = success(`[{"profile":{"engine_args":${text}}}]`);
  assert.equal(JSON.stringify(profile.engine_args), text);
});

Deno.test("half a character is replaced, as the API server would: else the status never equals what is wanted", () => {
  const half = "\\ud800";
  const printed =
    `{"engine_args":{"a${half}":["b${half}",{"c${half}":1}]},"env_vars":{"D${half}":"e${half}"}}`;
  const { profile } = success(`[{"profile":${printed}}]`);
  assert.deepEqual(profile.engine_args, { "a\ufffd": ["b\ufffd", { "c\ufffd": 1 }] });
  assert.deepEqual(profile.env_vars, { "D\ufffd": "e\ufffd" });
});

/** Better: unknown enum → omit the field and say so. */
const flawed: [string, Record<string, unknown>, Record<string, unknown>, string][] = [
  [
    "type general",
    { type: "general", engine: "vllm" },
    { engine: "vllm" },
    'profile.metadata.type is "general" but must be one of optimized, preview, unoptimized; it is left out',
  ],
  [
    "metric speed",
    { metric: "speed" },
    {},
    'profile.metadata.metric is "speed" but must be one of latency, throughput; it is left out',
  ],
  [
    "precision FP8",
    { precision: "FP8" },
    {},
    'profile.metadata.precision is "FP8" but must be one of auto, fp4, fp8, fp16, fp32, bf16, int4, int8; ' +
    "it is left out",
  ],
  [
    "a negative count",
    { gpu_count: -1 },
    {},
    "profile.metadata.gpu_count is -1 but must be at least 0; it is left out",
  ],
  [
    "a long GPU",
    { gpu: "X".repeat(65) },
    {},
    "profile.metadata.gpu has more than 64 characters; it is left out",
  ],
];
for (const [what, metadata, kept, flaw] of flawed) {
  Deno.test(`models-and-templates.md §5.8, Better: ${what} is left out, and said`, () => {
    const result = success(log({ profile: { metadata }, models }));
    assert.deepEqual(result.profile.metadata, kept);
    assert.deepEqual(result.flaws, [flaw]);
  });
}

Deno.test("a size that is none is left to the operator, and many flaws are counted", () => {
  const bad = Array.from({ length: 12 }, () => ({ ...models[0], size_gb: -1 }));
  const { modelSources, flaws } = success(log({ models: bad }));
  assert.ok(modelSources.every(({ size }) => size === "0"));
  assert.equal(flaws[0], "models[0].size_gb is -1, which is no size; the operator measures it");
  assert.deepEqual([flaws.length, flaws.at(-1)], [9, "and 4 more"]);
  assert.equal(success('[{"models":[{"name":"a/b","source":"hf://a","size_gb":1e300}]}]').flaws.length, 1);
});

Deno.test("models-and-templates.md §5.8, Better: of a log beyond 4 MiB the end is read", () => {
  const noise = "[noise\n".repeat(longestLog / 4);
  assert.deepEqual(readDiscoveryLog(noise + exampleLog), found);
  const cut = readDiscoveryLog(exampleLog + noise);
  assert.ok(
    !cut.ok && cut.message.startsWith("in the last 4194304 characters of the log: "),
    JSON.stringify(cut),
  );
});

Deno.test("models-and-templates.md §1.7: whatever a log says, the result is as the status schema has it", () => {
  const word = fc.oneof(
    fc.constantFrom("", "fp8", "latency", "optimized", "MI300X", "vllm", "FP8"),
    fc.string({ unit: "binary", maxLength: 100 }),
  );
  const count = fc.oneof(fc.integer({ min: -2, max: 16 }), fc.constantFrom(2147483647, -2147483648));
  const metadata = fc.record({
    engine: word,
    gpu: word,
    precision: fc.oneof(word, fc.constant("fp8")),
    gpu_count: count,
    metric: fc.oneof(word, fc.constant("latency")),
    type: fc.oneof(word, fc.constant("preview")),
  }, { requiredKeys: [] });
  const model = fc.record({
    name: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("a/b", "o-1/m.2") }, word),
    source: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("hf://a/b", "s3://x/y?z") }, word),
    size_gb: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(61.5, 1e10, 8589934592),
    ),
  }, { requiredKeys: ["name", "source"] });
  const element = fc.record({
    profile: fc.record({
      metadata,
      engine_args: fc.dictionary(fc.string(), fc.jsonValue()),
      env_vars: fc.dictionary(fc.string(), fc.string({ unit: "binary" })),
    }, { requiredKeys: [] }),
    models: fc.array(model, { maxLength: 3 }),
  });
  let succeeded = 0;
  fc.assert(
    fc.property(element, (printed) => {
      const result = readDiscoveryLog(log(printed));
      if (!result.ok) {
        assert.equal(result.fault, "BadSource");
        return;
      }
      succeeded++;
      const { profile, modelSources, discovered, flaws } = result;
      const parsed = templateStatus.safeParse({ profile, modelSources });
      assert.ok(parsed.success, parsed.error?.message);
      for (const { size } of modelSources) assert.ok(parseQuantity(size!).nano >= 0n);
      const { gpu: model, gpuCount: requests } = discovered;
      assert.ok(hardware.safeParse({ gpu: { model, requests } }).success);
      assert.ok(flaws.every((flaw) => flaw.length < 300));
    }),
    { numRuns: 500 },
  );
  assert.ok(succeeded > 150, `${succeeded} logs had a result`);
});
