/**
 * `deno task bench:plan`: `kubectl aim plan` on a cluster of 1,000 services that run, and on a folder of as many manifests.
 * `--n=N`; `--check` fails where a time or the memory is over what issue 16 wants.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { gpuNode } from "../control_plane/nodes.ts";
import { clusterModel, clusterTemplate, service as serviceOn } from "../e2e/catalogue.ts";
import { type AnyObject, WholeCluster } from "../simulation/whole/whole_cluster.ts";
import { usageOf } from "./process_usage.ts";
import { namespaces } from "./scenario.ts";

const { values } = parseArgs({
  options: { n: { type: "string", default: "1000" }, check: { type: "boolean" } },
});
const count = Number(values.n);
/** What is wanted: seconds, and megabytes. */
const wanted = { live: { seconds: 5, megabytes: 400 }, folder: { seconds: 3, megabytes: 400 } };

const program = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));
/** How many services a node takes. */
const gpus = 8;

const model = "bench";
const nodes = Array.from(
  { length: Math.ceil(count / gpus) + 1 },
  (_, n) => gpuNode(`n${n}`, { model: "MI300X", count: gpus }),
);
const catalogue = [clusterModel(model), clusterTemplate("bench-latency", model)];
const services = Array.from(
  { length: count },
  (_, n) => serviceOn(`svc-${n}`, namespaces[n % namespaces.length], { model: { name: model } }),
);
/** One that would win: it is of all namespaces, and every service is looked at. */
const template = clusterTemplate("bench-better", model, { precision: "fp8" });
const another = serviceOn("another", namespaces[0], { model: { name: model } });

const folder = await Deno.makeTempDir();
try {
  const write = async (name: string, objects: readonly AnyObject[]) => {
    const file = join(folder, name);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, objects.map((each) => stringify(each)).join("---\n"));
    return file;
  };
  const templateFile = await write("template.yaml", [template]);
  const serviceFile = await write("service.yaml", [another]);
  await write("state/nodes.yaml", nodes);
  await write("state/catalogue.yaml", catalogue);
  await write("state/services.yaml", services);

  const door = await openHttpDoor(new ApiServer({ like: await running() }));
  const kubeconfig = join(folder, "kubeconfig");
  await Deno.writeTextFile(kubeconfig, door.kubeconfig);
  const rows = [
    ["cluster, a cluster template", ["-f", templateFile, "--kubeconfig", kubeconfig], wanted.live],
    ["cluster, a service", ["-f", serviceFile, "--kubeconfig", kubeconfig], wanted.live],
    ["folder, a service", ["-f", serviceFile, "--from", join(folder, "state")], wanted.folder],
    ["folder, a cluster template", ["-f", templateFile, "--from", join(folder, "state")], undefined],
  ] as const;
  let missed = false;
  for (const [what, args, limit] of rows) {
    const { seconds, cpu, megabytes, said } = await plan(args);
    const over = limit !== undefined && (seconds > limit.seconds || megabytes > limit.megabytes);
    missed ||= over;
    console.log(
      `${what.padEnd(28)} ${seconds.toFixed(2).padStart(6)} s (CPU ${cpu.toFixed(1)} s) ${
        megabytes.toFixed(0).padStart(5)
      } MB` +
        (limit === undefined
          ? ""
          : `   wanted ${limit.seconds} s, ${limit.megabytes} MB${over ? ": missed" : ""}`) +
        `   ${said}`,
    );
  }
  await door.close();
  if (values.check && missed) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** A cluster on which all services run. */
async function running() {
  using cluster = new WholeCluster(1);
  for (const node of nodes) cluster.ask("POST", "/api/v1/nodes", node);
  for (const name of namespaces) {
    cluster.ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  const path = "/apis/aim.eai.amd.com/v1alpha1";
  cluster.ask("POST", `${path}/aimclustermodels`, catalogue[0]);
  cluster.ask("POST", `${path}/aimclusterservicetemplates`, catalogue[1]);
  cluster.start();
  for (const each of services) {
    cluster.ask("POST", `${path}/namespaces/${each.metadata.namespace}/aimservices`, each);
  }
  const all = () => cluster.server.cluster.store.list("aimservices.aim.eai.amd.com") as AnyObject[];
  for (let passed = 0; all().some(({ status }) => status?.status !== "Running"); passed += 5) {
    if (passed > 1_200) throw new Error("not all are Running");
    await cluster.time.pass(5_000);
  }
  await cluster.time.pass(120_000);
  return cluster.server.cluster;
}

/** One run of the program, from its start to its end. */
async function plan(args: readonly string[]) {
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--frozen", "-A", program, "plan", ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let [megabytes, cpu] = [0, 0];
  const look = setInterval(() => {
    usageOf(child.pid).then((usage) => {
      megabytes = usage.peakMegabytes || megabytes;
      cpu = usage.cpuSeconds;
    }, () => {});
  }, 20);
  const { code, stdout, stderr } = await child.output();
  clearInterval(look);
  const seconds = (performance.now() - began) / 1000;
  if (code === 1) throw new Error(new TextDecoder().decode(stderr));
  return { seconds, cpu, megabytes, said: new TextDecoder().decode(stdout).split("\n")[0] };
}
