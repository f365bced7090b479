import assert from "node:assert/strict";
import fc from "fast-check";
import { sortedByName, sortedByReference } from "./env_order.ts";

const env = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const order = (values: Record<string, string>) =>
  sortedByReference(env(values)).map(({ name }) => name).join(" ");

const rows: [title: string, given: Record<string, string>, expected: string][] = [
  ["nothing refers to anything: by name", { B: "1", a: "2", A: "3" }, "A B a"],
  ["a variable stands behind the one that it refers to", { A: "$(Z)/x", B: "1", Z: "z" }, "B Z A"],
  ["also behind several", { A: "$(C)$(B)", B: "1", C: "2", D: "3" }, "B C A D"],
  ["and behind what those refer to", { A: "$(B)", B: "$(C)", C: "1" }, "C B A"],
  ["a name that nobody sets is text", { A: "$(HOME)", B: "1" }, "A B"],
  ["a name that stands before already", { A: "1", B: "$(A)" }, "A B"],
  ["itself", { A: "$(A):/bin", B: "1" }, "A B"],
  ["$$ is an escape", { A: "$$(B)", B: "1" }, "A B"],
  ["$$$( is an escaped dollar and a reference", { A: "$$$(B)", B: "1" }, "B A"],
  ["an unclosed bracket is text", { A: "$(B", B: "1" }, "A B"],
  ["a shell's form is text", { A: "$B ${B}", B: "1" }, "A B"],
  ["two that refer to each other: the first by name first", { B: "$(A)", A: "$(B)" }, "A B"],
  ["what refers to a circle comes behind it", { A: "$(C)", B: "$(C)", C: "$(B)" }, "B C A"],
  ["a circle of three", { A: "1", D: "$(B)", B: "$(C)", C: "$(D)" }, "A B D C"],
];
for (const [title, given, expected] of rows) {
  Deno.test(`env order: ${title}`, () => assert.equal(order(given), expected));
}

Deno.test("env order: only values are expanded, not sources", () => {
  const source = { name: "A", valueFrom: { secretKeyRef: { name: "s", key: "$(B)" } } };
  assert.deepEqual(sortedByReference([{ name: "B", value: "1" }, source]), [source, {
    name: "B",
    value: "1",
  }]);
});

/** What a kubelet makes of a list: from front to back, each value with what stands before it. */
function expanded(list: readonly { name: string; value: string }[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { name, value } of list) {
    result[name] = value.replace(
      /\$\$|\$\((\w+)\)/g,
      (text, other) => text === "$$" ? "$" : result[other] ?? text,
    );
  }
  return result;
}

const names = ["A", "B", "C", "D", "E", "F"];
const value = fc.array(
  fc.oneof(fc.constantFrom(...names.map((name) => `$(${name})`)), fc.constantFrom("$$", "x")),
  {
    maxLength: 3,
  },
).map((parts) => parts.join(""));
const anyEnv = fc.dictionary(fc.constantFrom(...names), value).map(env);

Deno.test("property: the order is one of the same variables, whatever order they came in", () => {
  fc.assert(
    fc.property(
      anyEnv.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))
      ),
      ([list, shuffled]) => {
        const ordered = sortedByReference(list);
        assert.deepEqual(sortedByName(ordered), sortedByName(list));
        assert.deepEqual(sortedByReference(shuffled), ordered);
      },
    ),
  );
});

Deno.test("property: without a circle a kubelet resolves every reference", () => {
  const later = fc.tuple(
    ...names.map((_, at) =>
      fc.array(fc.constantFrom("x", "$$(A)", ...names.slice(at + 1).map((name) => `$(${name})`)), {
        maxLength: 3,
      })
    ),
  ).map((values) => values.map((parts, at) => ({ name: names[at], value: parts.join("") })));
  fc.assert(fc.property(later, (list) => {
    for (const text of Object.values(expanded(sortedByReference(list) as typeof list))) {
      assert.equal(text.replaceAll("$(A)", "").includes("$("), false, text);
    }
  }));
});

Deno.test("env order: ten thousand variables, chained the wrong way round, take no time", () => {
  const list = Array.from({ length: 10_000 }, (_, i) => ({
    name: `V${String(i).padStart(5, "0")}`,
    value: `$(V${String((i + 1) % 10_000).padStart(5, "0")})`,
  }));
  assert.equal(sortedByReference(list)[0].name, "V00000");
  assert.equal(sortedByReference(list.slice(0, 9_999))[0].name, "V09998");
});
