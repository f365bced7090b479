import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluateJsonPath, JsonPathError, JsonPathSyntaxError, parseJsonPath } from "./json_path.ts";

const data = {
  kind: "AIMService",
  metadata: { name: "svc", labels: { "a/b": "c", "k8s.io/x": "io" } },
  spec: {
    replicas: 2,
    on: true,
    nothing: null,
    model: { name: "m" },
    env: [{ name: "A", value: "1", n: 1 }, { name: "B", n: 2 }],
    nums: [1, 2, 3],
    empty: [],
  },
};

const find = (text: string, budget = { values: 100_000 }) =>
  evaluateJsonPath(parseJsonPath(text), data, budget);

for (
  const [text, ...values] of [
    [".metadata.name", "svc"],
    ["$.metadata.name", "svc"],
    ["@.metadata .name", "svc"],
    [".spec['model']['name']", "m"],
    ['.spec["model"].name', "m"],
    [".spec['model.name']", "m"],
    [".metadata.labels.a/b", "c"],
    [".metadata.labels.k8s\\.io/x", "io"],
    [".metadata.labels['k8s\\.io/x']", "io"],
    [".spec.model.*", "m"],
    [".spec.nothing", null],
    [".spec.nothing[0].*"],
    [".spec.nums[0]", 1],
    [".spec.nums[-1]", 3],
    [".spec.nums[]", 1],
    [".spec.nums[*]", 1, 2, 3],
    [".spec.nums[1:]", 2, 3],
    [".spec.nums[:-1]", 1, 2],
    [".spec.nums[::2]", 1, 3],
    [".spec.nums[1:1]"],
    [".spec.nums[0,2]", 1, 3],
    [".spec.empty[*]"],
    // The entries that lack the key are left out, as long as one has it.
    [".spec.env[*].value", "1"],
    [".spec['replicas', 'on']", 2, true],
    ["..replicas", 2],
    ["...replicas", 2],
    ["..name", "svc", "m", "A", "B"],
    [".spec.env[?(@.name=='B')].n", 2],
    ['.spec.env[?(@.name == "B")].n', 2],
    [".spec.env[?(@.value)].name", "A"],
    [".spec.env[?(@.n!=1)].name", "B"],
    [".spec.env[?(@.n<2)].name", "A"],
    [".spec.env[?(@.n<=2)].name", "A", "B"],
    [".spec.env[?(@.n>1)].name", "B"],
    [".spec.env[?(@.n>=1)].name", "A", "B"],
    [".spec.nums[?(@==2)]", 2],
    ['"te xt"', "te xt"],
    ["'\\\\\\''", "\\'"],
    ['"\\x41\\u00e9\\101\\n"', "Aé" + "A\n"],
    ["1.5", 1.5],
    ["-3", -3],
    ["true", true],
  ] as [string, ...unknown[]][]
) {
  Deno.test(`services.md §9.1: JSONPath ${text} finds ${JSON.stringify(values)}`, () => {
    assert.deepEqual(find(text), values);
  });
}

for (
  const [text, message] of [
    [".none", "none is not found"],
    [".metadata.constructor", "constructor is not found"],
    [".spec['replicas','none']", "none is not found"],
    [".spec.nums[3]", "array index out of bounds: index 3, length 3"],
    [".spec.nums[-4]", "array index out of bounds: index -1, length 3"],
    [".spec.nums[0:10]", "array index out of bounds: index 9, length 3"],
    [".spec.nums[2:1]", "starting index 2 is greater than ending index 1"],
    [".spec.nums[::0]", "step must be > 0"],
    [".spec.model[0]", "object is not array or slice"],
    [".spec.model[?(@.x)]", "object is not array or slice and cannot be filtered"],
    [".spec.env[?(@.value=='1')]", "value is not found"],
    [".spec.env[?(@.name==1)]", "incompatible types for comparison"],
    [".spec.env[?(@==1)]", "invalid type for comparison"],
    [".spec.env[?(@.n<>1)]", "unrecognized filter operator <>"],
    [".spec.env[?(@.*==1)]", "can only compare one element at a time"],
  ]
) {
  Deno.test(`services.md §9.1: JSONPath ${text} cannot be evaluated: ${message}`, () => {
    assert.throws(() => find(text), new JsonPathError(message));
  });
}

for (
  const [text, message] of [
    ["range .spec", "unrecognized identifier range"],
    ["*", "unrecognized character in action: U+002A '*'"],
    [".a\n", "unclosed action"],
    ["+12.3.0", "cannot parse number +12.3.0"],
    ["[1", "unterminated array"],
    ["[x]", "invalid array index x"],
    ["[-]", "array index - is not a number"],
    ["[?(.price]", "unterminated filter"],
    ["[?(.price)", "unclosed array expect ]"],
    ["........", "invalid multiple recursive descent"],
    ['"a', "unterminated quoted string"],
    ['"\\q"', 'unquote string "\\q" error invalid syntax'],
    [".", "a field name is missing after a dot"],
  ]
) {
  Deno.test(`services.md §9.1: JSONPath ${JSON.stringify(text)} is no expression: ${message}`, () => {
    assert.throws(() => parseJsonPath(text), new JsonPathSyntaxError(message));
  });
}

Deno.test("services.md §9.1: an expression that doubles its results with every step is stopped", () => {
  assert.throws(
    () => find("['.','.']".repeat(40)),
    new JsonPathError("the expressions visit too many values"),
  );
});

Deno.test("services.md §9.1: a filter does not take a spent budget for a missing key", () => {
  assert.throws(
    () => find(".spec.nums[?(@..x)]", { values: 12 }),
    new JsonPathError("the expressions visit too many values"),
  );
});

Deno.test("services.md §9.1: any expression on any object finds values or throws one of the two errors", () => {
  const part = fc.constantFrom(
    ".",
    "..",
    "[",
    "]",
    "'",
    '"',
    "*",
    "?(@",
    ")",
    "==",
    "<",
    "a",
    "0",
    ":",
    ",",
    "\\",
    "$",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(part, { maxLength: 25 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, fc.jsonValue(), (expression, value) => {
      try {
        assert.ok(Array.isArray(evaluateJsonPath(parseJsonPath(expression), value, { values: 10_000 })));
      } catch (error) {
        if (!(error instanceof JsonPathError || error instanceof JsonPathSyntaxError)) throw error;
      }
    }),
    { numRuns: 2000 * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1) },
  );
});
