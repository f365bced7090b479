/**
 * Carries out a plan: finalizer, sticky references, edits, children, removals, status, in that order, so that a
 * crash between any two writes is repaired by the next pass (core.md "Rules that close the traps").
 */

import { equalJson } from "../../kube/json/equal.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { Clock } from "../core/clock.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import type { Outcome, Outcomes, Plan } from "../core/plan.ts";
import { holdGeneration, startsWaiting } from "../status/status_changes.ts";
import { type Assessment, assessStatus, statusToTell, type StatusWrite } from "./assess.ts";
import { ChildWriter } from "./child_writer.ts";
import { guarded, PlanThrew } from "./guarded_plan.ts";
import type { ApplierHooks, Subject } from "./subject.ts";
import { isStale } from "./write_errors.ts";
import type { WriteGate, Writer } from "./writer.ts";

/** The manager of status and finalizer writes: that of AIM Engine, whose fields we take over (conventions §7.3). */
const statusManager = "manager";

/** `again`: run the key once more now. `later`: after a backoff. `done`: nothing is owed. */
export type Result = "done" | "again" | "later";

/** So many children of one object are sent at once: a model source may make thousands, and others send too. */
const sentAtOnce = 4;

export class Applier {
  readonly #children: ChildWriter;

  constructor(
    private readonly cache: ClusterCache,
    private readonly writer: Writer,
    private readonly gate: WriteGate,
    private readonly clock: Clock,
    private readonly hooks: ApplierHooks,
    random: () => number = Math.random,
  ) {
    this.#children = new ChildWriter(cache, writer, gate, clock, hooks, random);
  }

  /** How many slots are reserved for children that are being created. */
  get reserved(): number {
    return this.#children.reserved;
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
      const write = assessStatus(stored, wanted, subject.applyState, this.clock, true);
      if (
        typeof write !== "number" && !await this.#writeStatus(subject, stored, plan, write, outcomes, true)
      ) {
        return "later";
      }
    }
    // What follows changes, creates or deletes: not on a view that has changed since.
    for (const edit of assessment.edits) {
      if (subject.outdated) return "again";
      outcomes.set(edit.ref, await this.#children.edit(subject, edit));
    }
    if (subject.outdated) return "again";
    const sendings = assessment.sendings.values();
    await Promise.all(Array.from({ length: sentAtOnce }, async () => {
      // All take from the same iterator.
      for (const sending of sendings) {
        outcomes.set(sending.child.ref, await this.#children.send(subject, object, sending));
        // Thousands take long: an edit of what they follow from, or its end, counts from the next one on.
        if (this.#isSuperseded(subject, object)) break;
      }
    }));
    if (!sendings.next().done) return "again";
    for (const removal of assessment.removals) {
      if (subject.outdated) return "again";
      outcomes.set(removal.ref, await this.#children.remove(subject, object, removal));
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
    // Written although the view has changed since, or with something owed: the status is of the state before.
    const wanted = owed || subject.outdated
      ? holdGeneration(statusOf(stored), plan.status(outcomes))
      : statusToTell(stored, plan, outcomes)!;
    const write = assessStatus(stored, wanted, subject.applyState, this.clock);
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

  /** Whether the object of the pass has been edited or deleted since; its status, and children that come, are no edit. */
  #isSuperseded(subject: Subject, { metadata: before }: Live<KubeObject>): boolean {
    const after = this.#stored(subject)?.metadata;
    return after?.uid !== before.uid || after.generation !== before.generation ||
      after.deletionTimestamp !== before.deletionTimestamp ||
      !equalJson(after.annotations, before.annotations);
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
    subject.applyState.statusWaiting = undefined;
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

  async #ownWriteFailed(subject: Subject, error: unknown): Promise<Result> {
    const { kind, namespace, name } = subject;
    if (isStale(error)) {
      this.hooks.statusWritten(subject, "conflict");
      if (!this.gate.mayWrite()) return "later";
      const stored = this.#stored(subject);
      try {
        const learnt = await this.#children.reread(subject, { kind, namespace, name }, stored?.metadata.uid);
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

function statusOf(object: Live<KubeObject>): Record<string, unknown> | undefined {
  return (object as { status?: Record<string, unknown> }).status;
}

function isOwed({ result }: Outcome): boolean {
  return result === "rejected" || result === "waiting";
}

/** By RBAC, or by an admission policy. */
function isForbidden(outcome: Outcome): boolean {
  return outcome.result === "rejected" && outcome.reason === "Forbidden";
}
