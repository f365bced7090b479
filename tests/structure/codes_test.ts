/** Codes of causes: each has its section in the documents, and is given by something. */

import assert from "node:assert/strict";
import { causeOf, codes } from "../../lib/operator/errors/codes.ts";
import { conditionTypes } from "../../lib/cli/commands/condition_types.ts";
import { documentAt, root } from "../documents/markdown.ts";

/** Text of all sources below a folder that are no tests. */
async function sources(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(await sources(path));
    else if (/\.ts$/.test(name) && !/_(test|fixture|sample)\.ts$/.test(name) && name !== "codes.ts") {
      texts.push(await Deno.readTextFile(`${root}${path}`));
    }
  }
  return texts.join("\n");
}

Deno.test("each code has a section in docs/reference/codes.md, and each section a code", () => {
  const { anchors } = documentAt("docs/reference/codes.md");
  const sections = [...anchors].filter((anchor) => /^aim-\d/.test(anchor));
  assert.deepEqual(sections.sort(), codes.map((code) => code.toLowerCase()));
});

Deno.test("each code is given: by a reason, or by name in a source", async () => {
  const text = await sources("lib/operator") + await sources("lib/cluster") + await sources("controllers");
  const idle = codes.filter((code) => {
    const { is = [], foreign = [], otherwise } = causeOf(code);
    return is.length + foreign.length === 0 && !otherwise && !text.includes(`"${code}"`);
  });
  assert.deepEqual(idle, []);
  const named = new Set(text.match(/(?<=")AIM-\d{4}(?=")/g));
  assert.deepEqual([...named].filter((code) => !(codes as readonly string[]).includes(code)), []);
});

Deno.test("explain knows every type of condition that a source sets", async () => {
  const text = await sources("lib/operator") + await sources("lib/cluster") + await sources("controllers");
  const components = [...text.matchAll(/component: "(\w+)"/g)].map(([, name]) => `${name}Ready`);
  const types = [...text.matchAll(/type: "([A-Z]\w+)", status/g)].map(([, type]) => type);
  /** Components that stand for others in between, and conditions of others that are read. */
  const foreign = ["JobReady", "AbleToScale", "ScalingActive", "PodScheduled"];
  const unknown = [...new Set([...components, ...types])].filter((type) =>
    !(type in conditionTypes) && !foreign.includes(type)
  );
  assert.deepEqual(unknown, []);
});
