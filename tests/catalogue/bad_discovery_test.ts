/** Images that fail in their dry run: what their template says, and that it becomes Ready once mended. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { model, template } from "../e2e/catalogue.ts";
import type { AnyObject } from "../e2e/user.ts";
import { type DryRun, profiled } from "../node_agent/discovery_images.ts";
import { installPlayed, modelsOnly, type PlayedCluster, uninstallPlayed } from "./played_cluster.ts";

/**
 * Whether to wait for the next attempt, a minute after a failed one, as `deno task nightly` does. Without it, a
 * change of the template's spec brings it on at once.
 */
const patient = Deno.env.get("AIM_PATIENT") !== undefined;

let cluster: PlayedCluster;

interface Row {
  readonly what: string;
  readonly name: string;
  readonly dryRun: DryRun;
  readonly status: string;
  /** Conditions that are False: type → reason and texts of the message. */
  readonly says: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** Whether its Job goes on by itself when the image or the cluster is mended, without another attempt. */
  readonly goesOn?: true;
}

const good = profiled("example/tiny", 0.5);
const html = "<!DOCTYPE html>\n<html><body>Sign in to continue</body></html>\n";
const trace = "Traceback (most recent call last):\nValueError: no profile for metric latency\n";

const rows: readonly Row[] = [
  {
    what: "prints nothing",
    name: "silent",
    dryRun: () => ({ does: "run" }),
    status: "Failed",
    says: { Discovered: ["DiscoveryFailed", "attempt 1 failed; the next begins at 20", "nothing"] },
  },
  {
    what: "prints HTML",
    name: "html",
    dryRun: () => ({ does: "run", log: html }),
    status: "Failed",
    says: { Discovered: ["DiscoveryFailed", "attempt 1 failed; the next begins at 20", "array"] },
  },
  {
    what: "prints an array that breaks off",
    name: "cut",
    dryRun: (environment) => {
      const { log = "" } = good(environment) as { log?: string };
      return { does: "run", log: log.slice(0, 100) };
    },
    status: "Failed",
    says: { Discovered: ["DiscoveryFailed", "attempt 1 failed"] },
  },
  {
    what: "exits with 1",
    name: "exits",
    dryRun: () => ({ does: "run", exitCode: 1, log: trace }),
    status: "Failed",
    says: {
      DiscoveryJobReady: ["JobBackoffLimitExceeded"],
      DiscoveryPodsReady: [
        "PodFailed",
        "Container discovery failed with exit code 1",
        "ValueError: no profile",
      ],
      Discovered: ["DiscoveryFailed", "attempt 1 failed", "ValueError: no profile"],
    },
  },
  {
    what: "runs out of memory",
    name: "hungry",
    dryRun: () => ({ does: "run", outOfMemory: true }),
    status: "Failed",
    says: {
      DiscoveryPodsReady: ["PodOOMKilled", "Container discovery failed with exit code 137: OOMKilled"],
      Discovered: ["DiscoveryFailed", "attempt 1 failed", "OOMKilled"],
    },
  },
  {
    what: "is in no registry that the node can reach",
    name: "unpulled",
    dryRun: () => ({ does: "fail to pull", message: "manifest unknown: no such image" }),
    status: "Failed",
    says: {
      DiscoveryPodsReady: ["ImageNotFound", "Container discovery: ", "manifest unknown: no such image"],
    },
    goesOn: true,
  },
  {
    what: "may not be pulled",
    name: "forbidden",
    dryRun: () => ({ does: "fail to pull", message: "401 unauthorized" }),
    status: "Failed",
    says: { DiscoveryPodsReady: ["ImagePullAuthFailure", "Container discovery: ", "401 unauthorized"] },
    goesOn: true,
  },
  {
    what: "never starts",
    name: "stuck",
    dryRun: () => ({ does: "never start" }),
    status: "Pending",
    says: { DiscoveryJobReady: ["JobRunning"], DiscoveryPodsReady: ["PodsPending"] },
    goesOn: true,
  },
  {
    what: "runs as root, which the Job does not let it",
    name: "root",
    dryRun: () => ({
      does: "never start",
      reason: "CreateContainerConfigError",
      message: "container has runAsNonRoot and image will run as root",
    }),
    status: "Degraded",
    says: {
      DiscoveryPodsReady: [
        "CreateContainerConfigError",
        "Container discovery: container has runAsNonRoot and image will run as root",
      ],
    },
    goesOn: true,
  },
];

const namespace = "ml-team";
const imageOf = (name: string) => `registry.example.com/aim/${name}:1`;

/** A model that asks no registry, and a template for it that is to be discovered. */
function pair(name: string, namespace: string): AnyObject[] {
  const switches = { extractMetadata: false, createServiceTemplates: false };
  return [
    model(name, namespace, { image: imageOf(name), imageMetadata: undefined, discovery: switches }),
    template(name, namespace, name, { modelSources: undefined }),
  ];
}

const condition = (name: string, type: string, reason: string, namespace: string) =>
  cluster.user.condition("aimservicetemplate", name, type, reason, namespace);

Deno.test.beforeAll(async () => {
  cluster = await installPlayed({}, modelsOnly);
  const { user, dryRuns } = cluster;
  for (const { name, dryRun } of rows) dryRuns.set(imageOf(name), dryRun);
  await user.namespace(namespace);
  await user.apply(rows.flatMap(({ name }) => pair(name, namespace)));
});

Deno.test.afterAll(() => uninstallPlayed(cluster));

for (const { what, name, status, says } of rows) {
  Deno.test(`an image that ${what}: the template is ${status} and says why`, async () => {
    for (const [type, [reason, ...texts]] of Object.entries(says)) {
      const said = await condition(name, type, reason, namespace);
      assert.equal(said.status, "False", type);
      for (const text of texts) {
        assert.ok(said.message.includes(text), `${type} says "${said.message}", not "${text}"`);
      }
    }
    await cluster.user.reaches("aimservicetemplate", name, status, namespace);
  });
}

Deno.test("pods of the Job are refused by a quota: in its words, until there is room", async () => {
  const { user, dryRuns } = cluster;
  const quota = (pods: string) => [{
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "few", namespace: "poor" },
    spec: { hard: { pods } },
  }];
  await user.namespace("poor");
  await user.apply(quota("0"));
  await until("the quota counted", async () => {
    return (await user.get("resourcequota", "few", "poor")).status?.used !== undefined;
  });
  dryRuns.set(imageOf("poor"), good);
  await user.apply(pair("poor", "poor"));
  const said = await condition("poor", "DiscoveryPodsReady", "FailedCreate", "poor");
  assert.match(said.message, /exceeded quota: few, requested: pods=1/);
  await user.apply(quota("5"));
  await user.reaches("aimservicetemplate", "poor", "Ready", "poor");
});

Deno.test("the Job itself is refused by a quota: in its words, until there is room", async () => {
  const { user, dryRuns } = cluster;
  const quota = (jobs: string) => [{
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "jobs", namespace: "jobless" },
    spec: { hard: { "count/jobs.batch": jobs } },
  }];
  await user.namespace("jobless");
  await user.apply(quota("0"));
  await until("the quota counted", async () => {
    return (await user.get("resourcequota", "jobs", "jobless")).status?.used !== undefined;
  });
  dryRuns.set(imageOf("jobless"), good);
  await user.apply(pair("jobless", "jobless"));
  const said = await condition("jobless", "Discovered", "DiscoveryJobRefused", "jobless");
  assert.match(said.message, /The discovery Job cannot be made: .*exceeded quota: jobs/);
  await user.apply(quota("5"));
  await user.reaches("aimservicetemplate", "jobless", "Ready", "jobless");
});

Deno.test("Pod Security's restricted standard lets discovery pods in", async () => {
  const { user, dryRuns } = cluster;
  await user.namespace("strict", { "pod-security.kubernetes.io/enforce": "restricted" });
  dryRuns.set(imageOf("strict"), good);
  await user.apply(pair("strict", "strict"));
  await user.reaches("aimservicetemplate", "strict", "Ready", "strict");
});

Deno.test("a service account that is not there: the template says so, until it is made", async () => {
  const { user, dryRuns } = cluster;
  dryRuns.set(imageOf("account"), good);
  const [itsModel, itsTemplate] = pair("account", namespace);
  await user.apply([itsModel, {
    ...itsTemplate,
    spec: { ...itsTemplate.spec, serviceAccountName: "robot" },
  }]);
  const said = await condition("account", "DiscoveryPodsReady", "FailedCreate", namespace);
  assert.match(said.message, /error looking up service account ml-team\/robot/);
  await user.apply([{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot", namespace } }]);
  await user.reaches("aimservicetemplate", "account", "Ready", namespace);
});

Deno.test("an image that prints 50 MiB before its profile: the template is Ready", async () => {
  const { user, dryRuns } = cluster;
  dryRuns.set(imageOf("loud"), (environment) => {
    const { log } = good(environment) as { log: string };
    return { does: "run", log: () => noise(50, log) };
  });
  await user.apply(pair("loud", namespace));
  const { status } = await user.reaches("aimservicetemplate", "loud", "Ready", namespace);
  assert.equal(status.modelSources[0].modelId, "example/tiny");
});

/** So many MiB of lines with brackets in them, then the result. */
function* noise(megabytes: number, result: string): Generator<string> {
  const piece = "loading [weights] {shard} 1/2 ...\n".repeat(32 * 1024);
  for (let i = 0; i < megabytes; i++) yield piece;
  yield result;
}

Deno.test("once mended, each of the templates becomes Ready by itself", async () => {
  const { user, dryRuns } = cluster;
  for (const { name } of rows) dryRuns.set(imageOf(name), good);
  for (const { name } of rows.filter(({ goesOn }) => !goesOn && !patient)) {
    const patch = JSON.stringify({ spec: { profileId: "mended" } });
    await user.kubectl("patch", "aimservicetemplate", name, "-n", namespace, "--type=merge", "-p", patch);
  }
  await until("all Ready", async () => {
    const templates = await user.list("aimservicetemplate", namespace);
    return templates.every(({ status }) => status?.status === "Ready");
  }, { seconds: patient ? 150 : 45, everyMilliseconds: 500 }).catch(async (error) => {
    throw new Error(`${error.message}\n${await user.kubectl("get", "aimtpl", "-n", namespace)}`);
  });
  const { status } = await user.get("aimservicetemplate", "exits", namespace);
  assert.equal(status.discovery.attempts, 0);
  assert.equal(status.profile.metadata.metric, "latency");
});
