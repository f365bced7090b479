/** How many discovery Jobs there are at a time, by watching them. */

import { Discovery } from "../../lib/kube/discovery.ts";
import { Informer } from "../../lib/kube/watch/informer.ts";
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";

const jobs: Resource = { group: "batch", version: "v1", kind: "Job", plural: "jobs", namespaced: true };

type Job = KubeObject & { status?: { conditions?: { type: string; status: string }[] } };

export class ActiveJobs {
  /** The most that were there and had not ended, at any moment so far. */
  most = 0;
  /** How many were made. */
  get made(): number {
    return this.#seen.size;
  }

  readonly #seen = new Set<string>();
  readonly #active = new Set<string>();

  /** Counts until the signal aborts. */
  constructor(transport: Transport, signal: AbortSignal) {
    new Informer<Job>({
      transport,
      discovery: new Discovery(transport),
      resource: jobs,
      labelSelector: "app.kubernetes.io/component=discovery",
      sink: {
        put: (job) => this.#count(job),
        replaced: (all) => all.forEach((job) => this.#count(job)),
        removed: ({ metadata }) => this.#active.delete(metadata.uid),
        uninstalled() {},
      },
    }).run(signal);
  }

  #count(job: Live<Job>): void {
    const { uid } = job.metadata;
    this.#seen.add(uid);
    if (hasEnded(job)) this.#active.delete(uid);
    else this.#active.add(uid);
    this.most = Math.max(this.most, this.#active.size);
  }
}

function hasEnded({ status }: Job): boolean {
  return status?.conditions?.some(({ type, status }) =>
    /^(Complete|Failed)$/.test(type) && status === "True"
  ) ===
    true;
}
