/** What an image is told that prints no result (models-and-templates.md §5.8, Better). */

import assert from "node:assert/strict";
import { type DiscoveryFault, largestResult, longestArray, readDiscoveryLog } from "./discovery_log.ts";
import { exampleArray } from "./discovery_log_sample.ts";

/** A log of one element. */
function log(element: unknown): string {
  return JSON.stringify([element]);
}
const models = [{ name: "a/b", source: "hf://a/b" }];

const failures: [string, string, DiscoveryFault, RegExp][] = [
  ["nothing", "", "NoOutput", /^the image printed nothing; an AIM image prints a JSON array/],
  ["white space", "\n \n", "NoOutput", /printed nothing/],
  ["HTML", "<!DOCTYPE html>\n<html><script>a[0]</script></html>", "NoArray", /printed a page of HTML/],
  ["HTML without array", "\n<html>", "NoArray", /printed a page of HTML/],
  ["text", "\nusage: aim [-h", "NoArray", /no JSON array, but from line 2 on "usage: aim \[-h"/],
  ["an object", '{"profile":{}}', "NoArray", /no JSON array, but from line 1 on "\{/],
  ["an empty array", "x\n[]\n", "EmptyArray", /an empty array: it has no profile for the metric/],
  ["an empty array in brackets", "[[ []", "EmptyArray", /empty array/],
  ["an element without anything", "[{}]", "NoProfile", /an element without profile and models/],
  ["a null element", "[null]", "NoProfile", /an element without/],
  ["a null profile", log({ profile: null }), "NoProfile", /an element without/],
  ["an element of something else", '[{"level":"info"}]', "NoProfile", /an element without/],
  ["numbers", "[1, 2]", "Unreadable", /line 1, column 1 of the log .* line 1, column 2 an object in/],
  ["an array in a list", `[1, [{"a":1}]]`, "Unreadable", /starts in line 1, column 1 .* found 1;/],
  [
    "too many variables",
    log({ profile: { env_vars: { A: "x".repeat(largestResult) } } }),
    "TooLarge",
    /take 131\d\d\d bytes/,
  ],
  [
    "too long an array",
    `[{"profile":{},"x":"${"x".repeat(longestArray)}"}]`,
    "TooLarge",
    /has 1048599 characters, and no more than 1048576 are read/,
  ],
  // As much of it as is read for telling what is wrong is right.
  [
    "an array of that length before noise",
    `[{}${" ".repeat(longestArray - 4)}] [x]`,
    "NoArray",
    /no JSON array/,
  ],
  [
    "a cut line",
    `x\n${exampleArray.slice(0, 60)}`,
    "Unreadable",
    /starts in line 2, column 1 .* in line 2, column \d+ /,
  ],
  [
    "a cut line behind brackets",
    `[INFO] x\n[{"a":[1],"b"`,
    "Unreadable",
    /in line 2, column 14 ":" is expected/,
  ],
  [
    "a line cut within the array",
    `[{"profile":{}},\n{"a"`,
    "Unreadable",
    /in line 2, column 5 ":" is expected/,
  ],
  [
    "noise with ] after it",
    `${exampleArray}\n[INFO] x`,
    "Unreadable",
    /in line 2, column 1 "\[" follows where/,
  ],
  [
    "a wrong type",
    `[{"profile":{"metadata":\n{"gpu_count":"1"}}}]`,
    "Unreadable",
    /in line 2, column 14 \[0\]\.profile\.metadata\.gpu_count must be a whole number but is "1"/,
  ],
  [
    "a wrong count",
    log({ profile: { metadata: { gpu_count: 1.5 } } }),
    "Unreadable",
    /whole number but is 1\.5/,
  ],
  [
    "a wrong type in a later element",
    log(null).replace("]", ',{"models":{}}]'),
    "Unreadable",
    /a list is expected/,
  ],
  [
    "engine_args in a list",
    log({ profile: { engine_args: [] } }),
    "Unreadable",
    /\[0\]\.profile\.engine_args must be an object but is a list/,
  ],
  [
    "engine_args too deep",
    `[{"profile":{"engine_args":{"a":${"[".repeat(200)}${"]".repeat(200)}}}}]`,
    "Unreadable",
    /engine_args nests 201 levels deep/,
  ],
  [
    "variables that are numbers",
    log({ profile: { env_vars: { PORT: 1 } } }),
    "Unreadable",
    /\[0\]\.profile\.env_vars\.PORT must be a string but is 1/,
  ],
  [
    "a size in quotes",
    log({ models: [{ size_gb: "1" }] }),
    "Unreadable",
    /models\[0\]\.size_gb must be a number but is a string/,
  ],
  [
    "a model without slash",
    log({ models: [{ name: "b", source: "hf://a/b" }] }),
    "BadSource",
    /printed models\[0\]\.name "b", and a model is named org\/name/,
  ],
  ["a model without name", log({ models: [{ source: "hf://a/b" }] }), "BadSource", /models\[0\]\.name ""/],
  [
    "a source of another scheme",
    log({ models: [...models, { name: "a/b", source: "https://u:secret@h/m?key=secret" }] }),
    "BadSource",
    /printed models\[1\]\.source "https:\/\/…@h\/m\?…", and weights come from/,
  ],
  [
    "a source with a password that has marks of a URL in it",
    log({ models: [{ name: "a/b", source: "https://u:a/secret?secret@h/m" }] }),
    "BadSource",
    /source "https:\/\/…@h\/m"/,
  ],
  [
    "a source with spaces",
    log({ models: [{ name: "a/b", source: "hf://a b" }] }),
    "BadSource",
    /source "hf:\/\/a b"/,
  ],
  [
    "too much",
    log({ profile: { engine_args: { a: "x".repeat(largestResult) } } }),
    "TooLarge",
    /fit into the status/,
  ],
];
for (const [what, text, fault, message] of failures) {
  Deno.test(`models-and-templates.md §5.8, Better: an image that prints ${what} is told what is wrong`, () => {
    const result = readDiscoveryLog(text);
    assert.ok(!result.ok);
    assert.equal(result.fault, fault, result.message);
    assert.match(result.message, message);
    assert.doesNotMatch(result.message, /secret/);
    assert.ok(result.message.length < 600);
  });
}
