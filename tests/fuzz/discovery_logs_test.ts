/** Logs of discovery Jobs: noise before and after, cut lines, nested brackets, 50 MB. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { templateStatus } from "../../lib/api/mod.ts";
import { type DiscoveryResult, readDiscoveryLog } from "../../lib/images/mod.ts";
import { exampleArray } from "../../lib/images/discovery_log_sample.ts";
import { fuzz, fuzzInputs, piecesOf, readInTime } from "./fuzz.ts";

const pieces = [
  ...'[]{}:,"\\ \n1',
  ...[
    "[]",
    "[{",
    "}]",
    '"a"',
    '\\"',
    '"]"',
    '"["',
    "null",
    "1e400",
    "-1",
    "[INFO] x\n",
    "<html>",
    "\u0085",
    "😀",
  ],
  ...[
    '"profile":',
    '"metadata":',
    '"models":',
    '"gpu_count":',
    '"size_gb":',
    '"engine_args":',
    '{"profile":{}}',
  ],
];
const noise = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(""));
const logs = fc.oneof(
  piecesOf(pieces, [
    exampleArray,
    `start\n${exampleArray}\nend`,
    JSON.stringify(JSON.parse(exampleArray), null, 2),
  ]),
  fc.tuple(noise, noise).map(([before, after]) => `${before}\n${exampleArray}\n${after}`),
);

function holds(result: DiscoveryResult): void {
  if (!result.ok) {
    assert.ok(result.message.length > 20 && result.message.length < 600, result.message);
    if (result.fault === "Unreadable") assert.match(result.message, /in line \d+, column \d+ /);
    return;
  }
  const { profile, modelSources, flaws } = result;
  assert.ok(templateStatus.safeParse({ profile, modelSources }).success);
  assert.ok(flaws.every((flaw) => flaw.length < 300));
}

Deno.test(`fuzz, ${fuzzInputs} discovery logs: a result that fits the schema, or what is wrong and where`, () => {
  let found = 0;
  fuzz(logs, readDiscoveryLog, (result) => {
    holds(result);
    if (result.ok) found++;
  });
  assert.ok(found > fuzzInputs / 20, `${found} logs had a result`);
});

Deno.test(`fuzz, ${fuzzInputs} discovery logs with noise that has no ]: the array is found`, () => {
  const before = fc.string({ unit: "binary", maxLength: 60 });
  const after = before.map((text) => text.replaceAll("]", ""));
  const wanted = readDiscoveryLog(exampleArray);
  assert.ok(wanted.ok);
  fuzz(
    fc.tuple(before, noise, after),
    ([first, more, last]) => readDiscoveryLog(first + more + exampleArray + last),
    (result) => {
      assert.deepEqual(result, wanted);
    },
  );
});

const size = 50 * 1000 * 1000;
const fill = (part: string, length = size) => part.repeat(Math.floor(length / part.length));
const end = (text: string) => fill("noise [\n", size) + text;
const huge: [string, () => string][] = [
  ...[
    "[",
    "]",
    "{",
    '"',
    "\\",
    " ",
    "\n",
    "[[]",
    '["',
    "[{",
    "[INFO] x\n",
    '[{"a":',
    "<html>",
    "1",
    '\\"',
    "[]",
  ].map((
    part,
  ): [string, () => string] => [`of ${JSON.stringify(part)}`, () => fill(part)]),
  ["that ends with the array", () => end(exampleArray)],
  ["of open brackets before the array", () => fill("[") + exampleArray],
  ["whose array is cut", () => end(exampleArray.slice(0, -40))],
  ["whose end is a string of 4 MB", () => end(`[{"profile":{},"x":"${fill("x", 4_000_000)}"}]`)],
  ["whose end is nested 1 million times", () => end(`[{"x":${fill("[", 1e6)}${fill("]", 1e6)}}]`)],
  ...[
    ["a string of 1 MB", '[{"profile":{},"x":"', "x", '"}]'],
    ["a string of escapes", '[{"profile":{},"x":"', "\\u0041", '"}]'],
    ["a list of numbers", '[{"profile":{},"x":[', "1,", "1]}]"],
    ["a list of words", '[{"profile":{},"x":[', "true,", "1]}]"],
    ["elements", "[", '{"models":[]},', "{}]"],
    ["null elements", "[", "null,", "{}]"],
    ["names", '[{"profile":{},', '"a":{"b":1},', '"a":1}]'],
    ["arguments", '[{"profile":{"engine_args":{"a":[', "1.0,", "1]}}}]"],
    ["variables", '[{"profile":{"env_vars":{', '"a":"b",', '"a":"b"}}}]'],
    ["models", '[{"models":[', '{"name":"a/b","source":"hf://a","size_gb":-1},', "{}]}]"],
  ].map(([what, open, part, close]): [string, () => string] => [
    `whose end is 1 MB of ${what}`,
    () => end(open + fill(part, 1_048_000) + close),
  ]),
  [
    "whose engine_args have 125 kB",
    () => end(`[{"profile":{"engine_args":{"a":[${fill("1.0,", 125_000)}1]}}}]`),
  ],
];
for (const [what, log] of huge) {
  Deno.test(`a log of 50 MB ${what}: read in time`, () => {
    const text = log();
    // One character more, so that the text is in one piece, as it comes from a socket.
    assert.ok(text.length > size - 100 && !text.includes("\u0001"));
    holds(readInTime(() => readDiscoveryLog(text)));
  });
}
