import assert from "node:assert/strict";
import { parseChallenges } from "./challenge.ts";

const short = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);

Deno.test("challenges are read with their parameters", () => {
  const rows: [header: string, expected: unknown][] = [
    ["", []],
    ["Basic", [["basic", {}]]],
    ['Basic realm="a b"', [["basic", { realm: "a b" }]]],
    ["BASIC Realm=x", [["basic", { realm: "x" }]]],
    [
      'Bearer realm="https://a.io/t?x=1,2",service="s",scope="repository:a/b:pull,push"',
      [["bearer", { realm: "https://a.io/t?x=1,2", service: "s", scope: "repository:a/b:pull,push" }]],
    ],
    ['Bearer realm = "a" , service = b', [["bearer", { realm: "a", service: "b" }]]],
    ['Bearer realm="a\\"b\\\\"', [["bearer", { realm: 'a"b\\' }]]],
    ['Negotiate abc==, Basic realm="x"', [["negotiate", {}], ["basic", { realm: "x" }]]],
    ['Negotiate, Bearer realm="x"', [["negotiate", {}], ["bearer", { realm: "x" }]]],
    ['Basic realm="x", Bearer realm="y",service="z"', [["basic", { realm: "x" }], ["bearer", {
      realm: "y",
      service: "z",
    }]]],
    ['Bearer realm="open', [["bearer", {}]]],
    ["Bearer __proto__=x", [["bearer", Object.fromEntries([["__proto__", "x"]])]]],
    ["<html>", []],
  ];
  for (const [header, expected] of rows) assert.deepEqual(short(header), expected, header);
});
