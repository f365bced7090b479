/**
 * The bench (`deno task bench`): how fast, how quiet and how small the operator is, beside the floor of the
 * same writes sent blindly, in one run on one control plane.
 */

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { startControlPlane } from "../control_plane/control_plane.ts";
import { addNodes, gpuNode } from "../control_plane/nodes.ts";
import { httpRouteAccepted, inferenceServiceReady, parallel } from "../control_plane/stages.ts";
import { startOperator } from "../operator_process.ts";
import { autoscalerMaker } from "./autoscalers.ts";
import { bareClient } from "./bare_client.ts";
import { playDownloads, prepareMix } from "./mix.ts";
import { podMaker } from "./predictor_pods.ts";
import { Progress } from "./progress.ts";
import { namespaces } from "./scenario.ts";
import { type Figures, prepare, run } from "./run.ts";
import { table } from "./table.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "1000" },
    small: { type: "string", default: "100" },
    rest: { type: "string", default: "60" },
    failed: { type: "string", default: "100" },
    mix: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    churn: { type: "string" },
    seed: { type: "string", default: "1" },
    snapshots: { type: "string" },
  },
});

const log = (line: string) => console.error(`  ${line}`);

/** A fresh control plane for each size: the figures of one must not lean on the leftovers of the other. */
async function measure(count: number): Promise<Figures> {
  log(`control plane for ${count} services`);
  await using plane = await startControlPlane({
    kwok: {
      stages: [
        ...parallel(inferenceServiceReady(), 4),
        ...(values.mix ? parallel(httpRouteAccepted(), 2) : []),
      ],
    },
    kserve: {},
    gatewayApi: true,
    auditLog: true,
  });
  await addNodes(plane, [gpuNode("bench-node", { model: "MI300X" })]);
  const manifests = fileURLToPath(new URL("../../manifests", import.meta.url));
  const applied = await plane.kubectl(["apply", "-k", manifests]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  const client = await bareClient(plane.adminKubeconfig);
  await prepare(client);
  if (values.mix) await prepareMix(client);
  const operator = await startOperator(plane);
  using watching = new Stopping();
  const makers = [podMaker(client, namespaces)];
  if (values.mix) {
    playDownloads(client, watching.signal);
    makers.push(autoscalerMaker(client));
  }
  const progress = new Progress(client, watching.signal, (made) => makers.forEach((make) => make(made)));
  return await run(plane, client, operator, progress, {
    count,
    restSeconds: Number(values.rest),
    failed: Number(values.failed),
    log,
    mix: values.mix,
  });
}

/** Aborts when its scope ends. */
class Stopping extends AbortController implements Disposable {
  [Symbol.dispose](): void {
    this.abort();
  }
}

if (values.churn !== undefined) {
  const { churn } = await import("./churn.ts");
  const { minutes, seed, snapshots } = {
    minutes: Number(values.churn),
    seed: Number(values.seed),
    snapshots: values.snapshots,
  };
  console.log(JSON.stringify(await churn({ minutes, seed, snapshots, log }), undefined, 2));
  Deno.exit(0);
}

const small = Number(values.small) > 0 ? await measure(Number(values.small)) : undefined;
const large = await measure(Number(values.n));
if (values.json) console.log(JSON.stringify({ small, large }, undefined, 2));
else console.log(table(large, small, { mix: values.mix }));
