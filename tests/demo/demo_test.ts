/** The demo as a user runs it, without a terminal: what it shows, how it ends, what it leaves behind. */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { until } from "../control_plane/until.ts";
import { blocksRunBy, documentAt, root } from "../documents/markdown.ts";
import { onRealCluster } from "../e2e/half.ts";
import { nextSteps } from "./next_steps.ts";
import { SandboxedProgram } from "./sandboxed_program.ts";

/** What README's command runs. */
const program = await taskOf(blocksRunBy(import.meta.url).map(({ text }) => text));
/** What the demo runs on in this half of the suite, and the flag for it. */
const [what, flags] = onRealCluster ? ["Kubernetes' own parts", ["--real"]] : ["a cluster in memory", []];

/** Who has nothing but Node has a PATH on which no other program is; real parts are built with Go. */
const onlyNode: Record<string, string> = onRealCluster ? {} : { PATH: dirname(Deno.execPath()) };

/** Arguments for Deno, of the task that the one command runs. */
async function taskOf([command, ...others]: readonly string[]): Promise<string[]> {
  assert.deepEqual(others, []);
  const [, version, task] = /^npx -y deno@([\d.]+) task (\w+) /.exec(command) ?? [];
  assert.equal(version, Deno.version.deno);
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const [deno, ...args] = tasks[task].split(" ");
  assert.equal(deno, "deno");
  return args;
}

/** The lines of the table for one part, in order. */
function rowsOf({ lines }: SandboxedProgram, part: string): string[] {
  return lines.filter((line) => new RegExp(`^ *[0-9.]+ s {2}${part} `).test(line));
}

/** What docs/troubleshooting.md tells a user to ask about a service. */
function documentedCommands(): string[] {
  const { blocks } = documentAt("docs/troubleshooting.md");
  const first = blocks.findIndex(({ text }) => text.startsWith("kubectl get aimservice chat"));
  const commands = blocks.slice(first, first + 4).flatMap(({ text }) => text.split("\n"));
  assert.match(commands[0], /^kubectl get aimservice chat/);
  assert.match(commands.at(-1)!, /^kubectl get pods/);
  return commands;
}

async function nothingIsLeft(demo: SandboxedProgram): Promise<void> {
  await until("no process left", async () => (await demo.processes()).length === 0, { seconds: 10 })
    .catch(async () => assert.deepEqual(await demo.processes(), []));
  assert.deepEqual(await demo.files(), []);
}

Deno.test(`the demo on ${what} shows the path to a running service, with commands that work; Ctrl-C leaves nothing`, async () => {
  await using demo = await SandboxedProgram.start([...program, ...flags, "--keep"], onlyNode);
  await demo.says(/^tail -f /);
  const text = demo.lines.join("\n");

  assert.match(text, /The Deployment of the operator is scaled to 0: it runs as a process here/);
  assert.match(text, /^ {4}kind: AIMService$/m);
  assert.equal(text.match(/^ {4}\S?.*$/gm)?.filter((line) => !/^ {4,} *\d/.test(line)).length, 10);
  assert.match(text, /^ {4} {4}image: localhost:\d+\/aim\/qwen3-32b:0\.8\.5$/m);
  assert.match(rowsOf(demo, "model").at(-1)!, /qwen3-32b-0-8-5-[0-9a-f]{8} +Ready +Qwen\/Qwen3-32B$/);
  const templates = rowsOf(demo, "template").join("\n");
  assert.match(templates, /-mi325x-lat-fp8-\w+ +Ready +1 × MI325X, latency, fp8, optimized, <- chosen$/m);
  assert.match(templates, /-mi325x-lat-fp4-\w+ +Ready +1 × MI325X, latency, fp4, preview$/m);
  assert.match(templates, /-mi355x-lat-fp8-\w+ +NotAvailable +1 × MI355X, latency, fp8$/m);
  assert.match(rowsOf(demo, "jobs").at(-1)!, /3\/3 complete +Complete/);
  assert.match(
    rowsOf(demo, "choice").at(-1)!,
    /-mi325x-lat-fp8-\w+ are resolved; chosen: .*MI325X ranks above MI300X of .*-mi300x-lat-fp16-\w+ \(runner-up /,
  );
  assert.match(rowsOf(demo, "cache").at(-1)!, /Ready/);
  const artifact = rowsOf(demo, "artifact");
  assert.match(artifact.at(-1)!, /Ready +48(\.\d)? MiB on claim /);
  assert.ok(
    artifact.some((row) => /[█░]{10} +\d?\d % /.test(row)),
    `progress:\n${artifact.join("\n")}`,
  );
  assert.match(rowsOf(demo, "endpoint").at(-1)!, /chat-a04542d9 +Ready/);
  assert.match(rowsOf(demo, "pods").at(-1)!, /2\/2 ready +Running +on mi325x-0/);
  assert.match(rowsOf(demo, "route").at(-1)!, /Accepted +path \/ml-team\/chat/);
  assert.match(rowsOf(demo, "service").at(-1)!, /chat +Running/);
  // The answer of a process that has read what was downloaded, along the route.
  const curl = demo.lines.findIndex((line) =>
    /^\$ curl http:\/\/127\.0\.0\.1:\d+\/ml-team\/chat\/v1\/models$/.test(line)
  );
  const { data: [served] } = JSON.parse(demo.lines[curl + 1]);
  assert.equal(served.id, "Qwen/Qwen3-32B");
  assert.equal(served.files, 4);
  assert.ok(served.bytes_read > 48 * 1024 * 1024, `${served.bytes_read}`);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /\x1b|\r/, "no control characters where there is no terminal");

  const exported = demo.lines.filter((line) => line.startsWith("export "));
  assert.equal(exported.length, 2);
  const succeeds = async (command: string) => {
    const { success, stderr } = await new Deno.Command("bash", {
      args: ["-c", [...exported, command].join("\n")],
    }).output();
    assert.ok(success, `${command}: ${new TextDecoder().decode(stderr)}`);
  };
  for (const command of documentedCommands()) await succeeds(command);
  for (const { command } of nextSteps("ml-team", "chat")) {
    assert.ok(demo.lines.includes(command), command);
    await succeeds(command);
  }

  assert.ok((await demo.processes()).length > 2, "its processes can be told from others");
  demo.signal("SIGINT");
  assert.equal(await demo.ended(), 130);
  await nothingIsLeft(demo);
});

Deno.test("a demo that does not get there says why, and ends with 1", async () => {
  await using demo = await SandboxedProgram.start([...program, ...flags, "--seconds=0"]);
  assert.equal(await demo.ended(), 1);
  const text = demo.lines.join("\n");
  assert.match(text, /^The service does not run after 0 s\. What its status says:$/m);
  assert.match(text, /^The end of the operator's log:\n {2}\{.*the operator starts/m);
  await nothingIsLeft(demo);
});

Deno.test("a wrong command line ends with 2 and the usage", async () => {
  await using demo = await SandboxedProgram.start([...program, "--seconds=soon"]);
  assert.equal(await demo.ended(), 2);
  assert.match(
    demo.lines.join("\n"),
    /--seconds: soon is no number of seconds\n\ndeno task demo \[--real\] \[--keep\]/,
  );
});
