import assert from "node:assert/strict";
import { isWanted } from "./file_patterns.ts";

/** Pattern, path, what Python's `fnmatch.fnmatchcase` says (tried there). */
const rows: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
  ["*.safetensors", "model.safetensors", true],
  ["*.safetensors", "sub/model.safetensors", true],
  ["*.safetensors", "model.bin", false],
  ["*.safetensors", "model.safetensors.index.json", false],
  ["original/", "original/consolidated.pth", true],
  ["original/*", "originals/x", false],
  ["model-0000?-of-*", "model-00001-of-00002", true],
  ["model-0000?-of-*", "model-000011-of-00002", false],
  ["[ab].txt", "a.txt", true],
  ["[!ab].txt", "a.txt", false],
  ["[!ab].txt", "c.txt", true],
  ["a.b", "aXb", false],
  ["(x)+{1}|^$", "(x)+{1}|^$", true],
  ["*", "ä/ö ü", true],
];

Deno.test("a pattern matches what it matches for Hugging Face tools", () => {
  for (const [pattern, path, matches] of rows) {
    assert.equal(isWanted(path, [pattern], []), matches, `${pattern} on ${path}`);
    assert.equal(isWanted(path, [], [pattern]), !matches, `without ${pattern}: ${path}`);
  }
});

Deno.test("without patterns every file is wanted, and exclude wins over include", () => {
  assert.equal(isWanted("x", [], []), true);
  assert.equal(isWanted("x.bin", ["*.bin", "*.json"], ["x*"]), false);
});
