/** How the process ends, and with which code (conventions.md §1.1, §1.3). */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { MeddlingProxy } from "../kube/meddling_proxy.ts";
import { manifestsFolder } from "../manifests/documents.ts";
import { Program } from "./program.ts";

const leasePath = "/apis/coordination.k8s.io/v1/namespaces/aim-system/leases/3be10d2f.eai.amd.com";

let plane: ControlPlane;
let kubeconfig: string;

Deno.test.beforeAll(async () => {
  plane = await startControlPlane();
});

Deno.test.afterAll(() => plane?.stop());

/** The operator with the rights of its account; probes are off unless a flag says otherwise. */
function operator(...args: string[]): Program {
  return new Program([`--kubeconfig=${kubeconfig}`, "--health-probe-bind-address=0", ...args], {
    read: [plane.folder],
  });
}

async function holder(): Promise<string> {
  return (await plane.request("GET", leasePath)).spec.holderIdentity;
}

async function leads(): Promise<true> {
  await until("the lease is held", async () => await holder() !== "");
  return true;
}

Deno.test("an unknown flag: usage on stderr, 2", async () => {
  await using program = new Program(["--leader-elekt"]);
  assert.equal(await program.ended(), 2);
  assert.match(
    program.stderr,
    /^flag provided but not defined: -leader-elekt\nUsage:\n {2}--metrics-bind-address/,
  );
  assert.equal(program.stdout, "");
});

Deno.test("--help: usage on stdout, 0", async () => {
  await using program = new Program(["-h"]);
  assert.equal(await program.ended(), 0);
  assert.match(program.stdout, /--leader-elect/);
});

Deno.test("no cluster to be found, a kubeconfig that is none, an address that is none: one line, 1", async () => {
  const folder = await Deno.makeTempDir({ dir: plane.folder });
  const broken = join(folder, "broken");
  await Deno.writeTextFile(broken, "clusters: [");
  const cases: [string[], RegExp][] = [
    [[], /no cluster: no --kubeconfig, no KUBECONFIG, not in a pod, and HOME is not set/],
    [[`--kubeconfig=${folder}/none`], /none does not exist/],
    [[`--kubeconfig=${broken}`], /broken: not YAML/],
    [["--metrics-bind-address=8443"], /"8443" is no address to listen on; write it like :8081/],
  ];
  for (const [args, message] of cases) {
    await using program = new Program(args, { read: [folder] });
    assert.equal(await program.ended(), 1);
    const lines = program.stderr.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 1);
    assert.equal(lines[0].level, "error");
    assert.match(lines[0].error, message);
  }
});

Deno.test("without the CRDs: says how to install them, 1", async () => {
  await using program = new Program([`--kubeconfig=${plane.adminKubeconfig}`], { read: [plane.folder] });
  assert.equal(await program.ended(), 1);
  assert.match(
    program.stderr,
    /"error":"the cluster has no aimservices\.aim\.eai\.amd\.com: install the CRDs first \(kubectl apply -k manifests\)"/,
  );
});

Deno.test("manifests are installed, the account has its kubeconfig", async () => {
  const { code, stderr } = await plane.kubectl(["apply", "-k", manifestsFolder]);
  assert.equal(code, 0, stderr);
  await kindsServed(plane);
  kubeconfig = await plane.kubeconfigFor("aim-system", "aim-engine-controller-manager");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal}: the lease is given back, 0`, async () => {
    await using program = operator("--leader-elect");
    await leads();
    program.kill(signal);
    assert.equal(await program.ended(), 0);
    assert.equal(await holder(), "");
    assert.match(program.stderr, new RegExp(`"msg":"stopping","signal":"${signal}"`));
  });
}

Deno.test("SIGTERM while a status is being written: written first, the lease renewed meanwhile, then 0", async () => {
  const { certificate: cert, key } = plane.authority.forClient({
    user: "operator",
    groups: ["system:masters"],
  });
  using client = Deno.createHttpClient({ caCerts: [plane.authority.certificate], cert, key });
  await using proxy = new MeddlingProxy(plane.url, client);
  const held = Promise.withResolvers<void>();
  let writing = 0;
  proxy.meddle = ({ method, url }) => {
    if (method !== "PATCH" || !url.split("?")[0].endsWith("/aimservices/slow/status")) return undefined;
    writing++;
    return new TransformStream({ flush: () => held.promise });
  };
  const file = join(plane.folder, "proxied.kubeconfig");
  await Deno.writeTextFile(
    file,
    `{"current-context": a, clusters: [{name: a, cluster: {server: "${proxy.url.origin}"}}],` +
      ` contexts: [{name: a, context: {cluster: a}}]}`,
  );
  await plane.apply([{
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "slow", namespace: "default" },
    spec: { model: { name: "nowhere" } },
  }]);
  await using program = new Program(
    [`--kubeconfig=${file}`, "--health-probe-bind-address=0", "--leader-elect"],
    { read: [plane.folder] },
  );
  await until("the status is being written", () => writing > 0);
  program.kill("SIGTERM");
  await program.said(/"msg":"stopping"/);
  const renewals = () =>
    proxy.requests.filter(({ method, url }) => method === "PUT" && url.pathname === leasePath).length;
  const before = renewals();
  await until("the lease is renewed", () => renewals() > before);
  assert.notEqual(await holder(), "");
  held.resolve();
  assert.equal(await program.ended(), 0);
  assert.equal(await holder(), "");
});

Deno.test("a second signal while the first is being obeyed: 1 at once", async () => {
  await using program = operator("--leader-elect");
  await leads();
  plane.apiServer.pause(); // giving back the lease now waits for an answer
  try {
    program.kill("SIGTERM");
    await program.said(/"msg":"stopping"/);
    program.kill("SIGTERM");
    assert.equal(await program.ended(), 1);
  } finally {
    plane.apiServer.resume();
  }
});

Deno.test("the lease is taken by another: 1", async () => {
  // Left behind by the process of the test before.
  await plane.request("DELETE", leasePath);
  await using program = operator("--leader-elect");
  await leads();
  await until("another holds the lease", async () => {
    const lease = await plane.request("GET", leasePath);
    return await plane.request("PUT", leasePath, {
      ...lease,
      spec: { ...lease.spec, holderIdentity: "somebody-else" },
    });
  });
  assert.equal(await program.ended(), 1);
  assert.match(program.stderr, /the operator ends: without the lease another one may act/);
});

Deno.test("who does not lead is ready, serves metrics, writes nothing, and ends with 0", async () => {
  const [probes, metrics] = [freePort(), freePort()];
  await plane.request("DELETE", leasePath);
  await using leader = operator("--leader-elect");
  await leads();
  const first = await holder();
  await using program = new Program([
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect",
    `--health-probe-bind-address=127.0.0.1:${probes}`,
    `--metrics-bind-address=127.0.0.1:${metrics}`,
    "--metrics-secure=false",
  ], { read: [plane.folder] });
  await until("it is ready", async () => (await status(`http://127.0.0.1:${probes}/readyz`)) === 200);
  assert.equal(await status(`http://127.0.0.1:${probes}/healthz`), 200);
  assert.equal(await status(`http://127.0.0.1:${probes}/other`), 404);
  const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  assert.match(text, /^leader_election_master_status\{name="3be10d2f\.eai\.amd\.com"\} 0$/m);
  assert.match(text, /^rest_client_requests_total\{code="200",method="GET",/m);
  assert.doesNotMatch(text, /^rest_client_requests_total\{code="\d+",method="(PATCH|POST|PUT)"/m);
  assert.equal(await holder(), first);
  program.kill("SIGTERM");
  assert.equal(await program.ended(), 0);
  leader.kill("SIGTERM");
  assert.equal(await leader.ended(), 0);
});

Deno.test("metrics under a certificate of our own, with HTTP/2 where it is wanted", async () => {
  const port = freePort();
  await using program = operator(`--metrics-bind-address=:${port}`, "--enable-http2");
  await program.said(/"msg":"metrics are served"/);
  const openssl = async (...args: string[]) => {
    const all = ["s_client", "-connect", `localhost:${port}`, ...args];
    const { stdout, stderr } = await new Deno.Command("openssl", { args: all, stdin: "null" }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  };
  const said = await openssl("-alpn", "h2,http/1.1");
  assert.match(said, /subject=CN ?= ?aim-engine-metrics/);
  assert.match(said, /ALPN protocol: h2/);
  assert.match(await openssl("-tls1_2"), /Cipher is ECDHE/);
  assert.doesNotMatch(await openssl("-tls1_1"), /Cipher is ECDHE/);
});

async function status(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  return answer.status;
}
