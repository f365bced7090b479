import { isObject } from "../../kube/json/json.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { EnvVar } from "../../api/mod.ts";
import { canonicalEnv } from "./env_json.ts";
import { mergeEnv, mergeInferenceEnv } from "./env.ts";
import { mergeJsonObjects } from "./json_merge.ts";
import { goJson } from "./naming.ts";

const secret = { secretKeyRef: { name: "s", key: "k" } };

Deno.test("env: base order with replacements in place, then the rest (services.md §1.3)", () => {
  const base = [{ name: "A", value: "1" }, { name: "B", value: "2" }, { name: "C", valueFrom: secret }];
  const over = [{ name: "Z", value: "9" }, { name: "C", value: "3" }, { name: "A", valueFrom: secret }];
  assert.deepEqual(mergeEnv(base, over), [
    { name: "A", valueFrom: secret },
    { name: "B", value: "2" },
    { name: "C", value: "3" },
    { name: "Z", value: "9" },
  ]);
  assert.deepEqual(mergeEnv(undefined, undefined), []);
});

Deno.test("env: an empty value still replaces, and is left out of what is written", () => {
  const base = [{ name: "A", value: "1" }, { name: "B", value: "" }];
  assert.deepEqual(mergeEnv(base, [{ name: "A", value: "" }]), [{ name: "A" }, { name: "B" }]);
});

Deno.test("AIM_ENGINE_ARGS (services.md §1.3, model-sources-and-config.md §10.3 and §16.1)", () => {
  const name = "AIM_ENGINE_ARGS";
  type Value = string | undefined | typeof secret;
  const entry = (value: Value) =>
    typeof value === "object" ? { name, valueFrom: value } : value === undefined ? { name } : { name, value };
  const rows: [base: Value, over: Value, merged: Value][] = [
    [
      '{"max-model-len":4096,"x":{"p":1}}',
      '{"x":{"q":2}}',
      '{"max-model-len":4096,"x":{"p":1,"q":2}}',
    ],
    ['{"b":1,"a":[1,2]}', '{"a":[3],"c":null}', '{"a":[3],"b":1,"c":null}'],
    ['{"a":{"x":1}}', '{"a":2}', '{"a":2}'],
    ['{"a":2}', '{"a":{"x":1}}', '{"a":{"x":1}}'],
    [undefined, '{ "a": 1 }', '{ "a": 1 }'],
    ['{ "a": 1 }', undefined, '{ "a": 1 }'],
    ['{ "a": 1 }', "", '{ "a": 1 }'],
    ['{"a":1}', "--flag", "--flag"],
    ["--flag", '{"a":1}', '{"a":1}'],
    ['{"a":1}', "[1]", "[1]"],
    ["null", '{"a":1}', '{"a":1}'],
    ['{"a":1}', "null", "null"],
    ['{"a":1}', secret, secret],
    [secret, '{"a":1}', '{"a":1}'],
    [secret, undefined, undefined],
  ];
  for (const [base, over, merged] of rows) {
    assert.deepEqual(mergeInferenceEnv([entry(base)], [entry(over)]), [entry(merged)], `${base} ${over}`);
  }
  assert.deepEqual(
    mergeEnv([entry('{"a":1}')], [entry('{"b":2}')]),
    [entry('{"b":2}')],
    "replaced elsewhere",
  );
});

Deno.test("merged JSON keeps numbers as they are written, and every key", () => {
  assert.equal(
    mergeJsonObjects('{"seed":9007199254740993,"f":1.0}', '{"e":1E400,"d":0.10,"n":-0}'),
    '{"d":0.10,"e":1E400,"f":1.0,"n":-0,"seed":9007199254740993}',
  );
  assert.equal(
    mergeJsonObjects('{"10":1,"9":2}', '{"__proto__":{"x":1}}'),
    '{"10":1,"9":2,"__proto__":{"x":1}}',
  );
  assert.equal(
    mergeJsonObjects('{"__proto__":{"y":2}}', '{"__proto__":{"x":1}}'),
    '{"__proto__":{"x":1,"y":2}}',
  );
  assert.equal(mergeJsonObjects('{"a":"<&>"}', '{"é":"\\u00e9"}'), '{"a":"<&>","é":"é"}');
  assert.equal(mergeJsonObjects("{", "{}"), undefined);
  assert.equal(mergeJsonObjects(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, "{}"), undefined);
});

Deno.test("property: merging JSON objects is the deep merge of their values, with sorted keys", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
  const merge = (a: unknown, b: unknown): unknown => {
    if (!isObject(a) || !isObject(b)) return b;
    const result = new Map(Object.entries(a));
    for (const [key, value] of Object.entries(b)) {
      result.set(key, result.has(key) ? merge(result.get(key), value) : value);
    }
    return Object.fromEntries(result);
  };
  fc.assert(fc.property(object, object, (a, b) => {
    const text = mergeJsonObjects(JSON.stringify(a), JSON.stringify(b))!;
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(merge(a, b))));
    assert.equal(mergeJsonObjects(text, text), text, "a fixpoint");
  }));
});

/** JSON texts whose numbers are written in all ways; numbers are told apart by their text alone. */
const { object: writtenObject } = fc.letrec((tie) => ({
  number: fc.tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String), fc.constantFrom("0", "9007199254740993")),
    fc.oneof(fc.constant(""), fc.stringMatching(/^[0-9]{1,25}$/).map((digits) => `.${digits}`)),
    fc.constantFrom("", "", "e5", "E400", "e-7", "E+0"),
  ).map((parts) => parts.join("")),
  value: fc.oneof(
    { depthSize: "small" },
    tie("number"),
    fc.constantFrom("true", "null", '"1.0"', '"a:1.0,"'),
    tie("object"),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
  ),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), { maxKeys: 4 })
    .map((fields) => `{ ${Object.entries(fields).map(([key, value]) => `"${key}" :${value}`).join(" ,")} }`),
})) as { object: fc.Arbitrary<string> };

/** A reader of JSON that leaves numbers as texts, apart from strings: independent of the one under test. */
function readTexts(text: string): unknown {
  const quoted = text.replaceAll(
    /"[^"]*"|-?\d[\d.eE+-]*/g,
    (token) => token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
  );
  return JSON.parse(quoted);
}

Deno.test("property: AIM_ENGINE_ARGS of four layers lose no digit", () => {
  const merge = (a: unknown, b: unknown): unknown => {
    if (!isObject(a) || !isObject(b)) return b;
    const merged = { ...a };
    for (const [key, value] of Object.entries(b)) merged[key] = merge(a[key], value);
    return merged;
  };
  fc.assert(fc.property(fc.array(writtenObject, { minLength: 2, maxLength: 4 }), (layers) => {
    const [{ value }] = layers.map((value): EnvVar[] => [{ name: "AIM_ENGINE_ARGS", value }])
      .reduce((below, above) => mergeInferenceEnv(below, above));
    assert.deepEqual(readTexts(value!), layers.map(readTexts).reduce(merge));
  }));
});

Deno.test("property: merging env keeps names unique and over's entries", () => {
  const env = fc.uniqueArray(
    fc.record({ name: fc.constantFrom("A", "B", "C", "D"), value: fc.constantFrom("x", "y") }),
    { selector: (entry) => entry.name },
  );
  fc.assert(fc.property(env, env, (base, over) => {
    const merged = mergeEnv(base, over);
    assert.equal(new Set(merged.map(({ name }) => name)).size, merged.length);
    for (const entry of over) assert.deepEqual(merged.find(({ name }) => name === entry.name), entry);
    assert.deepEqual(mergeEnv(merged, over), merged);
    assert.deepEqual(merged.slice(0, base.length).map(({ name }) => name), base.map(({ name }) => name));
  }));
});

Deno.test("env in names: key order, empty and unknown keys (conventions.md §10.2)", () => {
  const env = [
    { valueFrom: { fieldRef: { fieldPath: "f", apiVersion: "v1" } }, name: "A", value: "" },
    { name: "B", valueFrom: { resourceFieldRef: { resource: "limits.memory" } } },
    { name: "C", valueFrom: { resourceFieldRef: { divisor: "1024Ki", resource: "r", containerName: "c" } } },
    { name: "D", valueFrom: { configMapKeyRef: { optional: false, key: "k", name: "" } } },
    { name: "E", valueFrom: { fileKeyRef: { key: "k", path: "p", volumeName: "v", optional: true } } },
    { name: "F", value: "1", surprise: 1 },
  ];
  assert.equal(
    goJson(canonicalEnv(env)),
    '[{"name":"A","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"f"}}},' +
      '{"name":"B","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"0"}}},' +
      '{"name":"C","valueFrom":{"resourceFieldRef":{"containerName":"c","resource":"r","divisor":"1Mi"}}},' +
      '{"name":"D","valueFrom":{"configMapKeyRef":{"key":"k","optional":false}}},' +
      '{"name":"E","valueFrom":{"fileKeyRef":{"volumeName":"v","path":"p","key":"k","optional":true}}},' +
      '{"name":"F","value":"1"}]',
  );
});

Deno.test("property: many lists merge as two and two do, from the lowest up", () => {
  const name = fc.constantFrom("A", "B", "AIM_ENGINE_ARGS");
  const value = fc.constantFrom("", "1", '{"a":1}', '{"a":2,"b":[1]}');
  const entry: fc.Arbitrary<EnvVar> = fc.oneof(
    fc.record({ name, value }),
    fc.record({ name, valueFrom: fc.constant(secret) }),
    fc.record({ name }),
  );
  const layer = fc.option(fc.array(entry, { maxLength: 4 }), { nil: undefined });
  fc.assert(fc.property(fc.array(layer, { minLength: 2, maxLength: 5 }), ([lowest, ...higher]) => {
    const expected = higher.reduce<EnvVar[] | undefined>(
      (below, above) => mergeInferenceEnv(below, above),
      lowest,
    );
    // As written: a value that is undefined is none.
    assert.equal(JSON.stringify(mergeInferenceEnv(lowest, ...higher)), JSON.stringify(expected));
  }));
});
