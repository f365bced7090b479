/**
 * Carries out a plan: finalizer, sticky references, edits, children, removals, status, in that order, so that a
 * crash between any two writes is repaired by the next pass (core.md "Rules that close the traps").
 */

import { retryAfter } from "../../kube/backoff.ts";
import { ApiError, NetworkError } from "../../kube/errors.ts";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { apiVersionOf, type KubeObject, type Live } from "../../kube/object.ts";
import { asNew } from "../../kube/write.ts";
import {
  type Assessment,
  assessStatus,
  firstDifference,
  type Sending,
  statusToTell,
  type StatusWrite,
} from "./assess.ts";
import { requeueAfter } from "./rate_limiter.ts";
import type { Clock } from "../core/clock.ts";
import type { Pass } from "../core/pass.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import { answeredDifferently, compare, contestedBy, optionsFor } from "./diff/compare.ts";
import { classifyRejection } from "../errors/classify.ts";
import type { KnownReason, Reason } from "../errors/reasons.ts";
import { foreign, isOurs, mayHide, takenBy } from "./hidden.ts";
import { type ApplyState, outcomeBy } from "./apply_state.ts";
import type { ChildRef, Edit, Note, Outcome, Outcomes, Plan, Removal } from "../core/plan.ts";
import { type Reservation, Reservations } from "./reservations.ts";
import { holdGeneration, startsWaiting } from "../status/status_changes.ts";
import type { WriteGate, Writer } from "./writer.ts";

/** The manager of status and finalizer writes: that of AIM Engine, whose fields we take over (conventions §7.3). */
const statusManager = "manager";

/** Three corrections of one field within this time are a contest; its child is left alone for `contestPause`. */
const contestWindow = 600_000;
const contestPause = 300_000;
const contestLimit = 3;

/** The key as the applier sees it. */
export interface Subject extends Pass {
  readonly kind: CachedKind<KubeObject>;
  readonly applyState: ApplyState;
  /** Set by the applier: the cache holds something of a child that the pass did not see. */
  learnt: boolean;
  /** Whether the view has changed since the pass: something it read has, or the applier has learnt something. */
  readonly outdated: boolean;
  /**
   * Hands the cache what was answered or read on behalf of the key. By what it puts the key learns; it is not woken as
   * by a change that comes from elsewhere, but for one of its own object.
   */
  learn<R>(put: () => R): R;
  /** Whether so much is going on that what may wait should. */
  readonly busy: boolean;
  /** What the key's own object will look like after the write in flight; that echo wakes nobody but others. */
  predicted: Live<KubeObject> | undefined;
}

/** `again`: run the key once more now. `later`: after a backoff. `done`: nothing is owed. */
export type Result = "done" | "again" | "later";

export interface ApplierHooks {
  note(pass: Pass, object: Live<KubeObject>, note: Note): void;
  /** @param kind of the child */
  applied(pass: Pass, kind: string, result: "created" | "applied" | "deleted" | "rejected" | "failed"): void;
  statusWritten(pass: Pass, result: "written" | "conflict" | "failed"): void;
  failed(pass: Pass, action: string, error: unknown): void;
}

export class Applier {
  readonly #reservations: Reservations;

  constructor(
    private readonly cache: ClusterCache,
    private readonly writer: Writer,
    private readonly gate: WriteGate,
    private readonly clock: Clock,
    private readonly hooks: ApplierHooks,
    private readonly random: () => number = Math.random,
  ) {
    this.#reservations = new Reservations(cache, clock);
  }

  /** How many children hold one of so many places while they are on their way. */
  get reserved(): number {
    return this.#reservations.size;
  }

  /**
   * Carries out what the assessment found missing. Throws only what the plan throws: a mistake of ours.
   * @param patient whether the status may be left to the next pass if a change has come in between.
   */
  async carryOut(
    subject: Subject,
    object: Live<KubeObject>,
    plan: Plan<object>,
    assessment: Assessment,
    patient: boolean,
  ): Promise<Result> {
    try {
      return await this.#steps(subject, object, guarded(plan), assessment, patient);
    } catch (error) {
      if (error instanceof PlanThrew) throw error.cause;
      return await this.#ownWriteFailed(subject, error);
    }
  }

  async #steps(
    subject: Subject,
    object: Live<KubeObject>,
    plan: Plan<object>,
    assessment: Assessment,
    patient: boolean,
  ): Promise<Result> {
    const { outcomes } = assessment;
    if (assessment.finalizer === "ensure") {
      const names = [...object.metadata.finalizers ?? [], plan.finalizer!.name];
      if (!await this.#writeFinalizers(subject, object, names)) return "later";
      // A choice is stored only over what it was made on: its write names the version stored now.
      if (subject.outdated) return "again";
    }
    if (assessment.sticky) {
      const stored = this.#stored(subject) ?? object;
      const whole = plan.status?.(outcomes) ?? { ...statusOf(stored), ...plan.sticky };
      // What an edit asks for is still to be sent: that it has been seen is said after that, or a crash in
      // between would leave it unsaid that something is owed.
      const wanted = holdGeneration(statusOf(stored), whole);
      const write = assessStatus(stored, wanted, subject.applyState, this.clock, "none");
      if (
        typeof write !== "number" && !await this.#writeStatus(subject, stored, plan, write, outcomes, true)
      ) {
        return "later";
      }
    }
    // What follows changes, creates or deletes: not on a view that has changed since.
    for (const edit of assessment.edits) {
      if (subject.outdated) return "again";
      outcomes.set(edit.ref, await this.#edit(subject, edit));
    }
    if (subject.outdated) return "again";
    await Promise.all(assessment.sendings.map(async (sending) => {
      outcomes.set(sending.child.ref, await this.#send(subject, object, sending));
    }));
    for (const removal of assessment.removals) {
      if (subject.outdated) return "again";
      outcomes.set(removal.ref, await this.#remove(subject, object, removal));
    }
    if (subject.outdated && patient) return "again";
    // What could not be removed, or was not sent since we may not write now or there is no free slot, is owed. What was
    // refused in this pass has its own next try.
    const now = this.clock.monotonic();
    const owed = [...assessment.edits, ...assessment.removals].some(({ ref }) => isOwed(outcomes.of(ref))) ||
      assessment.sendings.some(({ child, record }) =>
        outcomes.of(child.ref).result === "waiting" && !((record.rejection?.retryAt ?? now) > now)
      );
    if (assessment.finalizer === "release") {
      if (subject.outdated) return "again";
      // What we may not delete stays, and keeps nobody from going (services.md §2.4, caching §4.5).
      const guarded = assessment.removals.some(({ ref }) =>
        isOwed(outcomes.of(ref)) && !isForbidden(outcomes.of(ref))
      );
      return guarded ? "later" : await this.#release(subject, object, plan);
    }
    const stored = this.#stored(subject);
    if (stored === undefined || plan.status === undefined) return owed ? "later" : "done";
    const hold = subject.busy ? "busy" : "usual";
    // Written although the view has changed since, or with something owed: the status is of the state before.
    const wanted = owed || subject.outdated
      ? holdGeneration(statusOf(stored), plan.status(outcomes))
      : statusToTell(stored, plan, outcomes)!;
    const write = assessStatus(stored, wanted, subject.applyState, this.clock, hold);
    if (
      typeof write !== "number" && !await this.#writeStatus(subject, stored, plan, write, outcomes, false)
    ) {
      return "later";
    }
    return owed ? "later" : "done";
  }

  async #release(subject: Subject, object: Live<KubeObject>, plan: Plan<object>): Promise<Result> {
    const stored = this.#stored(subject) ?? object;
    const names = (stored.metadata.finalizers ?? []).filter((name) => name !== plan.finalizer!.name);
    return await this.#writeFinalizers(subject, stored, names) ? "done" : "later";
  }

  #stored(subject: Subject): Live<KubeObject> | undefined {
    return this.cache.store(subject.kind).get(subject.namespace, subject.name);
  }

  /** Returns false if this process may not write now. */
  async #writeFinalizers(subject: Subject, object: Live<KubeObject>, names: string[]): Promise<boolean> {
    if (!this.gate.mayWrite()) return false;
    const { uid, resourceVersion } = object.metadata;
    const { finalizers: _, ...metadata } = object.metadata;
    subject.predicted = {
      ...object,
      metadata: names.length === 0 ? metadata : { ...metadata, finalizers: names },
    } as Live<KubeObject>;
    const patch = { metadata: { uid, resourceVersion, finalizers: names.length === 0 ? null : names } };
    await this.#patchOwn(subject, patch, undefined);
    return true;
  }

  /**
   * Writes the changed fields of the status. With a sticky reference the stored version is a precondition,
   * so that of two passes only one chooses; else only the UID is, since others write their own fields beside
   * ours. Returns false if this process may not write now.
   */
  async #writeStatus(
    subject: Subject,
    stored: Live<KubeObject>,
    plan: Plan<object>,
    { patch, status }: StatusWrite,
    outcomes: Outcomes,
    exclusive: boolean,
  ): Promise<boolean> {
    if (!this.gate.mayWrite()) return false;
    const { uid, resourceVersion } = stored.metadata;
    const before = statusOf(stored);
    // After a choice the key reads what was chosen, no longer what there was to choose from: it runs again.
    const spared = !exclusive && !startsWaiting(before, status);
    if (spared) subject.predicted = { ...stored, status } as Live<KubeObject>;
    const metadata = exclusive ? { uid, resourceVersion } : { uid };
    await this.#patchOwn(subject, { metadata, status: patch }, "status");
    subject.applyState.statusDueAt = undefined;
    subject.applyState.statusWrittenAt = this.clock.monotonic();
    this.hooks.statusWritten(subject, "written");
    for (const note of plan.events?.(before, status, outcomes) ?? []) {
      this.hooks.note(subject, stored, note);
    }
    return true;
  }

  async #patchOwn(subject: Subject, patch: unknown, subresource: "status" | undefined): Promise<void> {
    const { kind, namespace, name } = subject;
    try {
      const options = { manager: statusManager, subresource };
      const response = await this.writer.patch(kind.resource, namespace, name, patch, options);
      subject.learn(() => this.cache.store(kind).put(response));
    } finally {
      subject.predicted = undefined;
    }
  }

  async #send(subject: Subject, object: Live<KubeObject>, sending: Sending): Promise<Outcome> {
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
    if (this.#isToBeRead(error) && await this.#reread(subject, ref, live?.metadata.uid).catch(() => false)) {
      // The cache lagged; the object is in it now, and the key runs again on it.
      subject.learnt = true;
      return { result: "waiting" };
    }
    const { category, reason, message } = classifyRejection(error);
    const before = record.rejection?.hash === hash ? record.rejection : undefined;
    const attempts = (before?.attempts ?? 0) + 1;
    const now = this.clock.monotonic();
    const isBrief = passesSoon.has(reason);
    const outcome = {
      result: "rejected" as const,
      category,
      reason,
      message: explain(ref, desired, error, message),
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

  /** Whether an error says that the cache may be behind, and there is still a use in reading what is so. */
  #isToBeRead(error: unknown): boolean {
    return isStale(error) && this.gate.mayWrite();
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

  async #edit(subject: Subject, edit: Edit): Promise<Outcome> {
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

  async #remove(subject: Subject, object: Live<KubeObject>, removal: Removal): Promise<Outcome> {
    const { ref, uid } = removal;
    const { resource } = ref.kind;
    return await this.#act(subject, removal, "delete", async (preconditions) => {
      await this.writer.delete(resource, ref.namespace, ref.name, preconditions);
      subject.applyState.child(ref).deleting = uid;
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
      if (this.#isToBeRead(error) && await this.#reread(subject, ref, uid).catch(() => false)) {
        subject.learnt = true;
        return { result: "waiting" };
      }
      const { category, reason, message } = classifyRejection(error);
      const now = this.clock.monotonic();
      record.failingSince = passesSoon.has(reason) ? record.failingSince ?? now : undefined;
      return now - (record.failingSince ?? -Infinity) < patience
        ? { result: "waiting" }
        : { result: "rejected", category, reason, message };
    }
  }

  /**
   * Reads one object past the cache and puts what it finds there. Returns whether the cache has learnt
   * something by it; false where our stores do not hold such an object (another owner's, by its labels).
   */
  async #reread(subject: Subject, ref: ChildRef, uid: string | undefined): Promise<boolean> {
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

  async #ownWriteFailed(subject: Subject, error: unknown): Promise<Result> {
    const { kind, namespace, name } = subject;
    if (isStale(error)) {
      this.hooks.statusWritten(subject, "conflict");
      if (!this.gate.mayWrite()) return "later";
      const stored = this.#stored(subject);
      try {
        const learnt = await this.#reread(subject, { kind, namespace, name }, stored?.metadata.uid);
        return learnt || subject.outdated ? "again" : "later";
      } catch (failure) {
        this.hooks.failed(subject, "read", failure);
        return "later";
      }
    }
    this.hooks.statusWritten(subject, "failed");
    this.hooks.failed(subject, "write status", error);
    return "later";
  }
}

/** What a plan's own functions threw. */
class PlanThrew extends Error {}

/** The plan, with what its functions throw told apart from what requests throw. */
function guarded(plan: Plan<object>): Plan<object> {
  const { status, events } = plan;
  return { ...plan, ...(status && { status: guard(status) }), ...(events && { events: guard(events) }) };
}

function guard<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return call(...args);
    } catch (cause) {
      throw new PlanThrew("the plan threw", { cause });
    }
  };
}

function statusOf(object: Live<KubeObject>): Record<string, unknown> | undefined {
  return (object as { status?: Record<string, unknown> }).status;
}

/** Refusals that an API server takes back by itself: it is busy, starting, or cannot be reached for a moment. */
const passesSoon: ReadonlySet<Reason> = new Set<KnownReason>([
  "RateLimited",
  "Timeout",
  "ServiceUnavailable",
  "ServerError",
  "ConnectionRefused",
  "ConnectionReset",
  "NetworkTimeout",
  "NetworkError",
  "DNSFailure",
]);

/** So long such a refusal may last before a status tells of it (spec/README); milliseconds. */
const patience = 120_000;

function isOwed({ result }: Outcome): boolean {
  return result === "rejected" || result === "waiting";
}

/** By RBAC, or by an admission policy. */
function isForbidden(outcome: Outcome): boolean {
  return outcome.result === "rejected" && outcome.reason === "Forbidden";
}

/** Whether a write that failed may have been carried out all the same. */
function mayHaveHappened(error: unknown): boolean {
  return (error instanceof NetworkError && error.sent) || (error instanceof ApiError && error.status >= 500);
}

/** Errors after which the cache may be behind: what we wrote about is gone, changed, or perhaps written. */
function isStale(error: unknown): boolean {
  if (error instanceof NetworkError) return error.sent;
  return error instanceof ApiError && (error.status === 409 || error.status === 404);
}

/** The body of an apply to that very object, or to none: what came in between is neither changed nor made anew. */
function onlyOver(live: Live<KubeObject> | undefined, desired: KubeObject): KubeObject {
  if (live === undefined) return asNew(desired);
  return { ...desired, metadata: { ...desired.metadata, uid: live.metadata.uid } };
}

function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

function explain(ref: ChildRef, desired: KubeObject, error: unknown, message: string): string {
  if (error instanceof ApiError && error.reason === "AlreadyExists") {
    return takenBy(ref, desired.apiVersion ?? apiVersionOf(ref.kind.resource));
  }
  return message;
}
