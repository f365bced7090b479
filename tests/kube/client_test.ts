/** Access, requests on single objects, leases and events against a real API server. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { detectAccess } from "../../lib/kube/access/detect_access.ts";
import { Discovery } from "../../lib/kube/discovery.ts";
import { EventRecorder } from "../../lib/kube/event_recorder.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { inClusterAccess } from "../../lib/kube/access/in_cluster.ts";
import { isRawNumber, parseJson } from "../../lib/kube/json/json.ts";
import { kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import { LeaderElection, leaseIdentity } from "../../lib/kube/lease.ts";
import { list } from "../../lib/kube/watch/list.ts";
import type { KubeObject, Resource } from "../../lib/kube/object.ts";
import { adapter, type RequestReport, type Transport } from "../../lib/kube/transport.ts";
import { apply, asNew, create, get, mergePatch, remove, replace } from "../../lib/kube/write.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { onReal, startCluster } from "./cluster.ts";
import {
  type ConfigMap,
  configMaps,
  type CoreEvent,
  events,
  type Widget,
  widgetDefinition,
  widgets,
} from "./kinds.ts";
import { ConnectProxy } from "./connect_proxy.ts";
import { MeddlingProxy } from "./meddling_proxy.ts";
import { minimalRestClient } from "./minimal_rest_client.ts";

const fieldManager = "kube-test";
const leases: Resource = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
};

/** A name in the certificate of the API server that no DNS knows here. */
const elsewhere = "kubernetes.default.svc";

let plane: ControlPlane;
let transport: HttpTransport;
let foreign: Transport;
let admin: Deno.HttpClient;

Deno.test.beforeAll(async () => {
  plane = await startCluster({ controllerManager: false });
  transport = new HttpTransport(await kubeconfigAccess([plane.adminKubeconfig]));
  const identity = plane.authority.forClient({ user: "admin", groups: ["system:masters"] });
  const caCerts = [await Deno.readTextFile(plane.caFile)];
  admin = Deno.createHttpClient({ caCerts, cert: identity.certificate, key: identity.key });
  foreign = adapter(minimalRestClient(plane.url, admin));
  await plane.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgetDefinition);
  await new Discovery(transport, 50).served(widgets);
});

Deno.test.afterAll(async () => {
  transport.close();
  admin.close();
  await plane.stop();
});

/** Who the API server takes us for. */
async function whoAmI(client: Transport): Promise<{ username: string; groups: string[]; extra?: unknown }> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const answer = await client.performRequest({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    bodyJson: review,
    expectJson: true,
  }) as { status: { userInfo: { username: string; groups: string[] } } };
  return answer.status.userInfo;
}

async function serviceAccount(name: string): Promise<void> {
  await plane.request("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name } });
}

function configMap(name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name }, data };
}

function widget(name: string, spec: Record<string, unknown>): Widget {
  return { apiVersion: "kube.test/v1", kind: "Widget", metadata: { namespace: "default", name }, spec };
}

// Access

onReal("a client certificate is shown", async () => {
  const file = await plane.kubeconfigForUser({ user: "jane", groups: ["system:masters", "staff"] });
  const jane = new HttpTransport(await detectAccess(file));
  const { username, groups } = await whoAmI(jane);
  assert.equal(username, "jane");
  assert.ok(groups.includes("staff"));
  jane.close();
});

onReal("a token is shown; a wrong one is a 401", async () => {
  await serviceAccount("robot");
  const file = await plane.kubeconfigFor("default", "robot");
  const robot = new HttpTransport(await detectAccess(file));
  assert.equal((await whoAmI(robot)).username, "system:serviceaccount:default:robot");
  await assert.rejects(list(robot, configMaps), {
    name: "ApiError",
    status: 403,
    reason: "Forbidden",
    method: "GET",
  });
  robot.close();

  const wrong = file + ".wrong";
  await Deno.writeTextFile(wrong, (await Deno.readTextFile(file)).replace(/token: .*/, "token: nonsense"));
  const codes: string[] = [];
  const nobody = new HttpTransport(await detectAccess(wrong), { onRequest: ({ code }) => codes.push(code) });
  await assert.rejects(whoAmI(nobody), { name: "ApiError", status: 401, reason: "Unauthorized" });
  assert.deepEqual(codes, ["401"], "not asked again with the same token");
  nobody.close();
});

onReal("impersonation: user and several groups", async () => {
  const text = await Deno.readTextFile(plane.adminKubeconfig);
  const file = join(plane.folder, "as.kubeconfig");
  const config = (await import("yaml")).parse(text);
  Object.assign(config.users[0].user, {
    as: "paul",
    "as-groups": ["one", "two"],
    "as-user-extra": { team: ["x", "y"] },
  });
  await Deno.writeTextFile(file, JSON.stringify(config));
  const paul = new HttpTransport(await kubeconfigAccess([file]));
  const { username, groups, extra } = await whoAmI(paul);
  assert.equal(username, "paul");
  assert.deepEqual(groups.filter((group) => group.length === 3).sort(), ["one", "two"]);
  assert.deepEqual(extra, { team: ["x", "y"] });
  paul.close();
});

onReal("in-cluster: a token that was replaced is read again when the old one is refused", async () => {
  await serviceAccount("pod");
  const folder = await plane.serviceAccountFolder("default", "pod");
  const good = await Deno.readTextFile(join(folder, "token"));
  const { hostname, port } = new URL(plane.url);
  Deno.env.set("KUBERNETES_SERVICE_HOST", hostname);
  Deno.env.set("KUBERNETES_SERVICE_PORT", port);
  try {
    await Deno.writeTextFile(join(folder, "token"), "expired");
    const access = await inClusterAccess(folder);
    assert.equal(access.defaultNamespace, "default");
    const pod = new HttpTransport(access);
    await assert.rejects(whoAmI(pod), { status: 401 });
    await Deno.writeTextFile(join(folder, "token"), good + "\n");
    const names = await Promise.all([1, 2, 3].map(() => whoAmI(pod)));
    assert.deepEqual(
      names.map(({ username }) => username),
      Array(3).fill("system:serviceaccount:default:pod"),
    );
    pod.close();
  } finally {
    Deno.env.delete("KUBERNETES_SERVICE_HOST");
    Deno.env.delete("KUBERNETES_SERVICE_PORT");
  }
});

onReal(
  "in-cluster: a CA that was replaced is read again when the server's certificate does not verify",
  async () => {
    await serviceAccount("rotated");
    const folder = await plane.serviceAccountFolder("default", "rotated");
    const good = await Deno.readTextFile(join(folder, "ca.crt"));
    const { CertificateAuthority } = await import("../../lib/apiserver/doors/certificates.ts");
    await Deno.writeTextFile(join(folder, "ca.crt"), new CertificateAuthority("another").certificate);
    const { hostname, port } = new URL(plane.url);
    Deno.env.set("KUBERNETES_SERVICE_HOST", hostname);
    Deno.env.set("KUBERNETES_SERVICE_PORT", port);
    try {
      const pod = new HttpTransport(await inClusterAccess(folder));
      await assert.rejects(whoAmI(pod), { name: "NetworkError", kind: "TLS", sent: false });
      await Deno.writeTextFile(join(folder, "ca.crt"), good);
      assert.equal((await whoAmI(pod)).username, "system:serviceaccount:default:rotated");
      pod.close();
    } finally {
      Deno.env.delete("KUBERNETES_SERVICE_HOST");
      Deno.env.delete("KUBERNETES_SERVICE_PORT");
    }
  },
);

/** Runs `use` with these environment variables. */
async function withEnvironment(variables: Record<string, string>, use: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await use();
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
  }
}

/** Asks once who we are, with the API server under another name. */
async function askAs(host: string, proxyUrl?: string): Promise<string> {
  const access = await kubeconfigAccess([plane.adminKubeconfig]);
  const client = new HttpTransport({
    ...access,
    server: new URL(`https://${host}:${new URL(plane.url).port}`),
    proxyUrl,
  });
  try {
    return (await whoAmI(client)).username;
  } finally {
    client.close();
  }
}

onReal(
  "HTTPS_PROXY is used for a server elsewhere, not for loopback, not for what NO_PROXY names",
  async () => {
    using proxy = new ConnectProxy(new URL(plane.url));
    await withEnvironment({ HTTPS_PROXY: proxy.url }, async () => {
      assert.equal(await askAs("127.0.0.1"), "admin");
      assert.deepEqual(proxy.asked, []);
      assert.equal(await askAs(elsewhere), "admin");
      assert.deepEqual(proxy.asked, [`${elsewhere}:${new URL(plane.url).port}`]);
      assert.equal(Deno.env.get("HTTPS_PROXY"), proxy.url, "the environment is left as it was");
      await withEnvironment({ NO_PROXY: ".svc" }, async () => {
        await assert.rejects(askAs(elsewhere), { name: "NetworkError", kind: "DNSFailure", sent: false });
      });
    });
  },
);

onReal("proxy-url of the kubeconfig's cluster goes before the environment, also for loopback", async () => {
  using proxy = new ConnectProxy(new URL(plane.url));
  await withEnvironment({ HTTPS_PROXY: "http://127.0.0.1:1027" }, async () => {
    assert.equal(await askAs("127.0.0.1", proxy.url), "admin");
    assert.equal(proxy.asked.length, 1);
  });
});

// Requests

for (const via of ["own transport", "adapter"] as const) {
  const client = () => via === "adapter" ? foreign : transport;
  const short = via.split(" ")[0];

  Deno.test(`${via}: create, get, replace, patch, delete give the live object`, async () => {
    const name = `crud-${short}`;
    const created = await create(client(), configMaps, configMap(name, { a: "1" }), { fieldManager });
    assert.equal(created.data?.a, "1");
    assert.ok(created.metadata.uid && created.metadata.resourceVersion);
    const taken = create(client(), configMaps, configMap(name, {}), { fieldManager });
    await assert.rejects(taken, { name: "ApiError", status: 409, reason: "AlreadyExists", method: "POST" });

    const replaced = await replace(client(), configMaps, { ...created, data: { a: "2" } }, { fieldManager });
    assert.equal(replaced.data.a, "2");
    const stale = replace(client(), configMaps, { ...created, data: { a: "3" } }, { fieldManager });
    await assert.rejects(stale, { status: 409, reason: "Conflict" });

    const where = { namespace: "default", name };
    const merged = await mergePatch<ConfigMap>(client(), configMaps, where, { data: { a: null, b: "4" } }, {
      fieldManager,
    });
    assert.deepEqual(merged.data, { b: "4" });

    const read = await get<ConfigMap>(client(), configMaps, where);
    assert.deepEqual(read.data, { b: "4" });
    const { uid, resourceVersion } = read.metadata;
    await assert.rejects(remove(client(), configMaps, where, { preconditions: { uid: "another" } }), {
      status: 409,
    });
    await assert.rejects(
      remove(client(), configMaps, where, {
        preconditions: { uid, resourceVersion: created.metadata.resourceVersion },
      }),
      { status: 409 },
    );
    assert.equal(
      await remove(client(), configMaps, where, { preconditions: { uid, resourceVersion } }),
      undefined,
    );
    await assert.rejects(get(client(), configMaps, where), { status: 404, reason: "NotFound" });
    await assert.rejects(remove(client(), configMaps, where), { status: 404 });
  });

  Deno.test(`${via}: an apply with the version of none creates, and changes nothing that is there`, async () => {
    const kinds: readonly [Resource, KubeObject, KubeObject][] = [
      [configMaps, configMap(`new-${short}`, { a: "1" }), configMap(`new-${short}`, { a: "2" })],
      [widgets, widget(`new-${short}`, { size: 1 }), widget(`new-${short}`, { size: 2 })],
    ];
    for (const [resource, first, second] of kinds) {
      const options = { fieldManager, force: true };
      const created = await apply(client(), resource, asNew(first), options);
      assert.equal(created.metadata.managedFields?.[0].operation, "Apply");
      await assert.rejects(apply(client(), resource, asNew(second), options), {
        status: 409,
        reason: "Conflict",
      });
      // Not even what would change nothing.
      await assert.rejects(apply(client(), resource, asNew(first), options), { status: 409 });
      const where = { namespace: "default", name: first.metadata!.name! };
      assert.deepEqual(await get(client(), resource, where), created);
      await remove(client(), resource, where);
    }
  });

  Deno.test(`${via}: a deletion that a finalizer holds gives the object`, async () => {
    const held = configMap(`held-${short}`, {});
    held.metadata!.finalizers = ["kube.test/hold"];
    await create(client(), configMaps, held, { fieldManager });
    const where = { namespace: "default", name: `held-${short}` };
    const removed = await remove<ConfigMap>(client(), configMaps, where);
    assert.ok(removed?.metadata.deletionTimestamp);
    await mergePatch(client(), configMaps, where, { metadata: { finalizers: null } }, { fieldManager });
    await assert.rejects(get(client(), configMaps, where), { status: 404 });
  });

  Deno.test(`${via}: server-side apply creates, owns, removes, and minds other owners`, async () => {
    const name = `applied-${short}`;
    const mine = { fieldManager: "mine", force: false };
    const first = await apply(client(), configMaps, configMap(name, { a: "1", b: "1" }), mine);
    assert.equal(first.metadata.managedFields?.[0].manager, "mine");
    const second = await apply(client(), configMaps, configMap(name, { a: "1" }), mine);
    assert.deepEqual(second.data, { a: "1" });
    const theirs = configMap(name, { a: "2" });
    await assert.rejects(apply(client(), configMaps, theirs, { fieldManager: "theirs", force: false }), {
      status: 409,
      reason: "Conflict",
    });
    const dry = await apply(client(), configMaps, theirs, {
      fieldManager: "theirs",
      force: true,
      dryRun: true,
    });
    assert.equal(dry.data?.a, "2");
    assert.equal((await get<ConfigMap>(client(), configMaps, { namespace: "default", name })).data?.a, "1");
    const taken = await apply(client(), configMaps, theirs, { fieldManager: "theirs", force: true });
    assert.equal(taken.data?.a, "2");
    await remove(client(), configMaps, { namespace: "default", name });
    const vanished = configMap(name, { a: "3" });
    vanished.metadata!.uid = first.metadata.uid;
    await assert.rejects(apply(client(), configMaps, vanished, { fieldManager: "theirs", force: true }), {
      status: 409,
    });
  });

  Deno.test(`${via}: text that YAML would change survives an apply`, async () => {
    const text =
      'del\u007f nel\u0085 ls\u2028 ps\u2029 bom\ufeff wide\u{1F996} tab\t quote" back\\ lone\\ud800 nul\u0000';
    const name = `yaml-${short}`;
    const applied = await apply(client(), configMaps, configMap(name, { text }), {
      fieldManager,
      force: true,
    });
    assert.equal(applied.data?.text, text);
  });

  Deno.test(`${via}: the status is another resource`, async () => {
    const name = `status-${short}`;
    await create(client(), widgets, widget(name, { size: 1 }), { fieldManager });
    const patched = await mergePatch<Widget>(client(), widgets, { namespace: "default", name }, {
      status: { phase: "Ready" },
      spec: { size: 2 },
    }, { fieldManager: "manager", subresource: "status" });
    assert.deepEqual([patched.spec, patched.status], [{ size: 1 }, { phase: "Ready" }]);
    const entry = patched.metadata.managedFields?.find(({ manager }) => manager === "manager");
    assert.equal(entry?.subresource, "status");
  });

  Deno.test(`${via}: what the schema refuses is a 422 with causes; an unknown kind a 404`, async () => {
    const bad = create(client(), configMaps, configMap("Not A Name", {}), { fieldManager });
    await assert.rejects(bad, (error: { status: number; details: { causes: { field: string }[] } }) => {
      assert.deepEqual([error.status, error.details.causes[0].field], [422, "metadata.name"]);
      return true;
    });
    await assert.rejects(list(client(), { ...widgets, group: "nowhere.test" }), {
      name: "ApiError",
      status: 404,
    });
  });
}

Deno.test("integers beyond 2^53 go both ways unchanged", async () => {
  const spec = parseJson('{"big":9007199254740993,"small":12}') as Record<string, unknown>;
  await create(transport, widgets, widget("big", spec), { fieldManager });
  await apply(transport, widgets, widget("big", spec), { fieldManager: "applies", force: true });
  const read = await get<Widget>(transport, widgets, { namespace: "default", name: "big" });
  assert.ok(isRawNumber(read.spec?.big));
  assert.equal(JSON.stringify(read.spec), '{"big":9007199254740993,"small":12}');
});

Deno.test("429 with Retry-After is waited for and sent again, within bounds", async () => {
  await using proxy = new MeddlingProxy(plane.url, admin);
  const reports: RequestReport[] = [];
  const credentials = {};
  const through = new HttpTransport({
    server: proxy.url,
    compression: false,
    origin: "test",
    credentials: () => Promise.resolve(credentials),
  }, { onRequest: (report) => reports.push(report), tries: 3, longestRetryAfterSeconds: 2 });
  const busy = (seconds: string) =>
    new Response("too many requests", { status: 429, headers: { "retry-after": seconds } });

  let refusals = 2;
  proxy.intercept = () => refusals-- > 0 ? busy("0") : undefined;
  await create(through, configMaps, configMap("patient", {}), { fieldManager });
  assert.deepEqual(reports.map(({ method, code }) => `${method} ${code}`), [
    "POST 429",
    "POST 429",
    "POST 201",
  ]);
  assert.equal(reports[0].host, proxy.url.host);

  refusals = 3;
  await assert.rejects(get(through, configMaps, { namespace: "default", name: "patient" }), {
    status: 429,
    retryAfterSeconds: 0,
    message: "too many requests",
  });
  proxy.requests.length = 0;
  proxy.intercept = () => busy("3");
  await assert.rejects(get(through, configMaps, { namespace: "default", name: "patient" }), {
    retryAfterSeconds: 3,
  });
  assert.equal(proxy.requests.length, 1, "a longer wait than allowed is the caller's");
  proxy.intercept = () => busy("2");
  const hasty = get(through, configMaps, { namespace: "default", name: "patient" }, {
    timeoutMilliseconds: 100,
  });
  await assert.rejects(
    hasty,
    { name: "ApiError", status: 429 },
    "out of time while waiting: surely not done",
  );
  through.close();
});

Deno.test("nobody there: refused, and certain not to be sent", async () => {
  const credentials = {};
  const nowhere = new HttpTransport({
    server: new URL("https://127.0.0.1:1027"),
    compression: false,
    origin: "test",
    credentials: () => Promise.resolve(credentials),
  });
  await assert.rejects(create(nowhere, configMaps, configMap("x", {}), { fieldManager }), {
    name: "NetworkError",
    kind: "ConnectionRefused",
    sent: false,
    method: "POST",
    path: "/api/v1/namespaces/default/configmaps",
  });
  nowhere.close();
});

// Leader election

interface Lease extends KubeObject {
  spec: { holderIdentity: string; renewTime: string; acquireTime: string; leaseTransitions: number };
}

function election(name: string, identity: string): LeaderElection {
  const seconds = { durationSeconds: 2, renewDeadlineSeconds: 1, retrySeconds: 0.1 };
  return new LeaderElection({ transport, namespace: "default", name, identity, fieldManager, ...seconds });
}

const leaseOf = (name: string) => get<Lease>(transport, leases, { namespace: "default", name });

Deno.test("a lease is made, kept, released, and taken by the next one at once", async () => {
  const stop = new AbortController();
  const [first, second] = [
    election("released", leaseIdentity("host-a")),
    election("released", leaseIdentity("host-b")),
  ];
  assert.equal(first.remaining(), 0);
  await first.acquire(stop.signal);
  const made = await leaseOf("released");
  assert.match(made.spec.holderIdentity, /^host-a_[0-9a-f-]{36}$/);
  assert.match(made.spec.renewTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.ok(first.remaining() > 0 && first.remaining() <= 2000);

  const holding = first.hold(stop.signal);
  await until("renewed", async () => (await leaseOf("released")).spec.renewTime > made.spec.renewTime);
  assert.equal((await leaseOf("released")).spec.acquireTime, made.spec.acquireTime);
  const waiting = second.acquire(new AbortController().signal);
  assert.equal(second.isLeader, false);
  stop.abort();
  assert.equal(await holding, "released");
  assert.equal(first.remaining(), 0);
  await waiting;
  const taken = await leaseOf("released");
  assert.match(taken.spec.holderIdentity, /^host-b_/);
  assert.equal(taken.spec.leaseTransitions, 1);
});

Deno.test("a holder that goes silent is followed only after its whole duration", async () => {
  const [dead, heir] = [election("expired", "dead"), election("expired", "heir")];
  await dead.acquire(AbortSignal.timeout(10_000));
  await heir.acquire(AbortSignal.timeout(10_000));
  assert.equal(dead.remaining(), 0, "the dead one's certainty ended before");
  assert.ok(heir.remaining() > 0);
});

Deno.test("a lease that is taken away is lost at the next renewal, not only at the deadline", async () => {
  const seconds = { durationSeconds: 900, renewDeadlineSeconds: 600, retrySeconds: 0.1 };
  const loser = new LeaderElection({
    transport,
    namespace: "default",
    name: "stolen",
    identity: "loser",
    fieldManager,
    ...seconds,
  });
  await loser.acquire(AbortSignal.timeout(10_000));
  const end = new AbortController();
  const lost = loser.hold(end.signal);
  await mergePatch(transport, leases, { namespace: "default", name: "stolen" }, {
    spec: { holderIdentity: "thief" },
  }, {
    fieldManager: "thief",
  });
  await until("lost", () => !loser.isLeader, { seconds: 20 }).finally(() => end.abort());
  assert.equal(loser.remaining(), 0);
  assert.equal(await lost, "lost");
  assert.equal((await leaseOf("stolen")).spec.holderIdentity, "thief", "nothing of it was given back");
});

onReal("without an API server the lease is lost at the renew deadline", async () => {
  const loser = election("frozen", "loser");
  await loser.acquire(AbortSignal.timeout(10_000));
  plane.apiServer.pause();
  try {
    assert.equal(await loser.hold(new AbortController().signal), "lost");
  } finally {
    plane.apiServer.resume();
  }
});

// Events

const about = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "subject", uid: "u-1" };

async function eventsOn(name: string, namespace = "default"): Promise<CoreEvent[]> {
  const fieldSelector = `involvedObject.name=${name}`;
  return (await list<CoreEvent>(transport, events, { namespace, fieldSelector })).items;
}

Deno.test("the same event again raises its count", async () => {
  const recorder = new EventRecorder({ transport });
  const note = {
    about,
    type: "Warning",
    reason: "Failed",
    message: "no",
    component: "aim-test-controller",
  } as const;
  recorder.record(note);
  recorder.record(note);
  await recorder.flush();
  recorder.record(note);
  recorder.record({ ...note, message: "another" });
  await recorder.flush();
  const seen = (await eventsOn("subject")).map(({ count, message, type, reason, source }) => {
    return { count, message, type, reason, component: source?.component };
  }).sort((a, b) => (a.message ?? "").localeCompare(b.message ?? ""));
  assert.deepEqual(seen, [
    { count: 1, message: "another", type: "Warning", reason: "Failed", component: "aim-test-controller" },
    { count: 3, message: "no", type: "Warning", reason: "Failed", component: "aim-test-controller" },
  ]);
  recorder.stop();
});

Deno.test("events on cluster-scoped objects are in namespace default; expired ones are made anew", async () => {
  const recorder = new EventRecorder({ transport });
  const node = { apiVersion: "v1", kind: "Node", name: "node-1", uid: "u-2" };
  const note = { about: node, type: "Normal", reason: "Seen", message: "yes", component: "c" } as const;
  recorder.record(note);
  await recorder.flush();
  const [event] = await eventsOn("node-1");
  assert.equal(event.metadata?.namespace, "default");
  await remove(transport, events, { namespace: "default", name: event.metadata!.name! });
  recorder.record(note);
  await recorder.flush();
  assert.equal((await eventsOn("node-1"))[0].count, 2);
  recorder.stop();
});

Deno.test("an event that cannot be sent is dropped and counted, nothing is thrown", async () => {
  const said: string[] = [];
  const recorder = new EventRecorder({ transport, log: (message) => said.push(message) });
  const lost = { ...about, namespace: "no-such-namespace" };
  recorder.record({ about: lost, type: "Normal", reason: "Lost", message: "x", component: "c" });
  await recorder.flush();
  assert.deepEqual(recorder.counts, { sent: 0, dropped: 1 });
  assert.deepEqual(said, ["an event is given up: Lost on ConfigMap no-such-namespace/subject"]);
  recorder.stop();
});
