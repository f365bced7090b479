import assert from "node:assert/strict";
import fc from "fast-check";
import { type Dialect, LiteralError, LiteralReader } from "./literal.ts";

/** The value as JavaScript has it, by the reader's own methods; numbers stay text. */
function valueOf(reader: LiteralReader): unknown {
  switch (reader.kind()) {
    case "string":
      return reader.string();
    case "number":
      return { number: reader.number() };
    case "list": {
      const list: unknown[] = [];
      reader.items(() => list.push(valueOf(reader)));
      return list;
    }
    case "dict": {
      const fields: [string, unknown][] = [];
      reader.fields((name) => fields.push([name, valueOf(reader)]));
      return Object.fromEntries(fields);
    }
    default: {
      const { start, end } = reader.skip();
      return { word: end - start };
    }
  }
}

function read(text: string, dialect: Dialect): unknown {
  const reader = new LiteralReader(text, dialect);
  const value = valueOf(reader);
  reader.finish();
  return value;
}

/** Whether the text is one value; the two ways of reading must agree, in the place of a fault too. */
function faultOf(text: string, dialect: Dialect): number | undefined {
  const places = [
    () => read(text, dialect),
    () => {
      const reader = new LiteralReader(text, dialect);
      reader.skip();
      reader.finish();
    },
  ].map((attempt) => {
    try {
      attempt();
      return undefined;
    } catch (error) {
      assert.ok(error instanceof LiteralError, String(error));
      assert.notEqual(error.remedy, "");
      return error.position;
    }
  });
  assert.equal(places[0], places[1], `reading and skipping disagree on ${text}`);
  return places[0];
}

const strings: [string, Dialect, string][] = [
  [`"a"`, "json", "a"],
  [`"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"`, "json", '"\\/\b\f\n\r\té😀'],
  [`"it's"`, "json", "it's"],
  [`'a'`, "python", "a"],
  [`"it's"`, "python", "it's"],
  [`'say "hi"'`, "python", 'say "hi"'],
  [`'it\\'s'`, "python", "it's"],
  [`'\\x41\\101\\u0042\\U0001f600\\a\\v\\n\\\\'`, "python", "AAB😀\x07\v\n\\"],
  [`'a\\\nb'`, "python", "ab"],
  [`'\\d \\/'`, "python", "\\d /"],
  [`'\\ud83d\\ude00'`, "python", "😀"],
  [`'tab\there'`, "python", "tab\there"],
  [`'\\ud800'`, "python", "\ufffd"],
];
for (const [text, dialect, value] of strings) {
  Deno.test(`${dialect} reads the string ${JSON.stringify(text)}`, () => {
    assert.equal(read(text, dialect), value);
    assert.equal(faultOf(text, dialect), undefined);
  });
}

const values: [string, Dialect, unknown][] = [
  ["{}", "json", {}],
  [" [ ] ", "json", []],
  [`{"a": [1, -0.5e+3], "b": {"c": null}}`, "json", {
    a: [{ number: "1" }, { number: "-0.5e+3" }],
    b: { c: { word: 4 } },
  }],
  ["[True, False, None, true, false, null]", "python", [4, 5, 4, 4, 5, 4].map((word) => ({ word }))],
  ["[\f1]", "python", [{ number: "1" }]],
  ["[1, 2,]", "python", [{ number: "1" }, { number: "2" }]],
  ["{'a': 1,}", "python", { a: { number: "1" } }],
  ["(1, ('b',), ())", "python", [{ number: "1" }, ["b"], []]],
  ["[+1, 1_000, .5, 1.]", "python", ["+1", "1_000", ".5", "1."].map((number) => ({ number }))],
];
for (const [text, dialect, value] of values) {
  Deno.test(`${dialect} reads ${text}`, () => {
    assert.deepEqual(read(text, dialect), value);
    assert.equal(faultOf(text, dialect), undefined);
  });
}

/** The text, and the position of the fault, from 0. */
const faults: [string, Dialect, number][] = [
  ["", "json", 0],
  ["  ", "json", 2],
  ["[1 2]", "json", 3],
  ["[1,]", "json", 3],
  ["[,]", "python", 1],
  ["[1,,]", "python", 3],
  ["[1", "json", 2],
  [`{"a"}`, "json", 4],
  [`{"a": 1 "b": 2}`, "json", 8],
  ["{a: 1}", "json", 1],
  ["{1: 2}", "python", 1],
  ["'a'", "json", 0],
  [`"a`, "json", 0],
  [`"a\nb"`, "json", 2],
  [`'a\nb'`, "python", 2],
  [`"\\x41"`, "json", 1],
  [`"\\u12"`, "json", 1],
  [`"\\u12`, "json", 1],
  ["[\f1]", "json", 1],
  [`'\\x4'`, "python", 1],
  [`'\\U00110000'`, "python", 1],
  ["[True]", "json", 1],
  ["[truely]", "python", 1],
  ["[constructor]", "json", 1],
  ["[01]", "json", 2],
  ["[1.]", "json", 2],
  ["[-]", "json", 1],
  ["(1)", "json", 0],
  ["[1)", "python", 2],
  ["(1]", "python", 2],
  ["[1] x", "json", 4],
  ["[\u00a01]", "python", 1],
  ["'\\", "python", 0],
];
for (const [text, dialect, position] of faults) {
  Deno.test(`${dialect} does not read ${JSON.stringify(text)}`, () => {
    assert.equal(faultOf(text, dialect), position);
  });
}

Deno.test("a fault is told with what was expected, what was found and a remedy", () => {
  const fault = (text: string) => {
    try {
      read(text, "json");
    } catch (error) {
      return `${(error as Error).message}; ${(error as LiteralError).remedy}`;
    }
  };
  assert.equal(fault(`["a" MI300X]`), '"," or "]" is expected here, found MI300X; put MI300X in quotes');
  assert.equal(fault("[MI300X]"), "a value is expected here, found MI300X; put MI300X in quotes");
  assert.equal(fault("[1"), '"," or "]" is expected here, found the end of the text; write "," or "]" here');
  assert.equal(fault("[1] 2"), "2 follows where the text should end; remove it");
});

Deno.test("JSON is read as JSON.parse reads it", () => {
  const texts = fc.oneof(
    fc.json(),
    fc.tuple(fc.json(), fc.nat(), fc.constantFrom("", '"', "\\", "[", "]", "{", "}", ",", ":", "1", "e", " "))
      .map(([text, at, character]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + character + text.slice(place + 1);
      }),
    fc.array(
      fc.constantFrom("[", "]", "{", "}", ",", ":", '"', '"a"', "\\", "1", "-", ".", "e", "true", " "),
      {
        maxLength: 12,
      },
    ).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let wanted: unknown;
      try {
        wanted = JSON.parse(text, (_key, value) => typeof value === "string" ? value.toWellFormed() : value);
      } catch {
        assert.notEqual(faultOf(text, "json"), undefined, text);
        return;
      }
      assert.equal(faultOf(text, "json"), undefined, text);
      assert.deepEqual(plain(read(text, "json"), text), wanted);
    }),
    { numRuns: 3000 },
  );
});

/** Numbers and words of `valueOf` as JavaScript has them, read once more with JSON's own words. */
function plain(value: unknown, text: string): unknown {
  if (typeof value === "string") return value;
  const words = JSON.parse(text);
  return shaped(value, words);
}

function shaped(value: unknown, like: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => shaped(item, (like as unknown[])[index]));
  if (typeof value !== "object" || value === null) return value;
  const { number, word } = value as { number?: string; word?: number };
  if (typeof like === "number" && number !== undefined) return Number(number);
  if ((like === null || typeof like === "boolean") && word === String(like).length) return like;
  return Object.fromEntries(
    Object.entries(value).map((
      [name, item],
    ) => [name, shaped(item, (like as Record<string, unknown>)[name])]),
  );
}

Deno.test("nesting costs no stack, and what nests too deep is refused", () => {
  const skip = (text: string) => new LiteralReader(text, "python").skip();
  assert.equal(skip("[".repeat(10_000) + "]".repeat(10_000)).depth, 10_000);
  assert.equal(skip("[({'a':".repeat(3000) + "1" + "})]".repeat(3000)).depth, 9000);
  assert.throws(() => skip("[".repeat(10_001) + "]".repeat(10_001)), /deeper than 10000 levels/);
  assert.throws(() => skip("[".repeat(100_000)), /deeper than 10000 levels/);
  assert.throws(() => skip(`{"a":`.repeat(100_000)), /deeper than 10000 levels/);
});
