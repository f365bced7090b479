/** Creates, applies, edits and deletes what a plan names besides its own object. */

import { retryAfter } from "../../kube/backoff.ts";
import { ApiError } from "../../kube/errors.ts";
import { apiVersionOf, type KubeObject, type Live } from "../../kube/object.ts";
import { asNew } from "../../kube/write.ts";
import type { Clock } from "../core/clock.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import type { ChildRef, Edit, Outcome, Removal } from "../core/plan.ts";
import { classifyRejection } from "../errors/classify.ts";
import { outcomeBy } from "./apply_state.ts";
import { firstDifference, type Sending } from "./assess.ts";
import { answeredDifferently, compare, contestedBy, optionsFor } from "./diff/compare.ts";
import { foreign, isOurs, mayHide, takenBy } from "./hidden.ts";
import { requeueAfter } from "./rate_limiter.ts";
import { type Reservation, Reservations } from "./reservations.ts";
import type { ApplierHooks, Subject } from "./subject.ts";
import { isStale, isTaken, mayHaveHappened, passesSoon, patience } from "./write_errors.ts";
import type { WriteGate, Writer } from "./writer.ts";

/** Three corrections of one field within this time are a contest; its child is left alone for `contestPause`. */
const contestWindow = 600_000;
const contestPause = 300_000;
const contestLimit = 3;

export class ChildWriter {
  readonly #reservations: Reservations;

  constructor(
    private readonly cache: ClusterCache,
    private readonly writer: Writer,
    private readonly gate: WriteGate,
    private readonly clock: Clock,
    private readonly hooks: ApplierHooks,
    private readonly random: () => number,
  ) {
    this.#reservations = new Reservations(cache, clock);
  }

  /** How many slots are reserved for children that are being created. */
  get reserved(): number {
    return this.#reservations.size;
  }

  /** Creates or applies a child, once there is a slot for it. */
  async send(subject: Subject, object: Live<KubeObject>, sending: Sending): Promise<Outcome> {
    const { slot, ref } = sending.child;
    if (slot === undefined || sending.live !== undefined) {
      return await this.#sendNow(subject, object, sending);
    }
    const reservation = this.#reservations.take(slot, ref, sending.child.desired);
    if (reservation === undefined) return { result: "waiting" };
    return await this.#sendNow(subject, object, sending, reservation);
  }

  async #sendNow(
    subject: Subject,
    object: Live<KubeObject>,
    sending: Sending,
    reservation?: Reservation,
  ): Promise<Outcome> {
    let lost = false;
    try {
      if (!this.gate.mayWrite()) return { result: "waiting" };
      return await this.#sendOver(subject, object, sending);
    } catch (error) {
      lost = mayHaveHappened(error);
      return await this.#sendFailed(subject, sending, error);
    } finally {
      if (lost) reservation?.unknown();
      else reservation?.settled();
    }
  }

  /** Sends what is wanted; where an object has the name that the cache does not see, over that, if it is ours. */
  async #sendOver(subject: Subject, object: Live<KubeObject>, sending: Sending): Promise<Outcome> {
    const { child: { ref, how }, record, live } = sending;
    if (how !== "apply" || live !== undefined || !mayHide(ref)) {
      return await this.#sendWanted(subject, object, sending);
    }
    // What we have made before, and see no more, may have lost its label only.
    if (!record.taken && record.agreed === undefined) {
      try {
        return await this.#sendWanted(subject, object, sending);
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
    }
    const found = await this.#lookup(subject, object, sending);
    return "result" in found ? found : await this.#sendWanted(subject, object, found);
  }

  /** The sending, over what the server holds under the child's name. Throws if that is not ours. */
  async #lookup(subject: Subject, object: Live<KubeObject>, sending: Sending): Promise<Sending | Outcome> {
    const { child: { ref, desired }, record } = sending;
    if (subject.outdated || !this.gate.mayWrite()) return { result: "waiting" };
    const found = await this.writer.get(ref.kind.resource, ref.namespace, ref.name);
    record.taken = false;
    if (subject.outdated || !this.gate.mayWrite()) return { result: "waiting" };
    if (found === undefined) return sending;
    if (subject.learn(() => this.cache.store(ref.kind).put(found)) !== undefined) {
      // The cache lagged; the object is in it now, and the key runs again on it.
      subject.learnt = true;
      return { result: "waiting" };
    }
    record.taken = !isOurs(found, object, subject.manager);
    if (record.taken) throw foreign(ref, found);
    if (found.metadata.deletionTimestamp !== undefined) return { result: "waiting" };
    if (record.contest !== undefined) return record.contest.outcome;
    const verdict = compare(desired, found, optionsFor(ref.kind, subject.manager));
    return { ...sending, live: found, drift: firstDifference(verdict) };
  }

  async #sendWanted(subject: Subject, object: Live<KubeObject>, sending: Sending): Promise<Outcome> {
    const { child: { ref, how, desired }, record, hash, live, drift } = sending;
    const { resource } = ref.kind;
    const changedBy = drift && await this.#whoChanged(subject, sending, drift);
    // Finding out took a request: the view may have changed since, and the lease may have run down.
    if (drift !== undefined && (subject.outdated || !this.gate.mayWrite())) return { result: "waiting" };
    // Counted once it is sent: one edit that is looked at twice is one.
    if (drift !== undefined && changedBy !== undefined) {
      const contest = this.#noteCorrection(sending, drift, changedBy);
      if (contest !== undefined) return contest;
    }
    const response = how === "create"
      ? await this.writer.create(resource, desired, subject.manager)
      : await this.writer.apply(resource, onlyOver(live, desired), subject.manager);
    record.rejection = undefined;
    if (live === undefined) {
      record.made = { times: (record.made?.times ?? 0) + 1, at: this.clock.monotonic() };
    }
    if (how === "apply") {
      record.answer = answeredDifferently(desired, response, optionsFor(ref.kind, subject.manager));
      record.agreed = hash;
      // The answer may carry the version that was compared before, and is now to be compared anew.
      record.verdict = undefined;
    }
    const after = subject.learn(() => this.cache.store(ref.kind).put(response));
    this.hooks.applied(subject, resource.kind, live === undefined ? "created" : "applied");
    if (live === undefined) {
      this.hooks.note(subject, object, {
        type: "Normal",
        reason: "Created",
        message: `Created ${resource.kind} ${ref.name}`,
      });
    } else if (drift !== undefined) {
      this.hooks.note(subject, object, {
        type: "Normal",
        reason: "Restored",
        message: `Set ${
          drift || "its fields"
        } of ${resource.kind} ${ref.name} back, which ${changedBy} had changed`,
      });
    }
    // What changes nothing wakes nobody: it must not be told as something that a later pass would not say.
    const same = live !== undefined && after !== undefined && ref.kind.sameProjection(live, after);
    return { result: same ? "unchanged" : "sent" };
  }

  async #sendFailed(subject: Subject, sending: Sending, error: unknown): Promise<Outcome> {
    const { child: { ref, how, desired }, record, hash, live } = sending;
    this.hooks.failed(subject, `${how} ${ref.kind.resource.kind} ${ref.name}`, error);
    // If it cannot be read either, others' sends go on: what became of this one is found out at its next try.
    if (this.#isToBeRead(error) && await this.reread(subject, ref, live?.metadata.uid).catch(() => false)) {
      // The cache lagged; the object is in it now, and the key runs again on it.
      subject.learnt = true;
      return { result: "waiting" };
    }
    const { category, reason, message, code } = classifyRejection(error);
    const before = record.rejection?.hash === hash ? record.rejection : undefined;
    const attempts = (before?.attempts ?? 0) + 1;
    const now = this.clock.monotonic();
    const isBrief = passesSoon.has(reason);
    const outcome = {
      result: "rejected" as const,
      category,
      reason,
      message: explain(ref, desired, error, message),
      ...(code && { code }),
    };
    record.rejection = {
      hash,
      version: live?.metadata.resourceVersion,
      outcome,
      retryAt: now + Math.max(requeueAfter(attempts, this.random()), retryAfter(error, this.random) ?? 0),
      attempts,
      toldAt: isBrief ? before?.toldAt ?? now + patience : now,
    };
    const transient = category === "Infrastructure" || category === "Unknown";
    this.hooks.applied(subject, ref.kind.resource.kind, transient ? "failed" : "rejected");
    return outcomeBy(now, record.rejection);
  }

  /**
   * Who changed a field of ours; asked of the server, since the cache keeps no manager but our own. Of one version of
   * the child it is asked once.
   */
  async #whoChanged({ manager }: Subject, { child: { ref }, record, live }: Sending, path: string) {
    const version = live!.metadata.resourceVersion;
    if (record.changed?.version !== version || record.changed.path !== path) {
      const full = await this.writer.get(ref.kind.resource, ref.namespace, ref.name).catch(() => undefined);
      const by = contestedBy(full?.metadata.managedFields, path, { manager }) ?? "another manager";
      if (full === undefined) return by;
      record.changed = { version, path, by };
    }
    return record.changed.by;
  }

  /**
   * Counts a correction; the third within ten minutes starts a pause and names who insists. A correction that has to be
   * sent again, since the server refused it, is one.
   */
  #noteCorrection({ record, live }: Sending, path: string, by: string): Outcome | undefined {
    const now = this.clock.monotonic();
    const version = live!.metadata.resourceVersion;
    record.corrections = record.corrections.filter(({ at }) => now - at < contestWindow);
    if (record.corrections.some((each) => each.path === path && each.version === version)) return undefined;
    record.corrections.push({ path, version, at: now });
    // Several edits of several fields are nobody's insisting.
    if (record.corrections.filter((each) => each.path === path).length < contestLimit) return undefined;
    record.corrections = [];
    const outcome = { result: "contested" as const, path, by };
    record.contest = { outcome, until: now + contestPause };
    return outcome;
  }

  /** Changes fields of an object that is there. */
  async edit(subject: Subject, edit: Edit): Promise<Outcome> {
    const { ref, patch } = edit;
    const { resource } = ref.kind;
    return await this.#act(subject, edit, "edit", async (preconditions) => {
      const metadata = { ...patch.metadata as object, ...preconditions };
      const options = { manager: subject.manager };
      const response = await this.writer.patch(
        resource,
        ref.namespace,
        ref.name,
        { ...patch, metadata },
        options,
      );
      subject.learn(() => this.cache.store(ref.kind).put(response));
      this.hooks.applied(subject, resource.kind, "applied");
    });
  }

  /** Deletes the object that was looked at. */
  async remove(subject: Subject, object: Live<KubeObject>, removal: Removal): Promise<Outcome> {
    const { ref, uid } = removal;
    const { resource } = ref.kind;
    return await this.#act(subject, removal, "delete", async (preconditions) => {
      await this.writer.delete(resource, ref.namespace, ref.name, preconditions);
      const record = subject.applyState.child(ref);
      record.deleting = uid;
      record.made = undefined; // it lasted as long as it was wanted
      this.hooks.applied(subject, resource.kind, "deleted");
      this.hooks.note(subject, object, {
        type: "Normal",
        reason: "Deleted",
        message: `Deleted ${resource.kind} ${ref.name}`,
      });
    });
  }

  /** Edits or deletes the object that was looked at, unless its `unless` stops it. */
  async #act(
    subject: Subject,
    { ref, uid, unless, ...looked }: Removal,
    verb: "edit" | "delete",
    send: (preconditions: { uid: string; resourceVersion: string }) => Promise<void>,
  ): Promise<Outcome> {
    const { resource } = ref.kind;
    const record = subject.applyState.child(ref);
    try {
      if (!this.gate.mayWrite()) return { result: "waiting" };
      if (unless !== undefined) {
        const users = await this.writer.list(unless.kind.resource, unless.namespace);
        if (unless.inUse(users)) {
          // Known from now on, so that the end of the use will be noticed, however soon it comes.
          subject.learn(() => users.forEach((user) => this.cache.store(unless.kind).put(user)));
          return { result: "unchanged" };
        }
      }
      if (subject.outdated || !this.gate.mayWrite()) return { result: "waiting" };
      // A newer version that says the same (or the view would be outdated) is what the pass looked at, too.
      const stored = this.cache.store(ref.kind).get(ref.namespace, ref.name);
      const { resourceVersion } = stored?.metadata.uid === uid ? stored.metadata : looked;
      await send({ uid, resourceVersion });
      record.failingSince = undefined;
      return { result: "sent" };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        subject.learn(() => this.cache.store(ref.kind).forget(ref.namespace, ref.name, uid));
        return { result: "sent" };
      }
      this.hooks.failed(subject, `${verb} ${resource.kind} ${ref.name}`, error);
      if (this.#isToBeRead(error) && await this.reread(subject, ref, uid).catch(() => false)) {
        subject.learnt = true;
        return { result: "waiting" };
      }
      const { category, reason, message, code } = classifyRejection(error);
      const now = this.clock.monotonic();
      record.failingSince = passesSoon.has(reason) ? record.failingSince ?? now : undefined;
      return now - (record.failingSince ?? -Infinity) < patience
        ? { result: "waiting" }
        : { result: "rejected", category, reason, message, ...(code && { code }) };
    }
  }

  /**
   * Reads one object past the cache and puts what it finds there. Returns whether the cache has learnt
   * something by it; false where our stores do not hold such an object (another owner's, by its labels).
   */
  async reread(subject: Subject, ref: ChildRef, uid: string | undefined): Promise<boolean> {
    const store = this.cache.store(ref.kind);
    const before = store.get(ref.namespace, ref.name)?.metadata.resourceVersion;
    const now = await this.writer.get(ref.kind.resource, ref.namespace, ref.name);
    if (now === undefined) {
      if (uid === undefined) return false;
      subject.learn(() => store.forget(ref.namespace, ref.name, uid));
      return true;
    }
    return subject.learn(() => store.put(now))?.metadata.resourceVersion !== before;
  }

  /** Whether an error says that the cache may be behind, and there is still a use in reading what is so. */
  #isToBeRead(error: unknown): boolean {
    return isStale(error) && this.gate.mayWrite();
  }
}

/** The body of an apply to that very object, or to none: what came in between is neither changed nor made anew. */
function onlyOver(live: Live<KubeObject> | undefined, desired: KubeObject): KubeObject {
  if (live === undefined) return asNew(desired);
  return { ...desired, metadata: { ...desired.metadata, uid: live.metadata.uid } };
}

function explain(ref: ChildRef, desired: KubeObject, error: unknown, message: string): string {
  if (error instanceof ApiError && error.reason === "AlreadyExists") {
    return takenBy(ref, desired.apiVersion ?? apiVersionOf(ref.kind.resource));
  }
  return message;
}
