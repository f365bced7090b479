/**
 * Many services and one download: pods are processes, the downloader is the real one, and the hub
 * counts what is fetched (issue "50 services…").
 */

import assert from "node:assert/strict";
import { defaultDownloadImage } from "../../lib/api/mod.ts";
import { gpuNode } from "../control_plane/nodes.ts";
import { until } from "../control_plane/until.ts";
import { content, noise } from "../download/content.ts";
import { type Asked, Hub, type Repository } from "../download/hub.ts";
import { clusterModel, clusterRuntimeConfig, clusterTemplate, service } from "../e2e/catalogue.ts";
import { startScenarioCluster } from "../e2e/half.ts";
import { type Installation, installInto, uninstall } from "../e2e/installation.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { downloaderImage } from "../node_agent/images/downloader_image.ts";
import { type NodeAgent, startNodeAgent } from "../node_agent/node_agent.ts";

const patient = Deno.env.get("AIM_PATIENT") !== undefined;
const many = 50;

const repositories: Record<string, Repository> = {};
/** What the hub does with a request instead of answering it; a test sets it. */
let onAsked: (asked: Asked) => Response | undefined = () => undefined;
let hub: Hub;
let agent: NodeAgent;
let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  hub = new Hub({ repositories, fault: (asked) => onAsked(asked) });
  const plane = await startScenarioCluster({ kwok: {}, kserve: {}, auditLog: true }, async (cluster) => {
    agent = await startNodeAgent(cluster, {
      nodes: [gpuNode("mi300x-0", { model: "MI300X", pods: 500 })],
      imageOf: (name) => name === defaultDownloadImage ? downloaderImage : undefined,
    });
  });
  installation = await installInto(plane);
  user = installation.user;
  await user.apply([clusterRuntimeConfig("default", {
    env: [{ name: "HF_ENDPOINT", value: hub.endpoint }, { name: "PROGRESS_INTERVAL", value: "1" }],
  })]);
});

Deno.test.afterAll(async () => {
  await agent?.stop();
  await uninstall(installation);
  await hub?.[Symbol.asyncDispose]();
});

/** Puts a model on the hub, and a template of it into the catalogue; nobody says its size. */
function published(name: string, bytes: number, seed: number, templates = [name]): AnyObject[] {
  const files = {
    [`${name}.json`]: content(`{"n":${seed}}`),
    [`${name}.safetensors`]: content(noise(bytes, seed)),
  };
  repositories[`org/${name}`] = { files };
  const modelSources = [{ modelId: `org/${name}`, sourceUri: `hf://org/${name}` }];
  return [
    clusterModel(name),
    ...templates.map((each) => clusterTemplate(each, name, { modelSources })),
  ];
}

/** Bytes of the weights that were asked for, and how often the small file was. */
function fetched(name: string, bytes: number): { weights: number; small: number } {
  const asked = hub.asked.filter(({ method }) => method === "GET");
  const ofFile = (kind: Asked["kind"], file: string) =>
    asked.filter((each) => each.kind === kind && each.path.endsWith(file));
  return {
    weights: ofFile("storage", `${name}.safetensors`)
      .reduce((sum, { range }) => sum + (range === undefined ? bytes : range.to - range.from), 0),
    small: ofFile("file", `${name}.json`).length,
  };
}

async function cachesReady(namespace: string, count: number, seconds: number): Promise<void> {
  await until(`${count} services with their weights`, async () => {
    const all = await user.list("aimservices", namespace);
    const ready = all.filter(({ status }) =>
      // deno-lint-ignore no-explicit-any
      status?.conditions?.some(({ type, status }: any) => type === "CacheReady" && status === "True")
    );
    if (ready.length < count) {
      throw new Error(
        `${ready.length}; ${JSON.stringify(all.find((each) => !ready.includes(each))?.status)}`,
      );
    }
    return true;
  }, { seconds, everyMilliseconds: 500 });
}

async function artifactsOf(namespace: string): Promise<AnyObject[]> {
  return await user.list("aimartifacts", namespace);
}

Deno.test("50 services of one model, of two templates and some with an env of their own: one download's worth of bytes", async () => {
  const bytes = 3_000_000;
  await user.namespace("crowd");
  await user.apply(published("one", bytes, 1, ["one-a", "one-b"]));
  await user.apply(Array.from({ length: many }, (_, i) =>
    service(`s${i}`, "crowd", {
      model: { name: "one" },
      template: { name: i % 2 === 0 ? "one-a" : "one-b" },
      ...(i % 3 === 0 ? { env: [{ name: "N", value: String(i) }] } : {}),
    })));
  await cachesReady("crowd", many, 60);
  const artifacts = await artifactsOf("crowd");
  assert.deepEqual(artifacts.map(({ status }) => status.status), ["Ready"]);
  assert.deepEqual(fetched("one", bytes), { weights: bytes, small: 1 });
  assert.equal((await user.list("persistentvolumeclaims", "crowd")).length, 1);
});

for (const [task, kind] of [["check-size", "info"], ["download", "storage"]] as const) {
  Deno.test(`the operator is killed in the middle of the ${task}: the artifact ends Ready, downloaded once`, async () => {
    const [name, namespace] = [`killed-in-${task}`, `killed-${task}`];
    const bytes = 2_000_000;
    await user.namespace(namespace);
    await user.apply(published(name, bytes, task.length));
    let killed: Promise<void> | undefined;
    onAsked = (asked) => {
      if (killed === undefined && asked.kind === kind && asked.path.includes(name)) {
        killed = installation.operator.stop("SIGKILL");
      }
      return undefined;
    };
    try {
      await user.apply([service("s", namespace, { model: { name } })]);
      await until(`the ${task}`, () => killed !== undefined, { seconds: 45 });
      await killed;
      // The Job ends while nobody is there to see it.
      await until(`the end of the ${task}`, async () => {
        const jobs = await user.list("jobs", namespace, `aim.eai.amd.com/component=${task}`);
        return jobs.length === 1 && jobs[0].status?.succeeded === 1;
      }, { seconds: 45, everyMilliseconds: 300 });
    } finally {
      onAsked = () => undefined;
      await installation.operator.process.start();
    }
    await cachesReady(namespace, 1, 45);
    const [artifact, ...more] = await artifactsOf(namespace);
    assert.equal(more.length, 0);
    assert.equal(artifact.status.status, "Ready");
    assert.equal(artifact.status.progress.percentage, 100);
    assert.deepEqual(fetched(name, bytes), { weights: bytes, small: 1 });
    for (const each of ["check-size", "download"]) {
      const jobs = await user.list("jobs", namespace, `aim.eai.amd.com/component=${each}`);
      assert.equal(jobs.length, 1, each);
    }
  });
}

Deno.test("restored from a backup with new UIDs: the volume is used again, and nothing of it is downloaded twice", async () => {
  const [name, namespace, bytes] = ["restored", "restored", 2_000_000];
  const kinds = ["persistentvolumeclaims", "aimartifacts", "aimservices", "aimtemplatecaches"];
  await user.namespace(namespace);
  await user.apply(published(name, bytes, 77));
  await user.apply([service("s", namespace, { model: { name } })]);
  await cachesReady(namespace, 1, 45);
  const [claim] = await user.list("persistentvolumeclaims", namespace);
  const saved: AnyObject[] = [];
  for (const kind of kinds) saved.push(...await user.list(kind, namespace));
  const volume = await Deno.makeTempDir();
  await copied(agent.volumes.claimFolder(claim.metadata.uid), volume);

  await user.kubectl("delete", "namespace", namespace, "--timeout=45s");
  await installation.operator.stop();
  try {
    await user.namespace(namespace);
    await user.apply(saved.map(restored));
    const { uid } = (await user.get("pvc", claim.metadata.name, namespace)).metadata;
    assert.notEqual(uid, claim.metadata.uid);
    await copied(volume, agent.volumes.claimFolder(uid));
  } finally {
    await installation.operator.process.start();
    await Deno.remove(volume, { recursive: true });
  }
  await cachesReady(namespace, 1, 45);
  assert.deepEqual(fetched(name, bytes), { weights: bytes, small: 1 });
  const [artifact, ...more] = await artifactsOf(namespace);
  assert.equal(more.length, 0);
  assert.equal(artifact.status.status, "Ready");
  const claims = await user.list("persistentvolumeclaims", namespace);
  assert.deepEqual(claims.map(({ metadata }) => [metadata.name, metadata.ownerReferences[0].uid]), [
    [claim.metadata.name, artifact.metadata.uid],
  ]);
});

/** Copies what is in a folder, with owners and modes. */
async function copied(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  const { code, stderr } = await new Deno.Command("cp", { args: ["-a", `${from}/.`, to] }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

/** An object as a backup tool makes it again: without status, UID and owners, and not yet bound to a volume. */
function restored({ apiVersion, kind, metadata, spec }: AnyObject): AnyObject {
  const { name, namespace, labels, annotations = {}, finalizers } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => !/kubernetes\.io\//.test(key));
  const { volumeName: _, ...rest } = spec;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations: Object.fromEntries(kept), finalizers },
    spec: rest,
  };
}

/** Each pod is a process of its own: minutes on two cores. */
Deno.test({
  name: `50 services of 50 models, and a hub that answers 20 requests a second: all finish, within the limit${
    patient ? "" : " (nightly: minutes on two cores)"
  }`,
  ignore: !patient,
  fn: async () => {
    const most = 20;
    const bytes = 200_000;
    const names = Array.from({ length: many }, (_, i) => `many-${i}`);
    await user.namespace("many");
    await user.apply(names.flatMap((name, i) => published(name, bytes, 100 + i)));
    const times: number[] = [];
    /** Without the first of each process, which cannot know yet how busy the hub is. */
    const informed: number[] = [];
    const wasRefused = new Set<string>();
    let refused = 0;
    onAsked = ({ kind, path }) => {
      if (kind === "storage") return undefined;
      const now = performance.now();
      times.push(now);
      if (kind !== "info" || wasRefused.delete(path)) informed.push(now);
      if (times.filter((time) => time > now - 1000).length <= most) return undefined;
      refused++;
      if (kind === "info") wasRefused.add(path);
      return new Response("too many", { status: 429, headers: { "retry-after": "1" } });
    };
    const began = performance.now();
    await user.apply(names.map((name) => service(name, "many", { model: { name } })));
    await cachesReady("many", many, 540);
    onAsked = () => undefined;
    for (const name of names) assert.deepEqual(fetched(name, bytes), { weights: bytes, small: 1 }, name);
    const busiest = Math.max(
      ...informed.filter((time) => time > times[0] + 1000).map((time) =>
        informed.filter((other) => other >= time && other < time + 1000).length
      ),
    );
    console.log(
      `  ${
        ((performance.now() - began) / 1000).toFixed(0)
      } s, ${times.length} requests, ${refused} refused, ` +
        `at most ${busiest} a second`,
    );
    assert.ok(busiest <= most, `${busiest} requests within a second`);
  },
});
