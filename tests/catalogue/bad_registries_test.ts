/** Registries that are bad in their own ways beside a good one. */

import assert from "node:assert/strict";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { model } from "../e2e/catalogue.ts";
import { startScenarioRegistry } from "../e2e/half.ts";
import { profiled } from "../node_agent/discovery_images.ts";
import { type Fault, type FaultyFront, startFaultyFront } from "../registry/faulty_front.ts";
import { aimLabels, deployment } from "./aim_image.ts";
import { installPlayed, modelsOnly, type PlayedCluster, uninstallPlayed } from "./played_cluster.ts";

const namespace = "ml-team";
const labels = aimLabels("example/tiny", [deployment("latency", "fp16")]);

interface Row {
  readonly what: string;
  readonly name: string;
  readonly fault: Fault;
  readonly reason: string;
  readonly says: RegExp;
}

const rows: readonly Row[] = [
  {
    what: "answers 429",
    name: "busy",
    fault: { kind: "status", status: 429, retryAfter: 1 },
    reason: "RateLimited",
    says:
      /from registry localhost:\d+: .*429.*; this is tried again later; a pull secret usually raises the limit/,
  },
  {
    what: "is down",
    name: "down",
    fault: { kind: "status", status: 503 },
    reason: "ServiceUnavailable",
    says: /from registry localhost:\d+: .*503.*; this is tried again; check the registry's health/,
  },
  {
    what: "serves a manifest of another digest",
    name: "corrupt",
    fault: { kind: "corrupt", content: "manifests" },
    reason: "MetadataExtractionFailed",
    says: /digest.*; the registry or something before it changes content; check it/,
  },
];

/** Whether to wait until an answer that does not come is given up, as `deno task nightly` does. */
const patient = Deno.env.get("AIM_PATIENT") !== undefined;

let cluster: PlayedCluster;
const fronts = new Map<string, FaultyFront>();

async function ask(name: string, host: string): Promise<string> {
  const image = `${host}/aim/tiny:1`;
  cluster.dryRuns.set(image, profiled("example/tiny", 0.5));
  await cluster.user.apply([model(name, namespace, { image, imageMetadata: undefined })]);
  return image;
}

Deno.test.beforeAll(async () => {
  cluster = await installPlayed({}, modelsOnly);
  await cluster.user.namespace(namespace);
  await cluster.registry.push("aim/tiny:1", labels);
  const all: [string, Fault][] = [
    ["mute", { kind: "hang" }],
    ...rows.map(({ name, fault }) => [name, fault] as [string, Fault]),
  ];
  for (const [name, fault] of all) {
    const front = Object.assign(startFaultyFront(cluster.registry), { fault });
    fronts.set(name, front);
    await ask(name, front.host);
  }
});

Deno.test.afterAll(async () => {
  await uninstallPlayed(cluster);
  for (const front of fronts.values()) await front[Symbol.asyncDispose]();
});

Deno.test("a model on a good registry is Ready while others wait for theirs", async () => {
  await ask("good", cluster.registry.host);
  await cluster.user.reaches("aimmodel", "good", "Ready", namespace);
  const { status } = await cluster.user.get("aimmodel", "mute", namespace);
  assert.notEqual(status.status, "Ready");
});

for (const { what, name, reason, says } of rows) {
  Deno.test(`a registry that ${what}: ${reason}, and what to do`, async () => {
    const { message } = await cluster.user.condition(
      "aimmodel",
      name,
      "ImageMetadataReady",
      reason,
      namespace,
    );
    assert.match(message, says);
    await cluster.user.reaches("aimmodel", name, "Degraded", namespace);
  });
}

Deno.test("a registry that never answers: the model says for whom it waits", async () => {
  const { host } = fronts.get("mute")!;
  const { user } = cluster;
  const reason = patient ? "NetworkTimeout" : "AwaitingMetadata";
  const said = await user.condition("aimmodel", "mute", "ImageMetadataReady", reason, namespace, 90);
  assert.ok(said.message.includes(host), said.message);
  assert.ok(said.message.includes(`${host}/aim/tiny:1`), said.message);
});

Deno.test("once the registries are well, each model becomes Ready by itself", async () => {
  for (const front of fronts.values()) front.fault = { kind: "none" };
  // They are asked again ever more seldom: half a minute later at first, minutes after some failures.
  await until("all Ready", async () => {
    const models = await cluster.user.list("aimmodel", namespace);
    return models.every(({ status }) => status?.status === "Ready");
  }, { seconds: patient ? 400 : 55, everyMilliseconds: 500 }).catch(async (error) => {
    throw new Error(`${error.message}\n${await cluster.user.kubectl("get", "aimmodels", "-n", namespace)}`);
  });
});

Deno.test("a certificate of another name: TLSFailure, and what to do; without it, the model is Ready", async () => {
  const port = freePort();
  const foreign = await startScenarioRegistry({ tls: { hosts: ["elsewhere.example.com"] }, port });
  const image = await ask("foreign", foreign.host);
  const said = await cluster.user.condition(
    "aimmodel",
    "foreign",
    "ImageMetadataReady",
    "TLSFailure",
    namespace,
  );
  assert.ok(said.message.includes(`"${image}"`), said.message);
  assert.match(said.message, /give the registry a certificate for its name/);
  await foreign.stop();
  await using plain = await startScenarioRegistry({ port });
  await plain.push("aim/tiny:1", labels);
  await cluster.user.reaches("aimmodel", "foreign", "Ready", namespace);
});
