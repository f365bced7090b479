/** Leader election by a Lease, in the format and by the rules of client-go. */
import { delay } from "./backoff.ts";
import { isStatus } from "./errors.ts";
import type { KubeObject, Live, Resource } from "./object.ts";
import type { Transport } from "./transport.ts";
import { type CallOptions, create, get, replace } from "./write.ts";

const leases: Resource = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
};

interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export interface LeaderElectionOptions {
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  /** Of this process: no other may ever use it. See {@link leaseIdentity}. */
  readonly identity: string;
  readonly fieldManager: string;
  /** How long others wait after the last renewal before they take over. Default 15 s. */
  readonly durationSeconds?: number;
  /** Without a renewal for so long the lease counts as lost. Default 10 s. */
  readonly renewDeadlineSeconds?: number;
  /** Between tries. Default 2 s. */
  readonly retrySeconds?: number;
  /** Told of failed tries and of who holds the lease. */
  readonly log?: (message: string, error?: unknown) => void;
}

/** `<hostname>_<uuid>`, as other operators write it (conventions §1.3). */
export function leaseIdentity(hostname: string): string {
  return `${hostname}_${crypto.randomUUID()}`;
}

/**
 * Holds a Lease against other processes.
 *
 * Guarantees: of all processes that follow these rules at most one is leader at a time, as long as their
 * clocks run at about the same speed; no clock is compared with another machine's. A lease that others hold
 * is taken over only after it has not been seen to change for its whole duration. `remaining()` counts from
 * before the renewal was sent, so nobody else can be leader while it is positive. Requests that were sent
 * before a loss may still land after it.
 */
export class LeaderElection {
  readonly #options: Required<Omit<LeaderElectionOptions, "log">> & Pick<LeaderElectionOptions, "log">;
  /** When the last successful renewal was begun, on the monotonic clock. */
  #renewedAt = -Infinity;
  #held: Live<Lease> | undefined;
  /** The record of another holder, and since when it has been the same here. */
  #observed = { record: "", since: 0 };

  constructor(options: LeaderElectionOptions) {
    this.#options = { durationSeconds: 15, renewDeadlineSeconds: 10, retrySeconds: 2, ...options };
  }

  get isLeader(): boolean {
    return this.#held !== undefined;
  }

  /** Milliseconds for which this process is certain to be the only leader; 0 if it is none. */
  remaining(): number {
    if (this.#held === undefined) return 0;
    return Math.max(0, this.#renewedAt + this.#options.durationSeconds * 1000 - performance.now());
  }

  /** Resolves once this process is leader. Rejects only by `signal`. */
  async acquire(signal: AbortSignal): Promise<void> {
    while (!await this.#try(signal)) await delay(this.#jittered(), signal);
  }

  /**
   * Renews until the lease is lost (not renewed in time, taken, or deleted: then anybody may have made a new
   * one), then resolves with `"lost"`; the process must stop writing and exit.
   * When `signal` is aborted the lease is released for the next one and the result is `"released"`.
   */
  async hold(signal: AbortSignal): Promise<"lost" | "released"> {
    const renewDeadline = this.#options.renewDeadlineSeconds * 1000;
    while (!signal.aborted) {
      await delay(this.#options.retrySeconds * 1000, signal).catch(() => {}); // the loop looks at the signal
      if (signal.aborted) break;
      const left = this.#renewedAt + renewDeadline - performance.now();
      if (left <= 0 || !await this.#try(undefined, left) && this.#held === undefined) {
        this.#held = undefined;
        return "lost";
      }
    }
    await this.#release();
    return "released";
  }

  /** One try to get or renew the lease. (A renewal is not called off: its outcome would be unknown.) */
  async #try(signal?: AbortSignal, longest = this.#options.renewDeadlineSeconds * 1000): Promise<boolean> {
    const begun = performance.now();
    // Half of the deadline, so that one hanging request does not cost the lease.
    const call = {
      signal,
      timeoutMilliseconds: Math.max(1, Math.min(longest, this.#options.renewDeadlineSeconds * 500)),
    };
    try {
      const stored = this.#held ?? await this.#read(call);
      if (stored !== undefined && !this.#mayTake(stored)) return false;
      const { transport, fieldManager } = this.#options;
      const wanted = this.#claim(stored);
      this.#held = stored === undefined
        ? await create<Lease>(transport, leases, wanted, { fieldManager, ...call })
        : await replace<Lease>(transport, leases, wanted, { fieldManager, ...call });
      this.#renewedAt = begun;
      return true;
    } catch (failure) {
      signal?.throwIfAborted();
      this.#options.log?.("renewing the lease failed", failure);
      // Somebody wrote it, or our write landed without an answer: whose it is shows in the next read.
      if (isStatus(failure, 409) || isStatus(failure, 404)) return await this.#lookAgain(call);
      return false;
    }
  }

  /** After a conflict: still ours (an answer was lost), or not. */
  async #lookAgain(call: CallOptions): Promise<boolean> {
    if (this.#held === undefined) return false;
    const stored = await this.#read(call).catch(() => this.#held);
    this.#held = stored?.spec?.holderIdentity === this.#options.identity ? stored : undefined;
    return false;
  }

  async #read(call: CallOptions): Promise<Live<Lease> | undefined> {
    const { transport, namespace, name } = this.#options;
    try {
      return await get<Lease>(transport, leases, { namespace, name }, call);
    } catch (failure) {
      if (isStatus(failure, 404)) return undefined;
      throw failure;
    }
  }

  #mayTake(stored: Live<Lease>): boolean {
    const { holderIdentity, leaseDurationSeconds } = stored.spec ?? {};
    if (!holderIdentity || holderIdentity === this.#options.identity) return true;
    const record = `${stored.metadata.uid}/${stored.metadata.resourceVersion}`;
    if (record !== this.#observed.record) {
      this.#observed = { record, since: performance.now() };
      this.#options.log?.(`the lease is held by ${holderIdentity}`);
    }
    const duration = leaseDurationSeconds ?? this.#options.durationSeconds;
    return performance.now() - this.#observed.since > duration * 1000;
  }

  #claim(stored: Live<Lease> | undefined): Lease {
    const { namespace, name, identity, durationSeconds } = this.#options;
    const mine = stored?.spec?.holderIdentity === identity;
    const now = microTime(new Date());
    return {
      ...stored,
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...stored?.metadata, name, namespace },
      spec: {
        ...stored?.spec,
        holderIdentity: identity,
        leaseDurationSeconds: durationSeconds,
        acquireTime: mine ? stored?.spec?.acquireTime : now,
        renewTime: now,
        leaseTransitions: stored === undefined ? 0 : (stored.spec?.leaseTransitions ?? 0) + (mine ? 0 : 1),
      },
    };
  }

  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    const now = microTime(new Date());
    const spec = {
      ...held.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
    };
    const { transport, fieldManager } = this.#options;
    await replace<Lease>(transport, leases, { ...held, spec }, { fieldManager, timeoutMilliseconds: 3_000 })
      .catch((failure) => this.#options.log?.("releasing the lease failed; it expires by itself", failure));
  }

  #jittered(): number {
    return this.#options.retrySeconds * 1000 * (1 + 0.2 * Math.random());
  }
}

/** The text form of Kubernetes' MicroTime: exactly six digits of a second. */
function microTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}
