import assert from "node:assert/strict";
import fc from "fast-check";
import type { RecommendedDeployment } from "../api/mod.ts";
import { DeploymentsError, mostDeployments, readDeployments } from "./recommended_deployments.ts";

const mi300x = { gpuModel: "MI300X", gpuCount: 1, precision: "fp8", metric: "latency" };

// models-and-templates.md §3.4, the parity line and its Better line.
const accepted: [string, string, RecommendedDeployment[]][] = [
  ["the form of §6.1", "{'gpuModel': 'MI300X', 'gpuCount': 1, 'precision': 'fp8', 'metric': 'latency'}", [
    mi300x,
  ]],
  ["JSON", '[{"gpuModel":"MI300X","gpuCount":1,"precision":"fp8","metric":"latency"}]', [mi300x]],
  ["JSON without brackets", '{"gpuCount":1},{"gpuCount":2}', [{ gpuCount: 1 }, { gpuCount: 2 }]],
  ["Python without brackets", "{'gpuCount': 1}, {'gpuCount': 2}", [{ gpuCount: 1 }, { gpuCount: 2 }]],
  ["a trailing comma", "[{'gpuCount': 1,},]", [{ gpuCount: 1 }]],
  ["a trailing comma without brackets", "{'gpuCount': 1},", [{ gpuCount: 1 }]],
  ["a tuple", "({'gpuCount': 1}, {'gpuCount': 2})", [{ gpuCount: 1 }, { gpuCount: 2 }]],
  ["an empty list", "[]", []],
  ["white space alone", " \t\n", []],
  ["white space around", "\u0085\n [{'gpuCount': 1}]\r\n\u0085", [{ gpuCount: 1 }]],
  ["an apostrophe in JSON", `[{"description": "it's"}]`, [{ description: "it's" }]],
  ["an apostrophe in Python", `[{'description': "it's", 'x': None}]`, [{ description: "it's" }]],
  ["an escaped apostrophe in Python", `[{'description': 'it\\'s'}]`, [{ description: "it's" }]],
  ["double quotes in Python", `[{'description': 'the "best"'}]`, [{ description: 'the "best"' }]],
  ["True, False and None", "[{'gpuCount': None, 'x': True, 'y': [False]}]", [{}]],
  ["JSON's words in Python", "[{'gpuModel': null, 'x': true}]", [{}]],
  ["unknown keys", `[{"gpuCount": 1, "x": {"gpuCount": 7}, "y": [1.5]}]`, [{ gpuCount: 1 }]],
  ["keys in any case", `[{"GPUMODEL": "A", "gpucount": 2, "ProfileID": "p"}]`, [
    { gpuModel: "A", gpuCount: 2, profileId: "p" },
  ]],
  ["keys with letters that fold", `[{"de\u017fcription": "d"}]`, [{ description: "d" }]],
  ["the same key twice", `[{"gpuModel": "A", "GPUMODEL": "B", "gpumodel": null}]`, [{ gpuModel: "B" }]],
  ["a null element", `[null, {"gpuCount": 1}]`, [{}, { gpuCount: 1 }]],
  ["a None element", "[None, {}]", [{}, {}]],
  ["a null without brackets", "null", [{}]],
  ["empty and zero values", `[{"gpuModel": "", "gpuCount": 0}]`, [{}]],
  ["the ends of 32 bits", `[{"gpuCount": 2147483647}, {"gpuCount": -2147483648}]`, [
    { gpuCount: 2147483647 },
    { gpuCount: -2147483648 },
  ]],
  ["minus zero", `[{"gpuCount": -0}]`, [{}]],
  ["both quotes around one string", `[{'gpuModel": 'A"}]`, [{ gpuModel: "A" }]],
  ["JSON's escapes in single quotes", `[{'gpuModel': '\\u0041\\/\\t'}]`, [{ gpuModel: "A/\t" }]],
  ["half a character", `[{"gpuModel": "a\\ud800"}]`, [{ gpuModel: "a\ufffd" }]],
];
for (const [what, text, deployments] of accepted) {
  Deno.test(`recommendedDeployments: ${what} reads`, () => {
    assert.deepEqual(readDeployments(text), deployments);
  });
}

Deno.test("recommendedDeployments: an image cannot ask for templates without number", () => {
  const some = Array(mostDeployments).fill("{}").join(",");
  assert.equal(readDeployments(`[${some}]`).length, mostDeployments);
  for (const text of [`[${some},null]`, `${some},{}`, `[${some},{'gpuCount': 1}]`]) {
    assert.throws(() => readDeployments(text), (error) => {
      assert(error instanceof DeploymentsError);
      assert.match(error.message, /more than 256 deployments/);
      assert.equal(error.entry, mostDeployments);
      return true;
    });
  }
});

const refused: [string, string, number | undefined, number, RegExp][] = [
  ["gpuCount 1.0", "[{'gpuCount': 1.0}]", 0, 15, /^gpuCount must be a whole number but is 1\.0$/],
  ['gpuCount "1"', `[{}, {"gpuCount": "1"}]`, 1, 19, /^gpuCount must be a whole number but is "1"$/],
  ["gpuCount 1e0", `[{"gpuCount": 1e0}]`, 0, 15, /whole number but is 1e0/],
  ["gpuCount True", "{'gpuCount': True}", 0, 14, /whole number but is True/],
  ["gpuCount 01", `{'gpuCount': 01}`, 0, 14, /whole number but is 01/],
  ["gpuCount beyond 32 bits", `{"gpuCount": 2147483648}`, 0, 14, /fit into 32 bits but is 2147483648/],
  ["gpuModel 1", `{"gpuModel": 1}`, 0, 14, /^gpuModel must be a string but is 1$/],
  ["precision list", `{"precision": ["fp8"]}`, 0, 15, /^precision must be a string but is a list$/],
  ["metric dict", "{'metric': {'a': 'b'}}", 0, 12, /^metric must be a string but is an object$/],
  ["a bare word", "[{'gpuModel': MI300X}]", 0, 15, /found MI300X/],
  ["a bare word after good ones", "[{}, {}, {'gpuModel': MI300X}]", 2, 23, /found MI300X/],
  ["no colon", "[{'gpuModel' 'MI300X'}]", 0, 14, /":" is expected here, found a string/],
  ["no comma between entries", "[{'gpuCount': 1} {'gpuCount': 2}]", 0, 18, /found "\{"/],
  ["an apostrophe that ends the string", "[{'description': 'it's'}]", 0, 22, /found s/],
  ["a string that does not end", "[{'gpuModel': 'MI300X}]", 0, 15, /a string has no end/],
  ["an entry that is a string", "['MI300X']", 0, 2, /an object in \{ \} is expected here, found a string/],
  ["an entry that is a tuple", "[(1,)]", 0, 2, /an object in/],
  ["a list in a list", `[[{"gpuCount": 1}]]`, 0, 2, /an object in/],
  ["a list that does not end", "[{'gpuCount': 1}", 0, 17, /found the end of the text/],
  ["a bracket too many", "{'gpuCount': 1}]", 0, 16, /found "\]"|"\]" follows/],
  ["text after the list", "[{}] yes", undefined, 6, /yes follows where the text should end/],
  ["two commas", "[{},,{}]", 1, 5, /found ","/],
  ["columns in characters", "[{'description': '😀', 'gpuCount': 'x'}]", 0, 35, /is 'x'/],
  ["white space before", "\n  [{'gpuCount': 1.5}]", 0, 18, /is 1\.5/],
];
for (const [what, text, entry, column, message] of refused) {
  Deno.test(`recommendedDeployments: ${what} is refused, with entry and column`, () => {
    assert.throws(() => readDeployments(text), (error) => {
      assert.ok(error instanceof DeploymentsError, String(error));
      assert.deepEqual({ entry: error.entry, column: error.column }, { entry, column });
      assert.match(error.message, message);
      assert.notEqual(error.remedy, "");
      return true;
    });
  });
}

Deno.test("recommendedDeployments: brackets without end cost no stack and little time", () => {
  for (const opener of ["[", "{'a':", "(", "[{'a':", '{"a":[']) {
    assert.throws(() => readDeployments(opener.repeat(100_000)), DeploymentsError);
    assert.throws(() => readDeployments(`[{'a': ${opener.repeat(100_000)}`), DeploymentsError);
  }
});

/** AIM Engine's own rule: apostrophes to quotes, brackets around, Go's JSON; undefined where it fails. */
function ownRule(text: string): RecommendedDeployment[] | undefined {
  const quoted = text.trim().replaceAll("'", '"');
  return goJson(quoted.startsWith("[") ? quoted : `[${quoted}]`);
}

const wholeNumber = Symbol();

/** Go's decoding of a JSON array of deployments whose objects have no name twice. */
function goJson(text: string): RecommendedDeployment[] | undefined {
  let list: unknown;
  try {
    const parse = JSON.parse as (
      text: string,
      revive: (key: string, value: unknown, context: { source?: string }) => unknown,
    ) => unknown;
    list = parse(
      text,
      (_key, value, { source }) =>
        typeof value === "number"
          ? { [wholeNumber]: /^-?\d+$/.test(source!) && value === (value | 0) ? value : undefined }
          : value,
    );
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const deployments: RecommendedDeployment[] = [];
  for (const item of list) {
    if (item !== null && (typeof item !== "object" || Array.isArray(item) || wholeNumber in item)) {
      return undefined;
    }
    const deployment: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(item ?? {})) {
      const field = ["gpuModel", "gpuCount", "precision", "metric", "profileId", "description"]
        .find((known) => known.toLowerCase() === name.toLowerCase());
      if (field === undefined || value === null) continue;
      const plain = field === "gpuCount"
        ? (value as { [wholeNumber]?: number })[wholeNumber]
        : typeof value === "string"
        ? value
        : undefined;
      if (plain === undefined) return undefined;
      deployment[field] = plain;
    }
    deployments.push(Object.fromEntries(Object.entries(deployment).filter(([, value]) => value)));
  }
  return deployments;
}

/** Values as a person or a script may write them, in quotes of any sort, and slightly broken. */
function writtenDeployments() {
  const quoted = fc.tuple(
    fc.constantFrom("MI300X", "fp8", "latency", "", "a b", "x\\n", "\\u0041", "\\\\", "é", "\\x41"),
    fc.constantFrom(`'`, `"`),
  ).map(([text, quote]) => quote + text + quote);
  const odd = fc.constantFrom("1.0", "1e1", "2147483648", "true", "None", "[]", "[1,{}]", "{}");
  const count = fc.oneof({ weight: 9, arbitrary: fc.constantFrom("1", "8", "0", "-1", "null") }, odd, quoted);
  const text = fc.oneof({ weight: 9, arbitrary: quoted }, fc.constantFrom("null", "1"), odd);
  const names = ["gpuModel", "gpuCount", "precision", "METRIC", "profileid", "description", "other"];
  const quote = fc.constantFrom(`'`, `"`);
  const field = fc.constantFrom(...names).chain((name) =>
    fc.tuple(fc.constant(name), quote, name === "gpuCount" ? count : text, fc.constantFrom("", " "))
  );
  const entry = fc.uniqueArray(field, { selector: ([name]) => name, maxLength: 4 }).map((fields) =>
    `{${fields.map(([name, quote, text, space]) => `${quote}${name}${quote}:${space}${text}`).join(",")}}`
  );
  const list = fc.tuple(
    fc.array(fc.oneof({ weight: 8, arbitrary: entry }, fc.constantFrom("null", "1", "None")), {
      maxLength: 3,
    }),
    fc.constantFrom("[]", "", " [] ", "[]", "()", "[,]", "[", "]"),
  ).map(([entries, around]) => {
    const half = Math.ceil(around.length / 2);
    return around.slice(0, half) + entries.join(", ") + around.slice(half);
  });
  const broken = fc.tuple(list, fc.nat(), fc.constantFrom("", "{", "}", "[", "]", ",", " ", "1")).map(
    ([text, at, character]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + character + text.slice(place + (character === "" ? 1 : 0));
    },
  );
  // One quote of the other sort: two of them may pair up and make another value in Python.
  const mixed = fc.tuple(list, fc.nat()).map(([text, at]) => {
    const quotes = [...text.matchAll(/['"]/g)].map(({ index }) => index);
    const place = quotes[at % (quotes.length || 1)] ?? text.length;
    const flipped = text[place] === "'" ? '"' : text[place] === '"' ? "'" : "";
    return text.slice(0, place) + flipped + text.slice(place + 1);
  });
  return fc.oneof({ weight: 3, arbitrary: list }, broken, mixed);
}

Deno.test("recommendedDeployments: what AIM Engine accepts is accepted with the same meaning", () => {
  let compared = 0;
  fc.assert(
    fc.property(writtenDeployments(), (text) => {
      const wanted = ownRule(text);
      if (wanted === undefined) return;
      assert.deepEqual(readDeployments(text), wanted, text);
      compared++;
    }),
    { numRuns: 4000 },
  );
  assert.ok(compared > 800, `${compared} texts were compared`);
});
