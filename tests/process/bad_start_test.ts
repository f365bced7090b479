/**
 * What a bad start says: one clear line, no stack trace, and an exit code by which it is told apart (conventions.md §1.1). Where the
 * operator waits or goes on it says that once, and SIGTERM ends it with 0.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { crdOf } from "../../lib/api/crd.ts";
import { aimService } from "../../lib/api/mod.ts";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { type EmbeddedCluster, startEmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import { MeddlingProxy } from "../kube/meddling_proxy.ts";
import { kubeconfig } from "../control_plane/servers/kubeconfig.ts";
import { Program } from "./program.ts";

const lease = "3be10d2f.eai.amd.com";
const account = "system:serviceaccount:aim-system:aim-engine-controller-manager";
const aimEngine = "aim-engine-controller-manager-7c9d8-x2x4z_0a5e6f2c-0d1b-4a43-9f0e-3c1f6f3c2f10";

let cluster: EmbeddedCluster;
let proxy: MeddlingProxy;
let client: Deno.HttpClient;

Deno.test.beforeAll(async () => {
  cluster = await startEmbeddedCluster({ alone: true });
  await installManifests(cluster);
  client = Deno.createHttpClient({ caCerts: [cluster.authority.certificate] });
  proxy = new MeddlingProxy(cluster.url, client);
});

Deno.test.afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  client?.close();
  await cluster?.stop();
});

/** Writes a kubeconfig for a server, and returns the flag that names it. */
async function configured(
  server: string,
  { token = "wrong", authority = cluster.authority } = {},
): Promise<string> {
  const file = join(cluster.folder, `${crypto.randomUUID()}.kubeconfig`);
  const certificateAuthority = authority.certificate;
  await Deno.writeTextFile(
    file,
    kubeconfig({ server, certificateAuthority, user: "operator", credentials: { token } }),
  );
  return `--kubeconfig=${file}`;
}

/** The flag for the cluster as it is, or by way of the proxy. */
async function withCluster(server = cluster.url): Promise<string> {
  return `--kubeconfig=${await cluster.kubeconfigFor("aim-system", "aim-engine-controller-manager", server)}`;
}

const viaProxy = () => withCluster(proxy.url.origin);

/** Lets the proxy refuse what the API server refuses without a right. */
function refuse(
  verb: string,
  resource: string,
  group: string,
  matches: (request: Request, url: URL) => boolean,
): void {
  proxy.intercept = (request) => {
    if (!matches(request, new URL(request.url))) return undefined;
    const name = group === "" ? resource : `${resource}.${group}`;
    const message =
      `${name} is forbidden: User "${account}" cannot ${verb} resource "${resource}" in API group "${group}" at the cluster scope`;
    return Response.json({
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      message,
      reason: "Forbidden",
      code: 403,
    }, {
      status: 403,
    });
  };
}

interface Row {
  readonly what: string;
  /** Makes the trouble, and returns the command line. */
  readonly args: () => Promise<readonly string[]>;
  /** The last line of level error, or the usage; of a program that goes on, what it says once. */
  readonly says: RegExp;
  /** The exit code; absent: it goes on until SIGTERM. */
  readonly exit?: 1 | 2;
  /** Lines of level error before the last, each of which says the same of one part. */
  readonly before?: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the trouble away. */
  readonly after?: () => Promise<void>;
}

let listener: Deno.Listener | undefined;
let tls: Deno.HttpServer | undefined;

/** Puts a server before the cluster whose certificate was issued then. */
async function serverWithCertificateOf(issuedAt: number): Promise<string> {
  const { certificate, key } = cluster.authority.forServer(["127.0.0.1"], issuedAt);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: certificate, key, onListen() {} },
    () => new Response(),
  );
  tls = server;
  return await configured(`https://127.0.0.1:${server.addr.port}`);
}

const endTls = async () => await tls?.shutdown();
const day = 24 * 60 * 60_000;

const rows: readonly Row[] = [
  {
    what: "no kubeconfig",
    args: () => Promise.resolve([]),
    says: /no cluster: no --kubeconfig, no KUBECONFIG, not in a pod, and HOME is not set$/,
    exit: 1,
  },
  {
    what: "an API server that cannot be reached",
    args: async () => [await configured(`https://127.0.0.1:${freePort()}`)],
    says:
      /the API server https:\/\/127\.0\.0\.1:\d+ \(.*kubeconfig.*\) cannot be reached; check its address and the network: /,
    exit: 1,
  },
  {
    what: "an expired certificate of the API server",
    args: async () => [await serverWithCertificateOf(Date.now() - 400 * day)],
    says: /has a certificate that has expired; have it renewed, or set this machine's clock right/,
    exit: 1,
    after: endTls,
  },
  {
    what: "a certificate of the API server that is not valid yet, as to a clock that is behind",
    args: async () => [await serverWithCertificateOf(Date.now() + day)],
    says: /has a certificate that is not valid yet; set this machine's clock right/,
    exit: 1,
    after: endTls,
  },
  {
    what: "a certificate of another authority",
    args: async () => [await configured(cluster.url, { authority: new CertificateAuthority("another") })],
    says: /has a certificate that is not trusted; name its authority/,
    exit: 1,
  },
  {
    what: "credentials that have expired",
    args: async () => [await configured(cluster.url)],
    says: /does not accept these credentials; a token or client certificate may have expired/,
    exit: 1,
  },
  {
    what: "a right to list that is missing",
    args: async () => {
      refuse(
        "list",
        "aimservices",
        "aim.eai.amd.com",
        (_, { pathname }) => pathname === "/apis/aim.eai.amd.com/v1alpha1/aimservices",
      );
      return [await viaProxy()];
    },
    says:
      /could not read within 15 s: aimservices \(.*aimservices\.aim\.eai\.amd\.com is forbidden: .*\); install the operator's rights \(kubectl apply -k manifests\)/,
    before: /"msg":"(cannot list or watch aimservices"|the right to list aimservices\.)/,
    exit: 1,
  },
  {
    what: "a right to ask for kinds that is missing",
    args: async () => {
      refuse("get", "", "", (_, { pathname }) => pathname.startsWith("/api"));
      return [await viaProxy()];
    },
    says: /does not let this user ask which kinds there are; every user may by ClusterRole system:discovery/,
    exit: 1,
  },
  {
    what: "a right to the Lease that is missing",
    args: async () => {
      refuse("get", "leases", "coordination.k8s.io", (_, { pathname }) => pathname.includes("/leases"));
      return [await viaProxy(), "--leader-elect"];
    },
    before: /"msg":"(renewing the lease failed"|the right to get leases\.)/,
    says: /may not hold the lease .*leases\.coordination\.k8s\.io is forbidden/,
    exit: 1,
  },
  {
    what: "a CRD that is missing",
    args: async () => {
      await cluster.request("DELETE", crdPath);
      return [await withCluster()];
    },
    says:
      /the cluster has no aimservices\.aim\.eai\.amd\.com: install the CRDs first \(kubectl apply -k manifests\)/,
    exit: 1,
    after: () => cluster.apply([serviceCrd()]),
  },
  {
    what: "an older CRD",
    args: async () => {
      await cluster.apply([serviceCrd(({ status }) => delete status!.properties!.observedGeneration)]);
      return [await withCluster()];
    },
    says:
      /the installed CRDs are older than this operator: .*\(aimservices\.aim\.eai\.amd\.com status\.observedGeneration\); install its own first \(kubectl apply -k manifests\/crds\)/,
    exit: 1,
    after: () => cluster.apply([serviceCrd()]),
  },
  {
    what: "an unknown flag",
    args: () => Promise.resolve(["--leader-elekt"]),
    says: /^flag provided but not defined: -leader-elekt$/m,
    exit: 2,
  },
  {
    what: "a value that a flag does not take",
    args: () => Promise.resolve(["--zap-log-level=loud"]),
    says: /^invalid value "loud" for flag -zap-log-level: want debug, info, error, panic$/m,
    exit: 2,
  },
  {
    what: "the port of the probes is in use",
    args: async () => [await withCluster(), `--health-probe-bind-address=${taken()}`],
    says: /cannot listen on 127\.0\.0\.1:\d+: .*in use/,
    exit: 1,
    after: release,
  },
  {
    what: "the port of the metrics is in use",
    args: async () => [await withCluster(), `--metrics-bind-address=${taken()}`],
    says: /cannot listen on 127\.0\.0\.1:\d+: .*in use/,
    exit: 1,
    after: release,
  },
  {
    what: "a Lease held by AIM Engine",
    args: async () => {
      const now = new Date().toISOString().replace("Z", "000Z");
      await cluster.apply([{
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: lease, namespace: "aim-system" },
        spec: {
          holderIdentity: aimEngine,
          leaseDurationSeconds: 15,
          acquireTime: now,
          renewTime: now,
          leaseTransitions: 0,
        },
      }]);
      return [await withCluster(), "--leader-elect"];
    },
    says: new RegExp(`"level":"info".*the lease is held by ${aimEngine}`),
    after: () =>
      cluster.request("DELETE", `/apis/coordination.k8s.io/v1/namespaces/aim-system/leases/${lease}`),
  },
  {
    what: "a clock that is ten minutes ahead",
    args: () => withClock(-10),
    says: /"level":"error".*this machine's clock is 10 min ahead of the API server's: .*; set it right/,
  },
  {
    what: "a clock that is ten minutes behind",
    args: () => withClock(10),
    says: /"level":"error".*this machine's clock is 10 min behind the API server's: .*; set it right/,
  },
  {
    what: "traces that this Deno was not told of in time",
    args: async () => [await withCluster()],
    // What a compiled program finds: the variable came after Deno had looked at it.
    env: { OTEL_SDK_DISABLED: "true", OTEL_DENO: "true" },
    says: /"level":"info".*OTEL_DENO has no effect: this program was compiled without it/,
  },
];

const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/aimservices.aim.eai.amd.com";

function serviceCrd(
  change: (
    properties: NonNullable<
      ReturnType<typeof crdOf>["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    >,
  ) => void = () => {},
): ReturnType<typeof crdOf> {
  const crd = structuredClone(crdOf(aimService));
  change(crd.spec.versions[0].schema.openAPIV3Schema.properties!);
  return crd;
}

/** An address on which somebody listens. */
function taken(): string {
  listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
}

function release(): Promise<void> {
  listener!.close();
  return Promise.resolve();
}

/** By way of a server whose clock is so many minutes before ours. */
async function withClock(minutes: number): Promise<readonly string[]> {
  proxy.headers = { date: new Date(Date.now() + minutes * 60_000).toUTCString() };
  return [await viaProxy()];
}

for (const { what, args, says, exit, before, env, after } of rows) {
  Deno.test(`${what}: ${exit === undefined ? "goes on" : `ends with ${exit}`}, and says so in a line`, async () => {
    await using program = new Program(
      ["--health-probe-bind-address=0", ...await args()],
      { read: [cluster.folder], env },
    );
    try {
      if (exit === undefined) {
        await program.said(says);
        await until("it goes on", () => /the operator starts/.test(program.stderr));
        program.kill("SIGTERM");
      }
      assert.equal(await program.ended(), exit ?? 0, program.stderr);
    } finally {
      await after?.();
      proxy.intercept = () => undefined;
      proxy.headers = {};
    }
    assert.equal(program.stdout, "");
    assert.doesNotMatch(program.stderr, /\n\s+at |Uncaught|"stacktrace"/);
    const lines = program.stderr.trim().split("\n");
    if (exit === 2) return assert.match(lines[0], says);
    for (const line of lines) assert.ok(JSON.parse(line).msg, line);
    const told = exit === 1 ? lines.filter((line) => JSON.parse(line).level === "error") : lines;
    if (exit === 1) assert.match(JSON.parse(lines.at(-1)!).error, says);
    assert.equal(
      told.filter((line) => says.test(exit === 1 ? JSON.parse(line).error : line)).length,
      1,
      "once",
    );
    if (exit === 1) { for (const line of told.slice(0, -1)) assert.match(line, before ?? /^$/); }
  });
}
