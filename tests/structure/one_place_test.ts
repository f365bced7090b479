/** What there is once in the whole tree, tests included, so that it means the same everywhere. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

const once: readonly (readonly [what: string, written: RegExp, where: string])[] = [
  ["deep equality of JSON", /function (equalJson|deepEqual|isEqual)\b/, "lib/kube/json/equal.ts"],
  ["whether a JSON value is an object", /(function|const) (isObject|isMap)\b/, "lib/kube/json/json.ts"],
  ["merge patches", /function (\w*MergePatch|merged\w*)\(target/, "lib/kube/json/merge_patch.ts"],
  ["exponential backoff", /2 \*\* \(?(this\.#?)?(failures|attempts|tries)/, "lib/kube/backoff.ts"],
  ["waiting unless called off", /function unlessAborted\b/, "lib/kube/body.ts"],
];

async function* sources(folder: string): AsyncGenerator<[file: string, text: string]> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield [path, await Deno.readTextFile(root + path)];
  }
}

const all = (await Promise.all(["lib", "controllers", "tests"].map((each) => Array.fromAsync(sources(each)))))
  .flat()
  .filter(([file]) => file !== "tests/structure/one_place_test.ts");

for (const [what, written, where] of once) {
  Deno.test(`there is one of: ${what}`, () => {
    assert.deepEqual(all.filter(([, text]) => written.test(text)).map(([file]) => file), [where]);
  });
}

Deno.test("the name of a field manager is spelled once", () => {
  const spelled = all.filter(([file, text]) =>
    !file.startsWith("tests/") && !/_(test|fixture|sample)\.ts$/.test(file) &&
    /["`]aim-[^"` ]+-controller["`]/.test(text)
  );
  assert.deepEqual(spelled.map(([file]) => file), ["lib/operator/naming/labels.ts"]);
});
