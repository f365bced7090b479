/**
 * Used rights against granted ones, on an API server with RBAC (conventions.md §13): every right is used by a scenario,
 * nothing that is asked for is refused, and without a right its scenario does not come to its end, or the refusal stands
 * in the audit log, which no test of `tests/e2e` lets pass (`uninstall`). Meanwhile one line of the log, a condition and a
 * metric say what is missing; once it is given the scenario ends without a restart.
 *
 * `AIM_RIGHTS_REMOVED` says which rights are taken away in turn, as a pattern (four of them; `.` is all).
 */

import assert from "node:assert/strict";
import { type AuditEvent, AuditTail } from "../control_plane/servers/audit_log.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { addNodes, gpuNode } from "../control_plane/nodes.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { httpRouteAccepted, inferenceServiceReady } from "../control_plane/servers/stages.ts";
import { until } from "../control_plane/until.ts";
import { model } from "../e2e/catalogue.ts";
import { type Installation, installInto } from "../e2e/installation.ts";
import type { AnyObject } from "../e2e/user.ts";
import { FaultProxy } from "../endurance/fault_proxy.ts";
import { documentsBelow, named, rightsOf, type Rule } from "../manifests/documents.ts";
import { holdsLease, listsAtStart, needed, readsAfresh, readsAtStart, repeats } from "./needed.ts";
import { type Scenario, scenarios, type Stage } from "./scenarios.ts";

const metricsPort = freePort();
const node = "mi300x-0";

let plane: ControlPlane;
let proxy: FaultProxy;
let installation: Installation<ControlPlane>;
let tail: AuditTail;
/** All requests of the operator so far. */
const asked: AuditEvent[] = [];
/** The one that was let in last. */
let token: string;

const rbac = await documentsBelow("rbac");
/** The roles of the operator, by path. */
const roles: Readonly<Record<string, Rule[]>> = Object.fromEntries(
  [
    ["ClusterRole", "aim-engine-manager-role", "clusterroles"],
    ["ClusterRole", "aim-engine-metrics-auth-role", "clusterroles"],
    ["Role", "aim-engine-leader-election-role", "namespaces/aim-system/roles"],
  ].map(([kind, name, plural]) => [
    `/apis/rbac.authorization.k8s.io/v1/${plural}/${name}`,
    named(rbac, kind, name).rules,
  ]),
);
const granted = rightsOf(Object.values(roles).flat());
const withName = new Set(
  granted.filter((right) => right.split(" ").length === 3).map((right) =>
    right.slice(right.indexOf(" ") + 1)
  ),
);

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({
    controllerManager: true,
    scheduler: true,
    kwok: { stages: [inferenceServiceReady({ podsOnNode: node }), httpRouteAccepted()] },
    kserve: {},
    gatewayApi: true,
    auditLog: true,
  });
  await addNodes(plane, [gpuNode(node, { model: "MI300X", pods: 1_000 })]);
  proxy = new FaultProxy(plane);
  // What no API server of this version does by itself: it streams no lists, and has an answer for everything.
  proxy.faultOf = ({ isStreamedList }) => isStreamedList ? { refuse: 422 } : undefined;
  installation = await installInto(plane, {
    leaderElection: true,
    server: proxy.url,
    args: [`--metrics-bind-address=127.0.0.1:${metricsPort}`],
  });
  tail = new AuditTail(plane.auditLogFile!);
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "scraper", namespace: "default" },
  };
  await plane.apply([account, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "scraper" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "aim-engine-metrics-reader",
    },
    subjects: [{ kind: "ServiceAccount", name: "scraper", namespace: "default" }],
  }]);
  await leads();
});

Deno.test.afterAll(async () => {
  await installation?.operator.stop();
  await plane?.stop();
  await proxy?.[Symbol.asyncDispose]();
});

/** Reads on, and returns what the operator has asked since the last call. */
async function news(): Promise<AuditEvent[]> {
  const events = (await tail.next()).filter(({ user }) => user.username === installation.operator.user);
  asked.push(...events);
  return events;
}

/** What one answered request needed, as `rightsOf` writes rights. */
function rightsUsed({ verb, objectRef, responseStatus }: AuditEvent): string[] {
  const code = responseStatus?.code ?? 0;
  if (objectRef === undefined || code === 403) return [];
  const { apiGroup, resource, subresource, name } = objectRef;
  const what = `${apiGroup || "core"}/${resource}${subresource ? `/${subresource}` : ""}`;
  const right = withName.has(`${what} ${name}`) && verb !== "create" ? `${what} ${name}` : what;
  // An apply that made its object needed both.
  return verb === "patch" && code === 201 ? [`patch ${right}`, `create ${right}`] : [`${verb} ${right}`];
}

/** No verb of a request: the API server asks for it when a RoleBinding is made. */
const isBind = (right: string) => right.startsWith("bind ");

async function assertUsed(name: keyof typeof needed, before: readonly AuditEvent[] = []): Promise<void> {
  const missing = new Set<string>(needed[name].filter((right) => !isBind(right)));
  const strike = (events: readonly AuditEvent[]) => {
    for (const event of events) for (const right of rightsUsed(event)) missing.delete(right);
  };
  strike(before);
  await until(`the rights of "${name}"`, async () => {
    strike(await news());
    if (missing.size > 0) throw new Error(`not used: ${[...missing].join(", ")}`);
    return true;
  }, { seconds: 20, everyMilliseconds: 500 });
}

let namespaces = 0;
function stage(): Stage {
  return { user: installation.user, plane, namespace: `ns-${++namespaces}`, scrape };
}

async function scrape(): Promise<number> {
  // A verdict holds for a while: each time another token.
  const path = "/api/v1/namespaces/default/serviceaccounts/scraper/token";
  const tried = (await plane.request("POST", path, { spec: {} })).status.token;
  const { stdout } = await new Deno.Command("curl", {
    args: [
      "-sk",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-H",
      `Authorization: Bearer ${tried}`,
      metricsUrl,
    ],
  }).output();
  const code = Number(new TextDecoder().decode(stdout));
  if (code === 200) token = tried;
  return code;
}

const metricsUrl = `https://127.0.0.1:${metricsPort}/metrics`;

async function leads(): Promise<void> {
  const begun = (await installation.operator.log()).split("reconciling begins").length;
  await until("reconciling begins", async () => {
    const now = (await installation.operator.log()).split("reconciling begins").length;
    return begun > 1 || now > begun;
  }, { seconds: 30 });
}

Deno.test(listsAtStart, () => assertUsed(listsAtStart));

Deno.test(`${readsAtStart}; ${holdsLease}`, async () => {
  // The Lease is renewed a moment after it was made. What was asked until now counts for both.
  await assertUsed(readsAtStart, asked);
  await assertUsed(holdsLease, asked);
});

for (const [name, run] of Object.entries(scenarios)) {
  Deno.test(`${name} (${needed[name as keyof typeof scenarios].length} rights)`, async () => {
    await news();
    await run(stage());
    await assertUsed(name as keyof typeof scenarios);
  });
}

/** At most so many writes of a kind are refused: a kind that is never read would be refused for ever. */
const mostRefusals = 10;

/**
 * Every kind of write is refused as if somebody else had been faster, until an object of the kind is read. Once would not
 * do: where news of the owner comes meanwhile, the operator writes anew by that, and reads nothing.
 */
const afresh: Scenario = async (at) => {
  const refused = new Map<string, number>();
  const read = new Set<string>();
  const { faultOf } = proxy;
  proxy.faultOf = (request) => {
    const { method, path } = request;
    const [, plural, name] = /\/(?:namespaces\/[^/]+\/)?([a-z]+)(?:\/([^/]+))?(?:\/status)?$/.exec(path) ??
      [];
    const times = refused.get(plural) ?? 0;
    if (method === "GET" && name !== undefined && times > 0) read.add(plural);
    if (method === "GET" || /reviews|events|leases|bindings\/|tokens/.test(path)) return faultOf(request);
    if (read.has(plural) || times === mostRefusals) return faultOf(request);
    refused.set(plural, times + 1);
    return { refuse: 409 };
  };
  try {
    const each = (name: keyof typeof scenarios, n: number) =>
      scenarios[name]({ ...at, namespace: `${at.namespace}-${n}` });
    await each("a service by the name of a model runs, with a route", 1);
    await each("a service by image makes a model, and hands it its pull secret", 2);
    await each("models make templates, and take back what they no longer want", 3);
    await each("a model source makes a model, and hands it its pull secret", 4);
    await each("runtime configs say whether they are sound", 5);
  } finally {
    proxy.faultOf = faultOf;
  }
};

Deno.test(`${readsAfresh} (${needed[readsAfresh].length} rights)`, async () => {
  await news();
  await afresh(stage());
  await assertUsed(readsAfresh);
});

/** A model whose runtime config comes and goes. */
const repeat: Scenario = async ({ user, namespace }) => {
  await user.namespace(namespace);
  await user.apply([model("late", namespace, { runtimeConfigName: "late" })]);
  const config = {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMRuntimeConfig",
    metadata: { name: "late", namespace },
    spec: {},
  };
  for (let time = 0; time < 2; time++) {
    await user.condition("aimmodel", "late", "RuntimeConfigReady", "ConfigNotFound", namespace);
    if (time === 1) break;
    await user.apply([config]);
    await user.reaches("aimmodel", "late", "Ready", namespace);
    await user.kubectl("delete", "aimruntimeconfig", "late", "-n", namespace);
  }
  await until(
    "an event that is counted",
    async () => (await user.list("events", namespace)).some(({ count }) => count > 1),
  );
};

Deno.test(repeats, async () => {
  await news();
  await repeat(stage());
  await assertUsed(repeats);
});

Deno.test("all that is granted has been used, and nothing that was asked for was refused", async () => {
  await news();
  const used = new Set(asked.flatMap(rightsUsed));
  assert.deepEqual(granted.filter((right) => !used.has(right) && !isBind(right)), []);
  const refused = asked.filter(({ responseStatus }) => responseStatus?.code === 403)
    .map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI}: ${responseStatus?.message}`)
    .filter((line) => !/exceeded quota/.test(line));
  assert.deepEqual(refused, []);
});

/** All single rights as rules of their own. */
function singleRules(rules: readonly Rule[]): Rule[] {
  return rules.flatMap(({ apiGroups = [], resources = [], resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({ apiGroups: [group], resources: [resource], verbs: [verb], resourceNames }))
      )
    )
  );
}

/** Takes a right away from the operator; returns what gives it back. Each is in force for its next request. */
async function take(right: string): Promise<() => Promise<void>> {
  const [path, rules] = Object.entries(roles).find(([, rules]) => rightsOf(rules).includes(right))!;
  const write = async (rules: readonly Rule[], isAllowed: boolean) => {
    await plane.request("PUT", path, { ...await plane.request("GET", path), rules });
    await until(
      `the right to ${right} to be ${isAllowed ? "given" : "taken"}`,
      async () => await may(right) === isAllowed,
    );
  };
  await write(singleRules(rules).filter((rule) => rightsOf([rule])[0] !== right), false);
  return () => write(rules, true);
}

/** Whether the API server lets the operator do that. */
async function may(right: string): Promise<boolean> {
  const [verb, what, name] = right.split(" ");
  const [group, resource, subresource] = what.split("/");
  const namespace = resource === "leases" ? "aim-system" : undefined;
  const attributes = { verb, group: group === "core" ? "" : group, resource, subresource, name, namespace };
  const { status } = await plane.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    spec: { user: installation.operator.user, resourceAttributes: attributes },
  });
  return status.allowed;
}

/** A new process, that makes the Lease if there is none. */
const restart: Scenario = async () => {
  const { operator } = installation;
  await operator.stop();
  await plane.request(
    "DELETE",
    "/apis/coordination.k8s.io/v1/namespaces/aim-system/leases/3be10d2f.eai.amd.com",
  )
    .catch(() => {}); // it never came to one
  const before = (await operator.log()).split("reconciling begins").length;
  await operator.process.start();
  await until(
    "reconciling begins",
    async () => (await operator.log()).split("reconciling begins").length > before,
  );
};

const played: Readonly<Record<keyof typeof needed, Scenario>> = {
  ...scenarios,
  [readsAtStart]: restart,
  [listsAtStart]: restart,
  [holdsLease]: restart,
  [readsAfresh]: afresh,
  [repeats]: repeat,
};

/** An event that may not be sent is given up: nobody waits for one. */
const isGivenUp = (right: string) => right.endsWith(" core/events") && !/^(list|watch) /.test(right);

/** By right, the scenario that first needs it. */
const scenarioOf = new Map(
  Object.entries(needed).toReversed().flatMap(([name, rights]) =>
    rights.map((right) => [right as string, name as keyof typeof needed] as const)
  ),
);

/** Some of each sort: at the start, in between, of a child, of a fact, and one that no request names. */
const few = [
  "watch core/nodes",
  "create batch/jobs",
  "get core/secrets",
  [...scenarioOf.keys()].find(isBind)!,
];
const pattern = Deno.env.get("AIM_RIGHTS_REMOVED");
const taken = pattern === undefined ? few : granted.filter((right) => new RegExp(pattern).test(right));

for (const right of taken) {
  const name = scenarioOf.get(right)!;
  Deno.test(`without the right to ${right}: ${name}`, async () => {
    const { operator, user } = installation;
    // The process that holds the Lease would tell of it, and its successor, which the scenario starts, not lack it any more.
    if (name === holdsLease) await operator.stop();
    const mark = (await operator.log()).length;
    const lines = async () =>
      (await operator.log()).slice(mark).split("\n").filter((line) => line.includes(lineOf(right)));
    // Without the right to ask who scrapes only those are let in who were a moment ago.
    if (name === "who reads the metrics is asked for") await played[name](stage());
    const give = await take(right);
    let ended = false;
    let end = Promise.resolve();
    try {
      const at = stage();
      end = played[name](at).then(() => {
        ended = true;
      });
      end.catch(() => {}); // awaited below
      await until("the log tells what is missing", async () => (await lines()).length > 0, {
        seconds: 30,
        everyMilliseconds: 200,
      });
      if (right === "create batch/jobs") await tellsItsUser(user, at.namespace);
      if (await operator.ready()) await metricIs(right, true);
      console.log(`  ${right}: ${ended ? "refused, which every end of tests/e2e shows" : "held up"}`);
    } finally {
      await give();
    }
    await until(
      "the log tells that it is there",
      async () => (await lines()).some((line) => line.includes("is there now")),
      { seconds: 30, everyMilliseconds: 200 },
    );
    if (!isGivenUp(right)) await end;
    assert.equal((await lines()).filter((line) => line.includes("is missing")).length, 1, "told once");
    if (await operator.ready()) await metricIs(right, false);
  });
}

/** What every line about it has. */
function lineOf(right: string): string {
  const [verb, what, name] = right.split(" ");
  const [group, ...resource] = what.split("/");
  const suffix = group === "core" ? "" : `.${group}`;
  return `the right to ${verb} ${resource.join("/")}${suffix}${isBind(right) ? ` ${name}` : ""} `;
}

function metricOf(right: string): RegExp {
  const [verb, what] = right.split(" ");
  const [group, ...resource] = what.split("/");
  const labels = `verb="${verb}",group="${group === "core" ? "" : group}",resource="${resource.join("/")}"`;
  return new RegExp(`^aim_missing_rights\\{${labels.replaceAll(".", "\\.")}\\} 1$`, "m");
}

/** A scrape may be answered with what another one was told a moment ago. */
const metricIs = (right: string, isThere: boolean) =>
  until(`the metric of ${right} to ${isThere ? "come" : "go"}`, async () => {
    const text = await metrics();
    return text !== "" && metricOf(right).test(text) === isThere;
  }, { seconds: 20, everyMilliseconds: 500 });

async function metrics(): Promise<string> {
  const { stdout } = await new Deno.Command("curl", {
    args: ["-sk", "-H", `Authorization: Bearer ${token}`, metricsUrl],
  }).output();
  return new TextDecoder().decode(stdout);
}

/** The artifact of the service says which right is missing, and the rule to add. */
async function tellsItsUser(user: Stage["user"], namespace: string): Promise<void> {
  const told = await until("a condition that says so", async () => {
    const [artifact] = await user.list("aimartifacts", namespace);
    return (artifact?.status?.conditions as AnyObject[] | undefined)?.find(({ reason }) =>
      reason === "Forbidden"
    );
  }, { seconds: 30, everyMilliseconds: 200 });
  assert.match(told.message, /no permission to create jobs\.batch in namespace/);
  assert.match(told.message, /\{apiGroups: \[batch\], resources: \[jobs\], verbs: \[create\]\}/);
}

Deno.test("the account of downloads may report progress, and does so with all that it is granted", async () => {
  const { user } = installation;
  const at = stage();
  await scenarios["a service by the name of a model runs, with a route"](at);
  const [{ metadata: { name } }] = await user.list("aimartifacts", at.namespace);
  const kubeconfig = await plane.kubeconfigFor(at.namespace, "aim-engine-artifact-downloader");
  const asDownloader = (...args: string[]) => plane.kubectl([...args, "-n", at.namespace], "", kubeconfig);
  // As the downloader of AIM Engine reports; ours sends the patch alone.
  const patch = '{"status":{"progress":{"percentage":50}}}';
  const reported = await asDownloader(
    "patch",
    "aimartifact",
    name,
    "--subresource=status",
    "--type=merge",
    "-p",
    patch,
  );
  assert.equal(reported.code, 0, reported.stderr);
  const account = `system:serviceaccount:${at.namespace}:aim-engine-artifact-downloader`;
  const used = (await plane.auditEvents()).filter(({ user: { username } }) => username === account).flatMap(
    rightsUsed,
  );
  const role = named(rbac, "ClusterRole", "aim-engine-artifact-status-updater").rules;
  assert.deepEqual([...new Set(used)].sort(), rightsOf(role));
  for (
    const args of [["get", "secrets"], ["get", "aimservices"], [
      "patch",
      "aimartifact",
      name,
      "--type=merge",
      "-p",
      "{}",
    ]]
  ) {
    assert.match((await asDownloader(...args)).stderr, /[Ff]orbidden/, args.join(" "));
  }
});
