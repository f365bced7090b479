/**
 * The commands of the documents, typed by a reader from top to bottom. A block that no test can run says so in a
 * comment above it, and is counted here.
 */

import assert from "node:assert/strict";
import { install, type Installation, uninstall } from "../e2e/installation.ts";
import { documentsOf } from "../manifests/documents.ts";
import type { User } from "../e2e/user.ts";
import { type Block, documentAt, documents, root } from "./markdown.ts";
import { Reader } from "./reader.ts";
import { fillTheCluster, prepareTheCatalogue } from "./readers_cluster.ts";

let installation: Installation;
let user: User;
let reader: Reader;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  reader = await Reader.sitsDown(user);
  await prepareTheCatalogue(user);
});

Deno.test.afterAll(async () => {
  await reader?.leaves(); // it may not have come
  await uninstall(installation);
});

/** Commands in a line of text that name no object a reader has. */
const incomplete: Readonly<Record<string, string>> = {
  "kubectl aim": "names no command",
  "kubectl describe": "names no object",
  "kubectl explain": "names no object",
  "kubectl wait --for=condition=Ready": "names no object",
  "kubectl logs --previous": "names no pod",
  "kubectl rollout restart": "is what not to do",
  "kubectl apply -k manifests/overlays/monitoring": "needs the kinds of the Prometheus operator",
};

const first = "docs/getting-started.md";
/** Pages that have a test of their own, which types their commands. */
const elsewhere = ["docs/migration.md"];
const isShell = ({ language }: Block) => language === "sh";

/** What has been typed: a page that repeats another's command is not tried twice. */
const before = new Set<string>();

/** Every block of a document in its order, and then the commands in its text. */
async function read(file: string, t: Deno.TestContext): Promise<void> {
  const { spans } = documentAt(file);
  for (const block of reader.blocks(file)) {
    if (before.has(block.text)) continue;
    before.add(block.text);
    const what = `${block.heading}: ${block.text.split("\n")[0]}`;
    await t.step(what, () => reader.typesBlock(block));
  }
  const commands = spans.filter((span) => /^kubectl [a-z]/.test(span) && !(span in incomplete));
  for (const command of commands.filter((command) => !/\b[A-Z]{2,}\b|…/.test(command))) {
    if (before.has(command)) continue;
    before.add(command);
    await t.step(command, () => reader.typesText(command, file));
  }
}

Deno.test(`${first}, on a cluster with nothing in it but what the registry says`, (t) => read(first, t));

Deno.test("a reader's cluster, with a service that runs", () => fillTheCluster(user));

const withCommands = documents.filter((file) =>
  documentAt(file).blocks.some(isShell) || documentAt(file).spans.some((span) => span.startsWith("kubectl "))
);
for (const file of withCommands.filter((file) => file !== first && !elsewhere.includes(file))) {
  Deno.test(`the commands of ${file}`, (t) => read(file, t));
}

Deno.test("what no test runs is marked with the reason, and is little", () => {
  const counts: Record<string, number> = {};
  for (const { mark } of documents.flatMap((file) => documentAt(file).blocks)) {
    if (mark && "notRun" in mark) counts[mark.notRun] = (counts[mark.notRun] ?? 0) + 1;
  }
  assert.deepEqual(counts, notRun);
});

Deno.test("a block that another test runs names a test that has its commands, or takes them from there", async () => {
  for (const { file, heading, text, mark } of documents.flatMap((file) => documentAt(file).blocks)) {
    if (!mark || !("runBy" in mark)) continue;
    assert.match(mark.runBy, /_test\.ts$/);
    const source = await Deno.readTextFile(`${root}${mark.runBy}`);
    const holds = source.includes("blocksRunBy(import.meta.url)") ||
      text.split("\n").every((line) => source.includes(line.trim()));
    assert.ok(holds, `${mark.runBy} has not the commands of ${file}, ${heading}`);
  }
});

Deno.test("the roles that a document has printed are printed", async (t) => {
  const commands = documents.flatMap((file) => documentAt(file).spans)
    .filter((span) => span.startsWith("deno task rbac"));
  assert.ok(commands.length > 3);
  for (const command of new Set(commands)) {
    await t.step(command, async () => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: command.split(" ").slice(1),
        cwd: root,
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const [printed, isHelp] = [new TextDecoder().decode(stdout), command.endsWith(" --help")];
      if (isHelp) assert.match(printed, /^ {2}--without=/m);
      else {assert.ok(
          documentsOf(printed).some(({ kind }) => kind === "ClusterRole" || kind === "Role"),
          printed,
        );}
    });
  }
});

/** How many blocks are not run, by the reason that stands above them. */
const notRun: Readonly<Record<string, number>> = {
  "asks a question": 1,
  "asks for kinds that a cluster in memory does not have": 1,
  "fetches a release from the internet": 1,
  "fetches charts from the internet": 1,
  "is AIM Engine's own installation": 1,
  "is a program that stays": 3,
  "is the suite itself": 4,
  "needs Docker": 3,
  "needs a model that answers": 2,
  "needs the operator's pod": 2,
  "takes minutes": 1,
  "writes into your home": 2,
};
