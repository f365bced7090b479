/** A cluster that a test or a demo runs on: a real control plane, or one in memory. */

import type { CertificateAuthority, ClientIdentity } from "../../lib/apiserver/doors/certificates.ts";
import type { AuditEvent } from "./servers/audit_log.ts";
import type { ChildProcess } from "./processes/child_process.ts";
import type { ProgramSpec } from "./processes/programs.ts";
import type { Output } from "./servers/kubectl.ts";

export interface Cluster extends AsyncDisposable {
  /** Base URL of the API server. */
  readonly url: string;
  /** File with the certificate (PEM) that signed the API server's. */
  readonly caFile: string;
  /** Kubeconfig file of an administrator. */
  readonly adminKubeconfig: string;
  /** Where its files are; it goes with the cluster. */
  readonly folder: string;
  /** Signs certificates that the API server trusts. */
  readonly authority: CertificateAuthority;
  /** Server-side applies YAML text or objects. */
  apply(what: string | readonly object[]): Promise<void>;
  /** One request as administrator; throws with status code and message when it is refused. */
  // deno-lint-ignore no-explicit-any -- objects of any kind
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<any>;
  /** Runs kubectl as the administrator, or as who the kubeconfig says. */
  kubectl(args: readonly string[], stdin?: string, kubeconfigFile?: string): Promise<Output>;
  /** Kubeconfig file of a service account. */
  kubeconfigFor(namespace: string, serviceAccount: string, server?: string): Promise<string>;
  /** Kubeconfig file of a user. */
  kubeconfigForUser(identity: ClientIdentity): Promise<string>;
  /** Starts a program that ends with the cluster. */
  run(spec: ProgramSpec): Promise<ChildProcess>;
  /** A program that was started, by its name. */
  process(name: string): ChildProcess;
  /** The requests that were answered so far; not every cluster is started with such a log. */
  auditEvents(): Promise<AuditEvent[]>;
  /** Folder with kubectl, for a PATH. */
  readonly toolsFolder: string;
  /** Returns once owners of kinds that were installed a moment ago are known to the garbage collector. */
  noticeNewKinds(): Promise<void>;
  stop(): Promise<void>;
}
