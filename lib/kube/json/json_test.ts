import assert from "node:assert/strict";
import fc from "fast-check";
import { isObject, isRawNumber, parseJson, stringifyJson } from "./json.ts";

const unchanged = [
  "9007199254740993",
  "-9223372036854775808",
  '{"learning_rate":0.0000001}',
  "[-0.00000015,0.000001]",
  '{"a":18446744073709551615}',
  '{"a":1.0,"b":[2.50,{"c":1e3}]}',
  '[1E5,-0,0.1,"1.0",null,true]',
  '{"a":0.1000000000000000055511151231257827}',
  '{"engine_args":{"gpu-memory-utilization":0.90,"seed":12345678901234567890}}',
];

for (const text of unchanged) {
  Deno.test(`JSON keeps its text: ${text}`, () => assert.equal(stringifyJson(parseJson(text)), text));
}

Deno.test("JSON keeps numbers also where there is white space around them", () => {
  assert.equal(
    stringifyJson(parseJson('{ "a" : 1.0 ,\n "b" : [ 12345678901234567890 ] }')),
    '{"a":1.0,"b":[12345678901234567890]}',
  );
});

Deno.test("numbers that a double holds are plain numbers, also beside others", () => {
  assert.deepEqual(parseJson('{"a":1,"b":1.5,"c":-3e+21}'), { a: 1, b: 1.5, c: -3e21 });
  const value = parseJson('{"a":1,"b":1.0}') as Record<string, unknown>;
  assert.equal(value.a, 1);
  assert.ok(isRawNumber(value.b));
  assert.equal(value.b.rawJSON, "1.0");
});

Deno.test("bad JSON is a SyntaxError", () => {
  assert.throws(() => parseJson('{"a":1.0'), SyntaxError);
  assert.throws(() => parseJson("{"), SyntaxError);
});

Deno.test("whatever JSON.stringify writes comes back as JSON.parse reads it", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assert.equal(stringifyJson(parseJson(text)), text);
  }));
});

Deno.test("any integer keeps its digits, anywhere", () => {
  fc.assert(fc.property(fc.bigInt(), fc.string(), (integer, string) => {
    const text = `{"a":[${integer},${JSON.stringify(string)}],"b":${integer}}`;
    assert.equal(stringifyJson(parseJson(text)), text);
  }));
});

Deno.test("any number keeps its text, however it is written", () => {
  const digits = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 }).map((each) => each.join(""));
  const whole = digits.map((each) => each.replace(/^0+(?=\d)/, ""));
  const exponent = fc.tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.nat({ max: 400 }));
  const number = fc.tuple(
    fc.constantFrom("", "-"),
    fc.oneof(whole, fc.constant("0")),
    fc.option(fc.oneof(digits, digits.map((each) => `000000${each}`)).map((each) => `.${each}`), { nil: "" }),
    fc.option(exponent.map((each) => each.join("")), { nil: "" }),
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(number, (text) => {
    assert.equal(stringifyJson(parseJson(`{"a":${text}}`)), `{"a":${text}}`);
  }));
});

Deno.test("an object is none of the other things of JSON, nor a number that was kept as text", () => {
  const values = parseJson('[{},{"rawJSON":"1.0"},[],null,1.0,1,"{}",true]') as unknown[];
  assert.deepEqual(values.map(isObject), [true, true, false, false, false, false, false, false]);
});
