import { isObject } from "../../kube/json/json.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
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
