/**
 * The status engine: component healths in, conditions and overall status out (conventions.md §5 and §6,
 * services.md §11.2, §11.4, §11.5). Pure, without a clock; transition times are the runner's.
 */

import {
  type Condition,
  conditionOf,
  type ExtraCondition,
  messageText,
  type StoredCondition,
} from "./conditions.ts";
import { type ComponentError, isTransient, type Role } from "../errors/errors.ts";
import { decidingFault, type Fault, frameworkConditions, frameworkTypes } from "./framework_conditions.ts";
import { progressConditions, progressTypes } from "./progress_conditions.ts";
import { completed, type CompleteHealth, type ComponentHealth } from "./health.ts";
import { type Code, codeOf, withCause } from "../errors/codes.ts";
import type { Reason } from "../errors/reasons.ts";
import { isError, type StatusWord, worst } from "./status_words.ts";
import type { Instant } from "../core/view.ts";

/** A child that could not be brought to what is wanted, with the component that it stands for. */
export interface ApplyFailure {
  readonly component: string;
  readonly error: ComponentError;
}

export interface Evidence {
  /** In report order: conditions come in it, and of several that are equally bad the first speaks for all. */
  readonly components: readonly ComponentHealth[];
  /** Conditions of the kind itself; those whose type ends in `Ready` count, the others only inform. */
  readonly extra?: readonly ExtraCondition[];
  readonly applyFailures?: readonly ApplyFailure[];
  /** The stored status. */
  readonly previous?: { readonly status?: string; readonly conditions?: readonly StoredCondition[] };
  /** `metadata.generation` of the object as this pass read it. */
  readonly generation?: number;
  /** Whether `Ready` carries the code of its cause and what helps (`codes.ts`). */
  readonly coded?: boolean;
  /** Whether the object serves, whatever is wrong: then it has not failed as a whole, and is not `Stalled`. */
  readonly serving?: boolean;
  /** The view's clock. */
  readonly reached: (moment: Instant) => boolean;
}

export interface Summary {
  /** In the words of conventions.md §6.3; an AIMService shows `serviceStatus` of it. */
  readonly status: StatusWord;
  readonly conditions: readonly Condition[];
  /** Types of the conditions that report an error, for events and logs. */
  readonly failing: ReadonlySet<string>;
}

/** How long a component keeps its condition while something cannot be reached (§5.3). */
export const GRACE_SECONDS = 10;

/** Conditions and overall status that follow from what was found (conventions.md §6.2). */
export function summarize(evidence: Evidence): Summary {
  const components = withApplyFailures(evidence.components.map(completed), evidence.applyFailures ?? []);
  const faults = components.flatMap(faultsOf);
  const { dependencies, credentials } = frameworkConditions(faults, evidence.previous?.conditions);

  const inside = insideGrace(evidence, dependencies[0]);
  const counted = [
    ...components.map((component) => countedComponent(component, evidence, inside)),
    ...(evidence.extra ?? []).map(countedExtra),
  ];
  const { status, ...verdict } = overall(counted, faults);
  const ready = evidence.coded === true && verdict.code !== undefined
    ? { ...verdict.ready, message: withCause(verdict.ready.message, verdict.code) }
    : verdict.ready;

  const stamped = (condition: ExtraCondition): Condition => ({
    ...condition,
    message: messageText(condition.message),
    ...(evidence.generation !== undefined && { observedGeneration: evidence.generation }),
  });
  const made = [
    ...dependencies,
    ...counted.slice(0, components.length).map((each) => each.condition),
    ...credentials,
    ...(evidence.extra ?? []),
  ].map(stamped);
  const summary = [
    ...progressConditions(evidence.serving && isError(status) ? "Degraded" : status, ready, verdict.code),
    ready,
  ].map(stamped);
  return {
    status,
    // The order is the same whether a condition of the kind is made in this pass or kept from an earlier one.
    conditions: [...made, ...kept(evidence.previous?.conditions, made), ...summary],
    failing: failingTypes(counted, [...dependencies, ...credentials], ready),
  };
}

/** Whether anything may be applied. Known before applying. */
export interface Gate {
  readonly open: boolean;
}

/**
 * Errors of what we read (or of the object's own spec) close the gate; errors of our own children never do,
 * or a corrected spec could not reach them (§5.2 Better, services.md §2.3 Better).
 */
export function applyGate(components: readonly ComponentHealth[]): Gate {
  return {
    open: !components.map(completed).some((component) =>
      component.errors.some((error) => roleOf(error, component) === "input" && closesGate(error))
    ),
  };
}

function closesGate({ category }: ComponentError): boolean {
  return category !== "MissingDownstream" && category !== "ResourceExhaustion";
}

function roleOf(error: ComponentError, component: CompleteHealth): Role {
  return error.role ?? component.role;
}

/** Puts each failure in front of its component's errors; a component that was not reported appears. */
function withApplyFailures(
  components: CompleteHealth[],
  failures: readonly ApplyFailure[],
): CompleteHealth[] {
  const result = [...components];
  for (const { component, error } of failures) {
    const at = result.findIndex((each) => each.component === component);
    const before = result[at] ?? completed({ component, dependency: "Downstream" });
    const failed = completed({
      component,
      dependency: before.dependency,
      role: before.role,
      errors: [{ ...error, applying: true }, ...before.errors],
    });
    result[at < 0 ? result.length : at] = failed;
  }
  return result;
}

/** A fault has the code that is known of it, else that of its component, whose reason it may have given. */
function faultsOf({ component, errors, code }: CompleteHealth): Fault[] {
  return errors.map((error, at) => ({
    ...error,
    component,
    code: error.code ?? (at === 0 ? code : undefined) ?? codeOf(error.reason),
  }));
}

/** A condition with the state that it counts as, and how it speaks for the whole. */
interface Counted {
  readonly condition: ExtraCondition;
  readonly state: StatusWord;
  readonly name: string;
  /** Whether the grace period decided its state. */
  readonly inGrace: boolean;
  readonly retries: boolean;
  readonly follows: string | undefined;
  readonly code: Code | undefined;
}

function countedComponent(health: CompleteHealth, { previous }: Evidence, inGrace: boolean): Counted {
  const type = `${health.component}Ready`;
  const { component: name, retries, follows, code } = health;
  const old = conditionOf(previous?.conditions, type);
  const transientOnly = health.errors.length > 0 &&
    health.errors.every((error) => isTransient(error.category));
  if (inGrace && old !== undefined && transientOnly) {
    const { reason, message } = health.errors[0];
    const condition = { type, status: old.status as ExtraCondition["status"], reason, message };
    return {
      condition,
      state: stateInGrace(old, previous?.status, health),
      name,
      inGrace: true,
      retries,
      follows,
      code,
    };
  }
  const { state, reason, message } = health;
  const status = state === "Ready" ? "True" : "False";
  return {
    condition: { type, status, reason, message },
    state: status === "True" ? "Ready" : notReadyState(health),
    name,
    inGrace: false,
    retries,
    follows,
    code,
  };
}

/** Inside the grace period: what was ready stays ready, what was on its way stays on its way. */
function stateInGrace(old: StoredCondition, before: string | undefined, health: CompleteHealth): StatusWord {
  if (old.status === "True") return "Ready";
  if (before === "Pending") return "Pending";
  if (before === "Progressing" || before === "Starting") return "Progressing";
  return notReadyState(health);
}

/** §6.2 rule 2: an error state and Pending count as such; the rest by who waits for whom. */
function notReadyState({ state, dependency }: CompleteHealth): StatusWord {
  if (isError(state) || state === "Pending") return state;
  return dependency === "Upstream" ? "Pending" : "Progressing";
}

function countedExtra(condition: ExtraCondition): Counted {
  const counts = condition.type.endsWith("Ready") && condition.status !== "True";
  return {
    condition,
    state: counts ? "Progressing" : "Ready",
    name: condition.type.replace(/Ready$/, ""),
    inGrace: false,
    retries: false,
    follows: undefined,
    code: undefined,
  };
}

function overall(
  counted: readonly Counted[],
  faults: readonly Fault[],
): { status: StatusWord } & Verdict {
  const deciding = decidingFault(faults);
  if (deciding !== undefined) {
    return { status: "Failed", ready: notReady(deciding.reason, deciding.message), code: deciding.code };
  }

  const result = worst(counted.map((each) => each.state));
  const transient = faults.filter((fault) => isTransient(fault.category));
  if (result === "Ready") {
    return {
      status: "Ready",
      ready: {
        type: "Ready",
        status: "True",
        reason: "AllComponentsReady",
        message: "All components are ready",
      },
      code: undefined,
    };
  }
  const inGrace = new Set(counted.filter((each) => each.inGrace).map((each) => each.name));
  const patient = !isError(result) && transient.every((fault) => inGrace.has(fault.component));
  return {
    status: transient.length > 0 && !patient ? "Degraded" : result,
    ...readyOf(counted, transient[0]),
  };
}

/** §6.2 rule 4, with something not ready: the worst component speaks (spec/README). */
function readyOf(counted: readonly Counted[], transient: Fault | undefined): Verdict {
  const { name, state, retries, code, condition: { reason, message } } = speaker(counted);
  const unreached = codeOf("InfrastructureError");
  if (isError(state)) {
    const own = code ?? (transient?.component === name ? unreached : undefined);
    return { ready: notReady(reason, `Component ${name} is not ready: ${message}`), code: own };
  }
  if (transient !== undefined) {
    const cause = `${transient.component}: ${transient.message}`;
    return {
      ready: notReady("InfrastructureError", `Infrastructure error - waiting for retry: ${cause}`),
      code: transient.code ?? unreached,
    };
  }
  const ready = notReady(
    retries ? reason : "Progressing",
    `Waiting for components to become ready: ${name}: ${message || reason}`,
  );
  return { ready, code };
}

/** `Ready`, and the cause that it tells; none where it is merely waited for. */
interface Verdict {
  readonly ready: ExtraCondition;
  readonly code: Code | undefined;
}

/** The worst; of equals the first. One that merely follows another one leaves it the word. */
function speaker(counted: readonly Counted[]): Counted {
  const unready = counted.filter(({ state }) => state !== "Ready");
  const waitsForAnother = ({ state, follows }: Counted) =>
    !isError(state) && unready.some(({ name }) => name === follows);
  const own = unready.filter((each) => !waitsForAnother(each));
  const result = worst(own.map(({ state }) => state));
  return own.find(({ state }) => state === result)!;
}

function notReady(reason: Reason, message: string): ExtraCondition {
  return { type: "Ready", status: "False", reason, message };
}

/**
 * Whether the grace period is running (§5.3): it counts from the stored transition; the pass in which it begins
 * is inside it. The write of that pass wakes the object once more (`status_changes.ts`), so its end is awaited.
 */
function insideGrace({ previous, reached }: Evidence, dependencies: ExtraCondition | undefined): boolean {
  if (dependencies?.status !== "False") return false;
  const old = conditionOf(previous?.conditions, "DependenciesReachable");
  if (old?.status !== "False") return true;
  const since = Date.parse(old.lastTransitionTime ?? "");
  return !Number.isNaN(since) && !reached(since + GRACE_SECONDS * 1000);
}

/**
 * Stored conditions that no component of ours reports: those of somebody else, or of the kind, stay. `Paused` goes:
 * what is judged is not paused.
 */
function kept(previous: readonly StoredCondition[] = [], made: readonly Condition[]): Condition[] {
  const types = new Set<string>([
    ...made.map((condition) => condition.type),
    ...frameworkTypes,
    ...progressTypes,
    "Paused",
  ]);
  return previous
    .filter(({ type }) => !types.has(type) && !type.endsWith("Ready"))
    .map(({ lastTransitionTime: _time, ...condition }) => condition as Condition);
}

function failingTypes(
  counted: readonly Counted[],
  framework: readonly ExtraCondition[],
  ready: ExtraCondition,
): ReadonlySet<string> {
  const failing = new Set<string>();
  for (const { condition, state } of counted) if (isError(state)) failing.add(condition.type);
  for (const { type, status } of framework) if (status === "False") failing.add(type);
  if (ready.status === "False" && ready.reason !== "Progressing") failing.add("Ready");
  return failing;
}
