/** `deno task dev` against a cluster that has, or lacks, what the operator needs. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SandboxedProgram } from "../demo/sandboxed_program.ts";
import { onRealCluster, startScenarioServer } from "../e2e/half.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
/** As the task has it, without the word `deno`. */
const program: string[] = tasks.dev.split(" ").slice(1);
const manifests = fileURLToPath(new URL("../../manifests", import.meta.url));

Deno.test("the operator runs against a context of a kubeconfig, or it is said what is missing", async (t) => {
  await using plane = await startScenarioServer();
  const dev = (...args: string[]) =>
    SandboxedProgram.start([...program, ...args], { KUBECONFIG: plane.adminKubeconfig });
  const kubectl = async (...args: string[]) => {
    const { code, stderr } = await plane.kubectl(args);
    assert.equal(code, 0, stderr);
  };
  const refused = async (says: RegExp, ...args: string[]) => {
    await using operator = await dev(...args);
    assert.equal(await operator.ended(), 1);
    assert.match(operator.lines.join("\n"), says);
  };

  await t.step(
    "no CRDs",
    () => refused(/^The CRDs are not installed \(.*aimservices.*kubectl apply -k manifests\/crds$/m),
  );
  await kubectl("apply", "-k", manifests);
  await t.step("another operator", () => refused(/^An operator is installed here .*--replicas=0$/m));
  await kubectl("scale", "deployment", "aim-engine-controller-manager", "-n", "aim-system", "--replicas=0");
  await t.step("no such context", () => refused(/contexts has no entry named "mine"/, "--context=mine"));

  await t.step("all there: it runs until it is told to end", async () => {
    await using operator = await dev("--context=admin", "--", "--zap-log-level=info");
    await operator.says(/INFO the operator starts/);
    const [deno] = (await operator.processes()).filter((commandLine) => commandLine.includes("mod.ts"));
    assert.ok(deno, "the operator is a process of its own");
    assert.doesNotMatch(deno, /--allow-(all|run|write)|-A /);
    assert.ok(/--allow-read=(.*?) --/.exec(deno)![1].split(",").includes(plane.adminKubeconfig), deno);
    const text = operator.lines.join("\n");
    assert.match(text, /^KServe is not installed/m);
    assert.match(text, /^Gateway API is not installed/m);
    operator.signal("SIGTERM");
    assert.equal(await operator.ended(), 0);
    assert.deepEqual(await operator.processes(), []);
  });
});

Deno.test("with --cluster a service runs by the commands that it prints; SIGTERM leaves nothing", async () => {
  await using dev = await SandboxedProgram.start([
    ...[...program, "--cluster", ...(onRealCluster ? ["--real"] : [])],
    ...["--", "--zap-log-level=info"],
  ]);
  await dev.says(/INFO reconciling begins/);
  const commands = dev.lines.filter((line) => /^ {2}(export|kubectl) /.test(line));
  assert.equal(commands.length, 3, dev.lines.join("\n"));
  const wait = "kubectl wait --for=condition=Ready aimservices --all -A --timeout=60s";
  const { success, stderr } = await new Deno.Command("bash", {
    args: ["-ec", [...commands, wait].join("\n")],
  })
    .output();
  assert.ok(success, `${new TextDecoder().decode(stderr)}\n${dev.lines.join("\n")}`);
  dev.signal("SIGTERM");
  assert.equal(await dev.ended(), 0);
  assert.deepEqual(await dev.processes(), []);
  assert.deepEqual(await dev.files(), []);
});

Deno.test("--real without --cluster is a wrong command line", async () => {
  await using dev = await SandboxedProgram.start([...program, "--real"]);
  assert.equal(await dev.ended(), 2);
  assert.match(dev.lines[0], /--real says what --cluster starts: give both/);
});

Deno.test("no kubeconfig: it is said which is missing, and what there is without one", async () => {
  await using operator = await SandboxedProgram.start(program, { KUBECONFIG: "/no/such/file" });
  assert.equal(await operator.ended(), 1);
  assert.match(
    operator.lines.join("\n"),
    /\/no\/such\/file does not exist\nWithout a cluster of your own: deno task dev --cluster/,
  );
});

Deno.test("no shipped command has all permissions", () => {
  assert.doesNotMatch(tasks.dev, /-A\b|--allow-all/);
});
