/** The control plane that `startControlPlane` starts, as its users and its own parts see it. */
import { dirname, join } from "node:path";
import { apiServer, compactEtcd, etcd } from "./servers/api_server.ts";
import { type AuditEvent, readAuditLog } from "./servers/audit_log.ts";
import { buildParts, type Parts, type WantedParts } from "./build/build.ts";
import { CertificateAuthority, type ClientIdentity } from "../../lib/apiserver/doors/certificates.ts";
import { ChildProcess, type ProcessSpec } from "./processes/child_process.ts";
import type { Cluster } from "./cluster.ts";
import { type Credentials, kubeconfig } from "./servers/kubeconfig.ts";
import { type Output, runKubectl } from "./servers/kubectl.ts";
import type { ControlPlaneOptions } from "./options.ts";
import { freePort } from "./processes/ports.ts";
import { endAtSignal, Programs, type ProgramSpec } from "./processes/programs.ts";
import { Warden } from "./processes/warden.ts";

/** A control plane started by `startControlPlane`. */
export class ControlPlane implements Cluster {
  /** Base URL of the API server, `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** File with the certificate (PEM) that signed the API server's. */
  readonly caFile: string;
  /** Kubeconfig file of an administrator who shows a client certificate. */
  readonly adminKubeconfig: string;
  /** The audit log, when it was asked for. */
  readonly auditLogFile?: string;
  readonly authority: CertificateAuthority = new CertificateAuthority("control-plane-ca");

  readonly #options: ControlPlaneOptions;
  readonly #log: (line: string) => void;
  readonly #warden: Warden;
  readonly #apiPort = freePort();
  readonly #etcdPort = freePort();
  readonly #client: Deno.HttpClient;
  readonly #others: Programs;
  #ignoreSignals?: () => void;
  #parts: Parts;
  #etcd?: ChildProcess;
  #apiServer?: ChildProcess;
  #apiServerSpec?: ProcessSpec;
  #stopped?: Promise<void>;

  /** Prepares certificates; use `startControlPlane`. */
  constructor(readonly folder: string, parts: Parts, options: ControlPlaneOptions) {
    this.#options = options;
    this.#parts = parts;
    this.#log = options.log ?? ((line) => console.error(line));
    this.#warden = new Warden(options.folder === undefined ? folder : undefined);
    this.#others = new Programs(join(folder, "logs"), this.#warden, this.#log);
    this.url = `https://127.0.0.1:${this.#apiPort}`;
    this.caFile = join(folder, "ca.crt");
    this.adminKubeconfig = join(folder, "admin.kubeconfig");
    if (options.auditLog) this.auditLogFile = join(folder, "audit.log");
    const own = this.authority.forClient({ user: "control-plane", groups: ["system:masters"] });
    this.#client = Deno.createHttpClient({
      caCerts: [this.authority.certificate],
      cert: own.certificate,
      key: own.key,
      // Over HTTP/2 `fetch` lets each long body wait 40 ms for an acknowledgement.
      http2: false,
    });
  }

  /** The API server: can be killed, frozen, started again. */
  get apiServer(): ChildProcess {
    return this.#apiServer!;
  }

  /** A process that was started besides etcd and the API server, by name (`kwok`, `kube-scheduler`, …). */
  process(name: string): ChildProcess {
    return this.#others.process(name);
  }

  /** Ids of all processes that run now. */
  get pids(): number[] {
    return [this.#etcd?.pid ?? [], this.#apiServer?.pid ?? [], this.#others.pids].flat();
  }

  /** Brings up etcd and the API server; called once, by `startControlPlane`. */
  async start(): Promise<void> {
    if (this.#options.handleSignals !== false) this.#ignoreSignals = endAtSignal(() => this.stop());
    await Deno.writeTextFile(this.caFile, this.authority.certificate);
    await this.#writeKubeconfig(this.adminKubeconfig, "admin", {
      clientCertificate: this.authority.forClient({ user: "admin", groups: ["system:masters"] }),
    });
    await this.#startEtcdAndApiServer();
  }

  async #startEtcdAndApiServer(): Promise<void> {
    const place = { folder: this.folder, logs: join(this.folder, "logs") };
    const store = etcd(this.program("etcd"), place, this.#etcdPort, freePort());
    this.#etcd = new ChildProcess(store, this.#warden, this.#log);
    await this.#etcd.start();
    const server = await apiServer(this.program("kube-apiserver"), place, {
      port: this.#apiPort,
      etcdPort: this.#etcdPort,
      authority: this.authority,
      auditLogFile: this.auditLogFile,
      extraArgs: this.#options.apiServerArgs ?? [],
      ready: async () => {
        const answer = await fetch(`${this.url}/readyz`, { client: this.#client });
        await answer.body?.cancel();
        return answer.ok;
      },
    });
    this.#apiServerSpec = server;
    this.#apiServer = new ChildProcess(server, this.#warden, this.#log);
    await this.#apiServer.start();
  }

  /** Starts another API server on the same etcd, as a control plane with several has it. Each has an audit log of its own. */
  async startAnotherApiServer(): Promise<{ readonly url: string; readonly auditLogFile?: string }> {
    const { program, args } = this.#apiServerSpec!;
    const name = "another-kube-apiserver";
    const port = freePort();
    const url = `https://127.0.0.1:${port}`;
    const auditLogFile = this.auditLogFile && join(this.folder, `${name}.audit.log`);
    const other = args.filter((arg) => !/^--(secure-port|audit-log-path)=/.test(arg));
    await this.#others.run({
      name,
      program,
      args: [
        ...other,
        `--secure-port=${port}`,
        ...(auditLogFile === undefined ? [] : [`--audit-log-path=${auditLogFile}`]),
      ],
      ready: async () => {
        const answer = await fetch(`${url}/readyz`, { client: this.#client });
        await answer.body?.cancel();
        return answer.ok;
      },
    });
    return { url, auditLogFile };
  }

  /** Starts another program beside the control plane. It ends with it, before the API server does. */
  run(spec: ProgramSpec): Promise<ChildProcess> {
    return this.#others.run(spec);
  }

  /** Runs kubectl as the administrator, or as who the kubeconfig says. */
  kubectl(args: readonly string[], stdin = "", kubeconfigFile = this.adminKubeconfig): Promise<Output> {
    return runKubectl(args, {
      program: this.program("kubectl"),
      kubeconfig: kubeconfigFile,
      cacheFolder: join(this.folder, "kubectl-cache"),
      stdin,
    });
  }

  /** Server-side applies YAML text, objects, or the files of a folder (`{ folder }`); throws what kubectl says. */
  async apply(what: string | readonly object[] | { readonly folder: string }): Promise<void> {
    const args = ["apply", "--server-side", "--force-conflicts", "-f"];
    const said = typeof what === "object" && "folder" in what
      ? await this.kubectl([...args, what.folder])
      : await this.kubectl([...args, "-"], typeof what === "string" ? what : JSON.stringify(listOf(what)));
    if (said.code !== 0) throw new Error(`kubectl apply: ${said.stderr.trim()}`);
  }

  /**
   * One request to the API server as administrator.
   *
   * @returns the decoded answer
   * @throws with status code and message when it is refused
   */
  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = "application/json",
    // deno-lint-ignore no-explicit-any -- objects of any kind
  ): Promise<any> {
    const response = await fetch(this.url + path, {
      method,
      client: this.#client,
      headers: body === undefined ? {} : { "content-type": contentType },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /**
   * Kubeconfig file of a service account, with a token from the TokenRequest API (valid for a day).
   * @param server where its user finds the API server, if not where it is
   */
  async kubeconfigFor(namespace: string, serviceAccount: string, server = this.url): Promise<string> {
    const file = join(this.folder, `${namespace}.${serviceAccount}.kubeconfig`);
    const token = await this.#tokenOf(namespace, serviceAccount);
    await this.#writeKubeconfig(
      file,
      `system:serviceaccount:${namespace}:${serviceAccount}`,
      { token },
      server,
    );
    return file;
  }

  /** A folder with `token`, `ca.crt` and `namespace`, as a pod of the service account sees it. */
  async serviceAccountFolder(namespace: string, serviceAccount: string): Promise<string> {
    const folder = join(this.folder, "serviceaccounts", namespace, serviceAccount);
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "token"), await this.#tokenOf(namespace, serviceAccount));
    await Deno.writeTextFile(join(folder, "ca.crt"), this.authority.certificate);
    await Deno.writeTextFile(join(folder, "namespace"), namespace);
    return folder;
  }

  /** Kubeconfig file of a user who shows a client certificate. */
  async kubeconfigForUser(identity: ClientIdentity): Promise<string> {
    const file = join(this.folder, `${identity.user.replaceAll(/[^\w.-]/g, "_")}.kubeconfig`);
    await this.#writeKubeconfig(file, identity.user, {
      clientCertificate: this.authority.forClient(identity),
    });
    return file;
  }

  /** Makes etcd forget old revisions; see `compactEtcd` for what becomes visible when. */
  compact(): Promise<number> {
    return compactEtcd(this.#etcdPort);
  }

  /** Its garbage collector looks for new kinds every 30 s only, and at its start. */
  async noticeNewKinds(): Promise<void> {
    await this.process("kube-controller-manager").restart();
  }

  /** What the API server answered so far. */
  auditEvents(): Promise<AuditEvent[]> {
    if (!this.auditLogFile) throw new Error("The control plane was started without auditLog");
    return readAuditLog(this.auditLogFile);
  }

  /** Path of a program that the options asked for. */
  program(name: WantedParts["programs"][number]): string {
    return this.#parts.programs[name];
  }

  /** Folder with kubectl (and the servers), for a PATH. */
  get toolsFolder(): string {
    return dirname(this.program("kubectl"));
  }

  /** Folder of a set of YAML files that the options asked for. */
  yaml(name: WantedParts["yaml"][number]): string {
    return this.#parts.yaml[name];
  }

  /** Builds more parts, for what is added to a running control plane. */
  async want(wanted: Partial<WantedParts>): Promise<void> {
    const more = await buildParts({ programs: [], yaml: [], ...wanted }, this.#options.log);
    this.#parts = {
      programs: { ...this.#parts.programs, ...more.programs },
      yaml: { ...this.#parts.yaml, ...more.yaml },
    };
  }

  /** Ends everything. Safe to call twice. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await this.#others.stop();
    await this.#apiServer?.stop();
    await this.#etcd?.stop();
    this.#client.close();
    await this.#warden.close();
    this.#ignoreSignals?.();
  }

  async #tokenOf(namespace: string, serviceAccount: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" };
    const { status } = await this.request("POST", path, { ...request, spec: { expirationSeconds: 86_400 } });
    return status.token;
  }

  async #writeKubeconfig(
    file: string,
    user: string,
    credentials: Credentials,
    server = this.url,
  ): Promise<void> {
    const text = kubeconfig({
      server,
      certificateAuthority: this.authority.certificate,
      user,
      credentials,
    });
    await Deno.writeTextFile(file, text, { mode: 0o600 });
  }
}

function listOf(items: readonly object[]): object {
  return { apiVersion: "v1", kind: "List", items };
}
