/** How etcd and the API server are run. */
import { join } from "node:path";
import { stringify } from "yaml";
import type { CertificateAuthority } from "../../../lib/apiserver/doors/certificates.ts";
import { tokenSigningKeys } from "../../../lib/apiserver/doors/certificates.ts";
import type { ProcessSpec } from "../processes/child_process.ts";

/** Where one control plane keeps its things. */
export interface Place {
  /** Folder of this control plane. */
  readonly folder: string;
  /** Folder of the logs in it. */
  readonly logs: string;
}

/** etcd without fsync on a folder that nobody needs after a crash. */
export function etcd(program: string, place: Place, clientPort: number, peerPort: number): ProcessSpec {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return {
    name: "etcd",
    program,
    logFile: join(place.logs, "etcd.log"),
    args: [
      `--data-dir=${join(place.folder, "etcd")}`,
      "--unsafe-no-fsync",
      "--name=etcd",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=etcd=${peer}`,
      "--quota-backend-bytes=8589934592",
      "--log-level=warn",
    ],
    ready: async () => (await (await fetch(`${client}/health`)).json()).health === "true",
  };
}

/**
 * Forgets every revision of etcd but the newest. A watch that a restarted API server is asked to continue from
 * an older one is answered with 410; a running API server hides it behind its watch cache.
 *
 * @returns the revision that is left
 */
export async function compactEtcd(clientPort: number): Promise<number> {
  const call = async (path: string, body: unknown) => {
    const url = `http://127.0.0.1:${clientPort}/v3/kv/${path}`;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`etcd ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const key = btoa("/registry");
  const { header: { revision } } = await call("range", { key, limit: 1 });
  await call("compaction", { revision, physical: true });
  return Number(revision);
}

/** Every request is one line when it is answered, without bodies. */
const auditPolicy = stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", nonResourceURLs: ["/readyz*", "/healthz*", "/livez*", "/openapi*", "/version*"] },
    { level: "Metadata" },
  ],
});

/** The API server, RBAC on, on loopback. Writes the certificates, keys and policies it needs. */
export async function apiServer(
  program: string,
  place: Place,
  settings: {
    port: number;
    etcdPort: number;
    authority: CertificateAuthority;
    auditLogFile?: string;
    /** Node lifecycle is off, so nobody would take the not-ready taint from new nodes. */
    extraArgs: readonly string[];
    ready: () => Promise<boolean>;
  },
): Promise<ProcessSpec> {
  const folder = join(place.folder, "api-server");
  await Deno.mkdir(folder);
  const file = async (name: string, text: string) => {
    await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const serving = settings.authority.forServer(["127.0.0.1", "localhost", "kubernetes.default.svc"]);
  const tokens = tokenSigningKeys();
  const tokenKey = await file("token-signing.key", tokens.privateKey);
  const audit = settings.auditLogFile
    ? [
      `--audit-policy-file=${await file("audit-policy.yaml", auditPolicy)}`,
      `--audit-log-path=${settings.auditLogFile}`,
      "--audit-log-maxsize=1000000",
    ]
    : [];
  return {
    name: "kube-apiserver",
    program,
    logFile: join(place.logs, "kube-apiserver.log"),
    args: [
      `--etcd-servers=http://127.0.0.1:${settings.etcdPort}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${settings.port}`,
      "--endpoint-reconciler-type=none", // a loopback address may not stand in the kubernetes Service
      `--cert-dir=${folder}`,
      `--tls-cert-file=${await file("serving.crt", serving.certificate)}`,
      `--tls-private-key-file=${await file("serving.key", serving.key)}`,
      `--client-ca-file=${await file("ca.crt", settings.authority.certificate)}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-signing-key-file=${tokenKey}`,
      `--service-account-key-file=${await file("token-signing.pub", tokens.publicKey)}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      "--allow-privileged=true",
      // Nobody here lifts the not-ready taint that this plugin puts on new nodes.
      "--disable-admission-plugins=TaintNodesByCondition",
      "--kubelet-preferred-address-types=InternalIP",
      ...audit,
      ...settings.extraArgs,
    ],
    ready: settings.ready,
  };
}
