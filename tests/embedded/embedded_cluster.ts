/**
 * A cluster in memory that looks like a control plane of real parts to whoever uses it: an API server on loopback, the
 * operator's neighbours around it, kubeconfig files, programs that end with it.
 */

import { dirname, join } from "node:path";
import "../control_plane/processes/no_proxy.ts";
import { stringifyJson } from "../../lib/kube/json/json.ts";
import { type HttpDoor, openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { CertificateAuthority, type ClientIdentity } from "../../lib/apiserver/doors/certificates.ts";
import { askingWebhooks } from "../../lib/apiserver/doors/webhooks.ts";
import type { Answer, Answering, Request } from "../../lib/apiserver/request.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { accountName, administrator, type UserInfo, userOf } from "../../lib/apiserver/user.ts";
import { tokenOf } from "../../lib/apiserver/tokens.ts";
import {
  defaultStorageClass,
  inTheBackground,
  neighbourDefinitions,
  type NeighbourOptions,
} from "../../lib/surroundings/mod.ts";
import type { Surroundings } from "../../lib/surroundings/run.ts";
import type { AuditEvent } from "../control_plane/servers/audit_log.ts";
import type { ChildProcess } from "../control_plane/processes/child_process.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { auditEventOf, isAudited } from "./audit.ts";
import { kubeconfig } from "../control_plane/servers/kubeconfig.ts";
import { type Output, runKubectl } from "../control_plane/servers/kubectl.ts";
import { endAtSignal, Programs, type ProgramSpec } from "../control_plane/processes/programs.ts";
import { Warden } from "../control_plane/processes/warden.ts";
import { type Document, documentsOf } from "../manifests/documents.ts";

export interface EmbeddedClusterOptions extends Pick<NeighbourOptions, "behaviourOf" | "runsElsewhere"> {
  /** Told of what goes wrong in the cluster. */
  readonly log?: (line: string) => void;
  /** Keeps what was answered over HTTP, as an API server's audit log does; it grows for as long as the cluster lives. */
  readonly auditLog?: boolean;
  /** Whether users may do what roles allow them, and nothing else; unless asked for everybody may do everything. */
  readonly rbac?: boolean;
  /** Nobody works there but who is started later: an API server without controllers. */
  readonly alone?: boolean;
  /** API groups of neighbours that are not installed, of KServe and of Gateway API. */
  readonly without?: readonly string[];
  /** Where kubectl is; without it only {@link EmbeddedCluster.kubectl} is missing. */
  readonly kubectl?: string;
}

/** Starts a cluster with the kinds of KServe and Gateway API, and a storage class; it is ready when this returns. */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
  const folder = await Deno.makeTempDir({ prefix: "aim-embedded-" });
  await Deno.mkdir(join(folder, "logs"));
  const cluster = new EmbeddedCluster(folder, options);
  await cluster.start();
  return cluster;
}

export class EmbeddedCluster implements Cluster {
  readonly server: ApiServer;
  readonly authority = new CertificateAuthority("embedded cluster");
  readonly caFile: string;
  readonly adminKubeconfig: string;
  #door!: HttpDoor;
  readonly #warden: Warden;
  readonly #programs: Programs;
  readonly #audit: AuditEvent[] = [];
  readonly #log: (line: string) => void;
  #ignoreSignals?: () => void;
  #neighbours?: Surroundings;
  #stopped?: Promise<void>;

  /** Use {@link startEmbeddedCluster}. */
  constructor(readonly folder: string, private readonly options: EmbeddedClusterOptions) {
    this.server = new ApiServer({ rbac: options.rbac });
    this.#log = options.log ?? ((line) => console.error(line));
    this.#warden = new Warden(folder);
    this.#programs = new Programs(join(folder, "logs"), this.#warden, this.#log);
    this.caFile = join(folder, "ca.crt");
    this.adminKubeconfig = join(folder, "admin.kubeconfig");
  }

  async start(): Promise<void> {
    const answering = askingWebhooks(this.server);
    const audited = { handle: (request: Request) => this.#audited(request, answering) };
    this.#door = await openHttpDoor(this.options.auditLog ? audited : answering, {
      authority: this.authority,
      token: this.server.cluster.token,
    });
    this.#ignoreSignals = endAtSignal(() => this.stop());
    await Deno.writeTextFile(this.caFile, this.authority.certificate);
    await Deno.writeTextFile(this.adminKubeconfig, this.#kubeconfig(administrator, this.url), {
      mode: 0o600,
    });
    const { without = [] } = this.options;
    await this.apply((await neighbourDefinitions()).filter(({ spec }) => !without.includes(spec.group)));
    await this.apply([defaultStorageClass]);
    if (this.options.alone) return;
    this.#neighbours = inTheBackground(this.server, {
      ...this.options,
      certificateAuthority: this.authority.certificate,
      failed: (error, controller) =>
        this.#log(`${controller}: ${error instanceof Error ? error.stack : error}`),
    });
  }

  get url(): string {
    return this.#door.url;
  }

  /** Server-side applies YAML text or objects, as `kubectl apply --server-side --force-conflicts` does. */
  // deno-lint-ignore require-await -- as the real one does
  async apply(what: string | readonly object[]): Promise<void> {
    const objects = typeof what === "string" ? documentsOf(what) : what as Document[];
    for (const object of objects) {
      this.#ask("PATCH", this.#pathOf(object), object, {
        contentType: "application/apply-patch+yaml",
        query: "fieldManager=kubectl&force=true",
      });
    }
  }

  // deno-lint-ignore require-await
  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = "application/json",
    // deno-lint-ignore no-explicit-any -- objects of any kind
  ): Promise<any> {
    const [plain, query] = path.split("?");
    const said = this.#ask(method, plain, body, { contentType, query });
    // What the server gives is frozen; whoever asks a real one gets a copy.
    return typeof said === "string" ? said : JSON.parse(stringifyJson(said));
  }

  kubectl(args: readonly string[], stdin = "", kubeconfigFile = this.adminKubeconfig): Promise<Output> {
    return runKubectl(args, {
      program: this.options.kubectl ?? "kubectl",
      kubeconfig: kubeconfigFile,
      cacheFolder: join(this.folder, "kubectl-cache"),
      stdin,
    });
  }

  kubeconfigFor(namespace: string, serviceAccount: string, server = this.url): Promise<string> {
    return this.#kubeconfigFile(userOf(accountName(namespace, serviceAccount)), server);
  }

  kubeconfigForUser({ user, groups }: ClientIdentity): Promise<string> {
    return this.#kubeconfigFile(userOf(user, groups), this.url);
  }

  run(spec: ProgramSpec): Promise<ChildProcess> {
    return this.#programs.run(spec);
  }

  process(name: string): ChildProcess {
    return this.#programs.process(name);
  }

  // deno-lint-ignore require-await
  async auditEvents(): Promise<AuditEvent[]> {
    if (!this.options.auditLog) throw new Error("The cluster was started without auditLog");
    return [...this.#audit];
  }

  /** The garbage collector of this cluster knows every kind at once. */
  noticeNewKinds(): Promise<void> {
    return Promise.resolve();
  }

  get toolsFolder(): string {
    if (this.options.kubectl === undefined) throw new Error("The cluster was started without kubectl");
    return dirname(this.options.kubectl);
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await this.#programs.stop();
    this.#neighbours?.stop();
    await this.#door.close();
    await this.#warden.close();
    this.#ignoreSignals?.();
  }

  async #audited(request: Request, answering: Answering): Promise<Answer | undefined> {
    const answer = await answering.handle(request);
    if (answer !== undefined && isAudited(request)) this.#audit.push(auditEventOf(request, answer));
    return answer;
  }

  #ask(
    method: string,
    path: string,
    body: unknown,
    { contentType, query = "" }: { contentType: string; query?: string },
  ) {
    const answer = this.server.handle({
      method,
      path,
      query: new URLSearchParams(query),
      body: body === undefined ? undefined : structuredClone(body),
      contentType,
      userAgent: "kubectl",
    });
    if ("watch" in answer) throw new Error(`${path} is a watch`);
    const said = "text" in answer ? answer.text : answer.body;
    if (answer.code < 400) return said;
    throw new Error(
      `${method} ${path}: ${answer.code} ${typeof said === "string" ? said : stringifyJson(said)}`,
    );
  }

  #pathOf({ apiVersion = "", kind: name, metadata }: Document): string {
    const [version, group = ""] = apiVersion.split("/").reverse();
    const kind = this.server.cluster.kinds.all().find((each) =>
      each.kind === name && each.group === group && each.version === version
    );
    if (kind === undefined) throw new Error(`no matches for kind "${name}" in version "${apiVersion}"`);
    const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    const place = kind.namespaced ? `/namespaces/${metadata?.namespace ?? "default"}` : "";
    return `${root}${place}/${kind.plural}/${metadata?.name}`;
  }

  async #kubeconfigFile(user: UserInfo, server: string): Promise<string> {
    const file = join(this.folder, `${user.username.replaceAll(/[^\w.-]/g, "_")}.kubeconfig`);
    await Deno.writeTextFile(file, this.#kubeconfig(user, server), { mode: 0o600 });
    return file;
  }

  #kubeconfig(user: UserInfo, server: string): string {
    const credentials = { token: tokenOf(this.#door.token, user) };
    const certificateAuthority = this.authority.certificate;
    return kubeconfig({ server, certificateAuthority, user: user.username, credentials });
  }
}
