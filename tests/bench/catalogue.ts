/**
 * The bench of the catalogue (`deno task bench:catalogue`): image models from nothing to Ready, what that asks
 * of the registry, how quiet it is afterwards; then models on a good registry beside bad ones.
 */

import { parseArgs } from "node:util";
import { type Deployment, deployment } from "../catalogue/aim_image.ts";
import { type Fault, startFaultyFront } from "../registry/faulty_front.ts";
import { startRegistry } from "../registry/registry.ts";
import { writesBy } from "./audit.ts";
import { CatalogueCluster } from "./catalogue_cluster.ts";
import { operatorQuiet, quiet } from "./rest.ts";
import { row } from "./row.ts";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "200" },
    templates: { type: "string", default: "5" },
    rest: { type: "string", default: "60" },
    beside: { type: "string", default: "20" },
  },
});
const count = Number(values.models);
const rest = Number(values.rest);
const beside = Number(values.beside);

const combinations: readonly Deployment[] = [
  deployment("latency", "fp16"),
  deployment("latency", "fp8"),
  deployment("throughput", "fp16"),
  deployment("throughput", "fp8"),
  deployment("latency", "bf16"),
  deployment("throughput", "bf16"),
  deployment("latency", "fp4"),
  deployment("throughput", "fp4"),
];

const log = (line: string) => console.error(`  ${line}`);

/** N models with so many templates each, at rest, and after a restart. */
async function readiness(): Promise<void> {
  await using cluster = await CatalogueCluster.start();
  const { plane, operator } = cluster;
  await using front = startFaultyFront(cluster.registry);
  const names = Array.from({ length: count }, (_, n) => `aim/model-${n}`);
  const deployments = combinations.slice(0, Number(values.templates));
  const images = await cluster.push(names, deployments, front.host);

  log(`${count} models with ${deployments.length} templates each`);
  const began = Date.now();
  const keys = await cluster.createModels("model", images);
  await cluster.allReady(keys, 1200);
  const took = (Date.now() - began) / 1000;
  await quiet(plane, operator.user, 3);
  const perImage = names.map((name) =>
    front.requests.filter((request) => request.includes(`/v2/${name}/`)).length
  );
  const writes = async (from: number) => writesBy(operator.user, await plane.auditEvents(), from).length;
  const made = await writes(began);

  const asked = front.requests.length;
  log(`${rest} s at rest`);
  const atRest = Date.now();
  await new Promise((resolve) => setTimeout(resolve, rest * 1000));
  const restWrites = await writes(atRest);
  const restAsked = front.requests.length - asked;

  log("restarting the operator");
  const restarted = Date.now();
  await operator.restart();
  const quietAfter = await operatorQuiet(operator, restarted);
  await new Promise((resolve) => setTimeout(resolve, 5_000));

  row(`all Ready, ${count} models × ${deployments.length} templates`, took, "s");
  row("most discovery Jobs at a time", cluster.jobs.most, "", 10);
  row("most registry requests for one image", Math.max(...perImage), "", 3);
  row("writes until all were Ready, a template", made / (count * deployments.length), "");
  row(`writes in ${rest} s at rest`, restWrites, "", 0);
  row(`registry requests in ${rest} s at rest`, restAsked, "", 0);
  row("writes after a restart", await writes(restarted), "", 0);
  row("registry requests after a restart", front.requests.length - asked - restAsked, "", 0);
  row("quiet after a restart", quietAfter / 1000, "s");
}

const rounds = 3;

/**
 * Models on a good registry, alone and beside registries that never answer, answer 429, serve another manifest or
 * have a certificate of another name; in turn, so that a busy machine slows both.
 */
async function besideBadOnes(): Promise<void> {
  await using cluster = await CatalogueCluster.start();
  const { registry } = cluster;
  const push = (prefix: string, host: string) => {
    const names = Array.from({ length: beside }, (_, n) => `aim/${prefix}-${n}`);
    return cluster.push(names, combinations.slice(0, 1), host);
  };
  const timed = async (prefix: string) => {
    const images = await push(prefix, registry.host);
    const began = performance.now();
    await cluster.allReady(await cluster.createModels(prefix, images), 600);
    return (performance.now() - began) / 1000;
  };
  const faults: readonly Fault[] = [
    { kind: "hang" },
    { kind: "status", status: 429, retryAfter: 5 },
    { kind: "corrupt", content: "manifests" },
  ];
  const fronts = faults.map((fault) => Object.assign(startFaultyFront(registry), { fault }));
  const foreign = await startRegistry({ tls: { hosts: ["elsewhere.example.com"] } });
  const hosts = [...fronts.map(({ host }) => host), foreign.host];
  await timed("warm");

  let [alone, among] = [0, 0];
  for (let round = 1; round <= rounds; round++) {
    log(`round ${round} of ${rounds}: ${beside} models on a good registry, alone and beside bad ones`);
    alone += await timed(`alone-${round}`);
    const bad = await Promise.all(hosts.map((host, n) => push(`bad-${round}-${n}`, host)));
    const keys = await cluster.createModels(`bad-${round}`, bad.flat());
    await cluster.allKnown(keys);
    among += await timed(`among-${round}`);
    await cluster.deleteModels(keys);
  }
  for (const each of [...fronts, foreign]) await each[Symbol.asyncDispose]();

  row(`${beside} models on a good registry, alone`, alone / rounds, "s");
  row(`the same beside ${beside} on each of four bad ones`, among / rounds, "s");
  row("ratio", among / alone, "", 1.2);
}

if (count > 0) await readiness();
if (beside > 0) await besideBadOnes();
