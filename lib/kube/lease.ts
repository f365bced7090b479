/** Leader election by a Lease, in the format and by the rules of client-go. */
import { ConfigurationError } from "./access/access.ts";
import { delay } from "./backoff.ts";
import { ApiError, isStatus } from "./errors.ts";
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
  /** Between renewals, and between tries to renew. Default 2 s. */
  readonly retrySeconds?: number;
  /** Between looks at a lease that another holds. Default 1 s: one that is given back finds its next holder soon. */
  readonly lookSeconds?: number;
  /** Told of failed tries and of who holds the lease. */
  readonly log?: (message: string, error?: unknown) => void;
  readonly clocks?: Clocks;
}

/** Two clocks of one machine, in milliseconds. */
export interface Clocks {
  /** Never jumps; stands still while the machine is suspended. */
  monotonic(): number;
  /** Goes on while the machine is suspended; may be set. */
  wall(): number;
}

const machineClocks: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() };

/** Reason of a signal by which the lease is neither renewed nor given back any more. */
export const keepLease: unique symbol = Symbol("keep the lease");

/** How long giving back the lease may take; if it fails, the lease expires by itself. */
export const releaseMilliseconds = 2_000;

/** How long the API server may refuse the lease before that counts, in milliseconds: rights may be about to be installed. */
export const refusalMilliseconds = 15_000;

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
 * before the renewal was sent, by the clock that says more has passed: the monotonic one stands still while the
 * machine is suspended, and the other may be set. So nobody else can be leader while it is positive. A clock that is
 * set forward makes it 0 until the next renewal, and costs nothing else. A renewal without an answer may have landed;
 * the next one then meets our own newer lease, and renews that at once. Requests that were sent before a loss may
 * still land after it.
 */
export class LeaderElection {
  readonly #options: Required<Omit<LeaderElectionOptions, "log">> & Pick<LeaderElectionOptions, "log">;
  /** When the last successful renewal was begun. */
  #renewedAt = { monotonic: -Infinity, wall: -Infinity };
  #lease: Live<Lease> | undefined;
  /** A write that may have landed: its answer has not come. */
  #unanswered:
    | { readonly begun: { monotonic: number; wall: number }; readonly renewTime: string }
    | undefined;
  /** What the last try failed by; the same is told once. */
  #trouble: Error | undefined;
  /** The record of another holder, and how long it counts unless it changes. */
  #observed = { holder: "", record: "", until: -Infinity };

  constructor(options: LeaderElectionOptions) {
    this.#options = {
      durationSeconds: 15,
      renewDeadlineSeconds: 10,
      retrySeconds: 2,
      lookSeconds: 1,
      clocks: machineClocks,
      ...options,
    };
  }

  get isLeader(): boolean {
    return this.#lease !== undefined;
  }

  /** Milliseconds for which this process is certain to be the only leader; 0 if it is none. */
  remaining(): number {
    if (this.#lease === undefined) return 0;
    const { monotonic, wall } = this.#now();
    const passed = Math.max(monotonic - this.#renewedAt.monotonic, wall - this.#renewedAt.wall);
    return Math.max(0, this.#options.durationSeconds * 1000 - passed);
  }

  #now(): { monotonic: number; wall: number } {
    const { clocks } = this.#options;
    return { monotonic: clocks.monotonic(), wall: clocks.wall() };
  }

  /**
   * Resolves once this process is leader. Rejects by `signal`, and once the API server has refused it for
   * {@link refusalMilliseconds}: a right that is missing does not come by itself.
   */
  async acquire(signal: AbortSignal): Promise<void> {
    let refusedSince: number | undefined;
    while (!await this.#try(signal)) {
      refusedSince = isStatus(this.#trouble, 403) ? refusedSince ?? this.#now().monotonic : undefined;
      if (refusedSince !== undefined && this.#now().monotonic - refusedSince > refusalMilliseconds) {
        const { namespace, name } = this.#options;
        throw new ConfigurationError(
          `may not hold the lease ${namespace}/${name}: ${this.#trouble!.message}`,
        );
      }
      await delay(this.#untilNextLook(), signal);
    }
  }

  /**
   * Renews until the lease is lost (not renewed in time, taken, or deleted: then anybody may have made a new
   * one), then resolves with `"lost"`; the process must stop writing and exit.
   * When `signal` is aborted the lease is released for the next one and the result is `"released"`; a renewal under way
   * is called off. Aborted with {@link keepLease} it is left to expire.
   */
  async hold(signal: AbortSignal): Promise<"lost" | "released"> {
    const renewDeadline = this.#options.renewDeadlineSeconds * 1000;
    while (!signal.aborted) {
      await delay(this.#options.retrySeconds * 1000, signal).catch(() => {}); // the loop looks at the signal
      if (signal.aborted) break;
      const left = this.#renewedAt.monotonic + renewDeadline - this.#now().monotonic;
      if (left <= 0 || !await this.#renew(signal, left) && this.#lease === undefined) {
        this.#lease = undefined;
        return "lost";
      }
    }
    if (signal.reason === keepLease) this.#lease = undefined;
    else await this.#release();
    return "released";
  }

  /** One try to renew. Where the signal calls it off, it may have landed; {@link #release} finds that out. */
  async #renew(signal: AbortSignal, longest: number): Promise<boolean> {
    return await this.#try(signal, longest).catch(() => true);
  }

  /** One try to get or renew the lease, no longer than `longest`. Throws only the signal's reason. */
  async #try(signal: AbortSignal, longest = this.#options.renewDeadlineSeconds * 1000): Promise<boolean> {
    const until = this.#now().monotonic + longest;
    const each = this.#patience(longest);
    const call = () => ({
      signal,
      timeoutMilliseconds: Math.max(1, Math.min(until - this.#now().monotonic, each)),
    });
    const write = async (looked: boolean) =>
      (looked || await this.#isStillOurs(call())) && await this.#write(call);
    try {
      const held = await write(this.#unanswered === undefined).catch((failure) => {
        if (!isStatus(failure, 409) && !isStatus(failure, 404)) throw failure;
        // Somebody wrote it, perhaps we, without having heard of it.
        return write(false);
      });
      this.#trouble = undefined;
      return held;
    } catch (failure) {
      signal.throwIfAborted();
      const trouble = failure as Error;
      if (trouble.message !== this.#trouble?.message) {
        this.#options.log?.("renewing the lease failed", trouble);
      }
      this.#trouble = trouble;
      return false;
    }
  }

  /** How long one request may hang, in milliseconds: another try must fit behind it. */
  #patience(left: number): number {
    const { retrySeconds, renewDeadlineSeconds } = this.#options;
    const reserve = 2_000 * retrySeconds;
    return left > reserve ? Math.min(left - reserve, renewDeadlineSeconds * 500) : left;
  }

  /** Returns false if another one has the lease. Throws what its requests throw. */
  async #write(call: () => CallOptions): Promise<boolean> {
    const stored = this.#lease ?? await this.#read(call());
    if (stored !== undefined && !this.#mayTake(stored)) return false;
    const { transport, fieldManager } = this.#options;
    const begun = this.#now();
    const wanted = this.#claim(stored);
    this.#unanswered = { begun, renewTime: wanted.spec!.renewTime! };
    try {
      this.#lease = stored === undefined
        ? await create<Lease>(transport, leases, wanted, { fieldManager, ...call() })
        : await replace<Lease>(transport, leases, wanted, { fieldManager, ...call() });
    } catch (failure) {
      if (failure instanceof ApiError && failure.status < 500) this.#unanswered = undefined;
      throw failure;
    }
    this.#renewedAt = begun;
    this.#unanswered = undefined;
    return true;
  }

  /** Reads whose the lease is that was held: ours, in a version that we may not have heard of, or lost. */
  async #isStillOurs(call: CallOptions): Promise<boolean> {
    const stored = await this.#read(call);
    const mine = stored?.spec?.holderIdentity === this.#options.identity;
    if (mine && stored.spec?.renewTime === this.#unanswered?.renewTime) {
      this.#renewedAt = this.#unanswered!.begun;
    }
    this.#unanswered = undefined;
    if (this.#lease !== undefined) this.#lease = mine ? stored : undefined;
    return mine;
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
    const now = this.#now().monotonic;
    if (record !== this.#observed.record) {
      const duration = leaseDurationSeconds ?? this.#options.durationSeconds;
      if (holderIdentity !== this.#observed.holder) {
        this.#options.log?.(`the lease is held by ${holderIdentity}`);
      }
      this.#observed = { holder: holderIdentity, record, until: now + duration * 1000 };
    }
    return now > this.#observed.until;
  }

  #claim(stored: Live<Lease> | undefined): Lease {
    const { namespace, name, identity, durationSeconds } = this.#options;
    const mine = stored?.spec?.holderIdentity === identity;
    const now = microTime(this.#now().wall);
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

  /** Takes no longer than {@link releaseMilliseconds}. */
  async #release(): Promise<void> {
    if (this.#unanswered !== undefined) {
      await this.#isStillOurs({ timeoutMilliseconds: releaseMilliseconds / 2 }).catch(() => {}); // tried all the same
    }
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease === undefined) return;
    const now = microTime(this.#now().wall);
    const spec = {
      ...lease.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
    };
    const { transport, fieldManager } = this.#options;
    await replace<Lease>(transport, leases, { ...lease, spec }, {
      fieldManager,
      timeoutMilliseconds: releaseMilliseconds / 2,
    })
      .catch((failure) => this.#options.log?.("releasing the lease failed; it expires by itself", failure));
  }

  /** Not later than the other's lease ends: its time is over then, whenever the last look was. */
  #untilNextLook(): number {
    const usual = this.#options.lookSeconds * 1000 * (1 + 0.2 * Math.random());
    const left = this.#observed.until - this.#now().monotonic;
    return left >= 0 ? Math.min(usual, left + 1) : usual;
  }
}

/** The text form of Kubernetes' MicroTime: exactly six digits of a second. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
