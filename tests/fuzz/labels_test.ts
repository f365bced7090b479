/** What an image says in its labels, hostile or broken. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type ImageMetadata, imageMetadata } from "../../lib/api/mod.ts";
import { DeploymentsError, imageMetadataOf, LabelError, readDeployments } from "../../lib/images/mod.ts";
import { fuzz, fuzzInputs, piecesOf, readInTime } from "./fuzz.ts";

const deployments = piecesOf(
  [
    ..."[]{}(),:'\"\\ \n01-.eE+_",
    "'gpuModel'",
    '"gpuCount"',
    "'precision'",
    "MI300X",
    "'MI300X'",
    "True",
    "None",
    "null",
    "1.0",
    "\\u0041",
    "\\ud800",
    "\u0085",
    "\ufeff",
    "😀",
    "'''",
  ],
  [
    "{'gpuModel': 'MI300X', 'gpuCount': 1, 'precision': 'fp16', 'metric': 'latency', 'profileId': 'vllm-1'}",
    '[{"gpuModel":"MI300X","gpuCount":8,"description":"it\'s [good]"},{"gpuCount":1},null]',
    "[{'description': \"it's\", 'x': (1, [True, None,],),}, {'gpuCount': 2}]",
  ],
);

/** The value and what it is, or the error and why it is a good one. */
function attempt<Output>(read: () => Output): Output | DeploymentsError | LabelError {
  try {
    return read();
  } catch (error) {
    if (error instanceof DeploymentsError || error instanceof LabelError) return error;
    throw error;
  }
}

Deno.test(`fuzz, ${fuzzInputs} values of recommendedDeployments: read, or refused with entry and column`, () => {
  let read = 0;
  fuzz(deployments, (value) => attempt(() => readDeployments(value)), (output, value) => {
    if (output instanceof DeploymentsError) {
      const { column, entry, message, remedy } = output;
      assert.ok(column >= 1 && column <= [...value].length + 1, `column ${column}`);
      assert.ok(entry === undefined || entry >= 0);
      assert.ok(message.length > 0 && message.length < 300 && remedy.length > 0 && remedy.length < 200);
      return;
    }
    assert.ok(!(output instanceof LabelError));
    const metadata: ImageMetadata = { model: { recommendedDeployments: output } };
    assert.ok(imageMetadata.safeParse(metadata).success);
    for (const { gpuCount = 0 } of output) assert.equal(gpuCount, gpuCount | 0);
    // What was read, written as JSON, is read as the same.
    assert.deepEqual(readDeployments(JSON.stringify(output)), output);
    read++;
  });
  assert.ok(read > fuzzInputs / 100, `${read} values were read`);
});

Deno.test(`fuzz, ${fuzzInputs} sets of labels: the metadata fits the schema, or a label is named`, () => {
  const prefix = fc.constantFrom("com.amd.aim.", "org.amd.silogen.", "org.opencontainers.image.");
  const suffix = fc.constantFrom(
    ...["title", "model.canonicalName", "model.tags", "model.versions", "hfToken.required", "version"],
    ...["model.recommendedDeployments", "model.deployments", "description.full", "__proto__", ""],
  );
  const key = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(prefix, suffix).map(([before, after]) => before + after) },
    fc.string({ unit: "binary" }),
    fc.constantFrom("__proto__", "constructor", "toString"),
  );
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("true", "T", "f", "", " , a,,b ", "{'gpuCount': 1}", ",".repeat(1000)),
    deployments,
  );
  const labels = fc.array(fc.tuple(key, value), { maxLength: 8 }).map((entries) =>
    Object.fromEntries(entries)
  );
  let read = 0;
  fuzz(labels, (given) => attempt(() => imageMetadataOf(given)), (output, given) => {
    if (output instanceof Error) {
      assert.ok(output instanceof LabelError);
      assert.ok(Object.hasOwn(given, output.label), output.label);
      assert.ok(output.message.includes(`image label ${output.label}`));
      assert.ok(output.message.length < 600);
      return;
    }
    assert.ok(imageMetadata.safeParse(output).success);
    assert.equal(
      Object.keys(output.originalLabels ?? {}).length,
      new Set(Object.keys(given).map((name) => name.toWellFormed())).size,
    );
    read++;
  });
  assert.ok(read > fuzzInputs / 4, `${read} sets were read`);
});

const large = 1_000_000;
const hostile: [string, string][] = [
  ...[
    "[",
    "{",
    "(",
    "]",
    "'",
    '"',
    "\\",
    ",",
    " ",
    "\n",
    "1",
    "-",
    "[[]",
    "{'a':",
    "[{'a':[",
    "\u0085",
    "a",
    "\ud800",
  ]
    .map((part): [string, string] => [JSON.stringify(part), part.repeat(Math.ceil(large / part.length))]),
  ["lists in lists", "[".repeat(large / 2) + "]".repeat(large / 2)],
  ["a million empty entries", `[${"{},".repeat(large / 3)}{}]`],
  ["a long string of escapes", `[{'description': '${"\\u0041".repeat(large / 6)}'}]`],
  ["a long number", `[{'gpuCount': ${"9".repeat(large)}}]`],
  ["spaces before the fault", `[${" ".repeat(large)}x]`],
];
for (const [what, value] of hostile) {
  Deno.test(`a label of a million characters, ${what}: read or refused, in time`, () => {
    const output = readInTime(() => attempt(() => readDeployments(value)));
    if (output instanceof DeploymentsError) assert.ok(output.message.length < 300);
  });
}
