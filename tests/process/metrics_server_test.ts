/** /metrics of a running operator, asked by accounts with and without the right to, on a real API server. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { type OperatorProcess, startOperator } from "../operator_process.ts";
import { manifestsFolder } from "../manifests/documents.ts";

let plane: ControlPlane;
let operator: OperatorProcess;
let scraper: string;
let stranger: string;
const port = freePort();
const url = `https://localhost:${port}/metrics`;
const folder = await Deno.makeTempDir();
const authority = new CertificateAuthority("metrics");
const second = new CertificateAuthority("second");

async function writePair(from: CertificateAuthority): Promise<void> {
  const { certificate, key } = from.forServer(["localhost"]);
  await Deno.writeTextFile(join(folder, "tls.key"), key);
  await Deno.writeTextFile(join(folder, "tls.crt"), certificate);
}

async function tokenOf(serviceAccount: string): Promise<string> {
  const path = `/api/v1/namespaces/default/serviceaccounts/${serviceAccount}/token`;
  return (await plane.request("POST", path, { spec: {} })).status.token;
}

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ auditLog: true });
  const { code, stderr } = await plane.kubectl(["apply", "-k", manifestsFolder]);
  assert.equal(code, 0, stderr);
  await plane.apply([
    account("scraper"),
    account("stranger"),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "scraper" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "aim-engine-metrics-reader",
      },
      subjects: [{ kind: "ServiceAccount", name: "scraper", namespace: "default" }],
    },
    service("waiting"),
  ]);
  [scraper, stranger] = await Promise.all(["scraper", "stranger"].map(tokenOf));
  await writePair(authority);
  operator = await startOperator(plane, {
    read: [folder],
    args: [
      "--leader-elect",
      `--metrics-bind-address=:${port}`,
      `--metrics-cert-path=${folder}`,
      "--zap-log-level=debug",
    ],
  });
});

Deno.test.afterAll(async () => {
  await operator?.stop();
  await plane?.stop();
  await Deno.remove(folder, { recursive: true });
});

function account(name: string): object {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "default" } };
}

function service(name: string): object {
  return {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name, namespace: "default" },
    spec: { model: { name: "nowhere" } },
  };
}

interface Answer {
  readonly code: number;
  readonly body: string;
}

async function ask(token?: string, trusted = authority, at = url, method = "GET"): Promise<Answer> {
  using client = Deno.createHttpClient({ caCerts: [trusted.certificate] });
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(at, { client, headers, method });
  return { code: response.status, body: await response.text() };
}

Deno.test("who shows no token, or a wrong one, gets 401; who may not, 403; a reader gets metrics", async () => {
  assert.equal((await ask()).code, 401);
  assert.equal((await ask("no-token-of-this-cluster")).code, 401);
  assert.equal((await ask(stranger)).code, 403);
  const { code, body } = await ask(scraper);
  assert.equal(code, 200);
  assert.match(body, /^process_resident_memory_bytes \d+$/m);
});

Deno.test("other paths and methods are refused", async () => {
  assert.equal((await ask(scraper, authority, `https://localhost:${port}/debug/pprof`)).code, 404);
  assert.equal((await ask(scraper, authority, url, "DELETE")).code, 405);
});

Deno.test("a verdict holds for a while: the next scrape asks the API server nothing", async () => {
  await ask(scraper);
  const reviews = async () =>
    (await plane.auditEvents()).filter(({ user, objectRef }) =>
      user.username === operator.user && /reviews$/.test(objectRef?.resource ?? "")
    ).length;
  const before = await reviews();
  assert.ok(before > 0, "the first scrape was reviewed");
  assert.equal((await ask(scraper)).code, 200);
  assert.equal(await reviews(), before);
});

Deno.test("a scrape says what the operator does and how its objects are", async () => {
  const body = await until("the service is reported", async () => {
    const { body } = await ask(scraper);
    return /^aim_resource_status\{kind="AIMService",status="(?!Unset)/m.test(body) && body;
  });
  assert.match(body, /^aim_condition_false\{kind="AIMService",type="Ready",reason="\w+"\} 1$/m);
  assert.match(body, /^aim_status_writes_total\{kind="AIMService",result="written"\} [1-9]/m);
  assert.match(body, /^leader_election_master_status\{name="3be10d2f\.eai\.amd\.com"\} 1$/m);
  assert.match(body, /^controller_runtime_reconcile_total\{controller="service",result="\w+"\} [1-9]/m);
  assert.match(body, /^controller_runtime_reconcile_errors_total\{controller="service"\} 0$/m);
  assert.match(body, /^controller_runtime_reconcile_time_seconds_count\{controller="service"\} [1-9]/m);
  assert.match(body, /^workqueue_adds_total\{name="service",controller="service"\} [1-9]/m);
  assert.match(body, /^workqueue_depth\{name="service",controller="service",priority=""\} 0$/m);
  assert.match(body, /^rest_client_requests_total\{code="200",method="GET",host="127\.0\.0\.1:\d+"\} [1-9]/m);
  assert.match(body, /^certwatcher_read_certificate_total 1$/m);
  assert.match(body, /^aim_missed_wakeups_total\{controller="service"\} 0$/m);
});

Deno.test("HTTP/2 is not offered unless wanted", async () => {
  const said = await new Deno.Command("openssl", {
    args: ["s_client", "-connect", `localhost:${port}`, "-alpn", "h2,http/1.1"],
    stdin: "null",
  }).output();
  assert.match(new TextDecoder().decode(said.stdout), /ALPN protocol: http\/1\.1/);
});

Deno.test("a certificate that is replaced is used for later connections; half a pair is not", async () => {
  await Deno.writeTextFile(join(folder, "tls.key"), second.forServer(["localhost"]).key);
  await until("the trouble is told", async () => /is not the key of/.test(await operator.log()));
  assert.equal((await ask(scraper)).code, 200);
  await writePair(second);
  const { body } = await until("the new one is served", () => ask(scraper, second));
  assert.match(body, /^certwatcher_read_certificate_errors_total [1-9]/m);
  await assert.rejects(ask(scraper, authority));
});

Deno.test("no token is ever logged", async () => {
  const log = await operator.log();
  assert.match(log, /"level":"debug"/);
  const own = await Deno.readTextFile(
    await plane.kubeconfigFor("aim-system", "aim-engine-controller-manager"),
  );
  assert.match(own, /token: /);
  for (const token of [scraper, stranger, "no-token-of-this-cluster"]) assert.ok(!log.includes(token));
  assert.doesNotMatch(log, /eyJ[\w-]+\./); // how every token of a service account begins
});
