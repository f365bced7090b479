/** Tells the artifact how far its download is: merge patches of its own status fields (caching-and-artifacts.md §6.4). */

import type { AIMArtifactStatus } from "../../api/mod.ts";
import { detectAccess } from "../../kube/access/detect_access.ts";
import { HttpTransport } from "../../kube/http_transport.ts";
import { isInCluster } from "../../kube/access/in_cluster.ts";
import type { Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import { mergePatch } from "../../kube/write.ts";

/** The fields of the status that belong to the downloader. */
export type OwnStatus = Pick<AIMArtifactStatus, "progress" | "download">;

/** The kind as paths need it: its schema has no place in the memory of a downloader. */
export const artifacts: Resource = {
  group: "aim.eai.amd.com",
  version: "v1alpha1",
  kind: "AIMArtifact",
  plural: "aimartifacts",
  namespaced: true,
};

const fieldManager = "aim-artifact-downloader";

/** How long one report may take, in milliseconds. */
const patchTimeout = 10_000;

/**
 * Sends reports one after the other. While one is under way later ones are merged and follow it: a slow API server gets few
 * reports, not many late ones. A report that fails is a warning and nothing more.
 */
export class StatusReport {
  readonly #artifact: { readonly namespace: string; readonly name: string };
  readonly #transport: Transport;
  readonly #log: (line: string) => void;
  #next: OwnStatus | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;

  constructor(
    artifact: { readonly namespace: string; readonly name: string },
    transport: Transport,
    log: (line: string) => void,
  ) {
    this.#artifact = artifact;
    this.#transport = transport;
    this.#log = log;
  }

  /** Has these fields reported, soon. */
  report(status: OwnStatus): void {
    this.#next = {
      ...(this.#next ?? {}),
      ...status,
      ...(status.download && this.#next?.download
        ? { download: { ...this.#next.download, ...status.download } }
        : {}),
    };
    this.#sending ??= this.#sendAll().finally(() => this.#sending = undefined);
  }

  /** Waits for what is under way. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#next !== undefined) {
      const status = this.#next;
      this.#next = undefined;
      try {
        await mergePatch(this.#transport, artifacts, this.#artifact, { status }, {
          fieldManager,
          subresource: "status",
          timeoutMilliseconds: patchTimeout,
        });
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#log(`warning: progress cannot be reported: ${(error as Error).message}`);
        this.#failing = true;
      }
    }
  }
}

/** The report for an artifact; undefined where there is none, or no cluster: the download goes on without (§6.2). */
export async function statusReport(
  artifact: { readonly namespace: string; readonly name: string } | undefined,
  log: (line: string) => void,
): Promise<{ readonly report: StatusReport; close(): void } | undefined> {
  if (artifact === undefined) return undefined;
  if (!isInCluster() && !Deno.env.get("KUBECONFIG")) {
    log("warning: progress is not reported: this is no pod, and KUBECONFIG is not set");
    return undefined;
  }
  try {
    const transport = new HttpTransport(await detectAccess());
    return { report: new StatusReport(artifact, transport, log), close: () => transport.close() };
  } catch (error) {
    log(`warning: progress cannot be reported: ${(error as Error).message}`);
    return undefined;
  }
}
