/**
 * Webhooks: what programs outside change of a write, one after the other, and what they refuse of it, all at once. A
 * request that comes in process does not wait for them: it fares as if they could not be reached.
 */
import type { Cluster } from "../../cluster.ts";
import { equalJson } from "../../../kube/json/equal.ts";
import { type JsonObject, thawed } from "../../json.ts";
import { type Call, type Reply, Unanswered } from "../../outside.ts";
import { jsonPatch, PatchError } from "../../patch/mod.ts";
import { badRequest, internalError } from "../../status.ts";
import type { Attributes } from "../attributes.ts";
import { callOf, type Hook, hooksOf, isTold } from "./hooks.ts";
import { CallFailed, type Verdict, verdictOf } from "./verdict.ts";

/** Whether there are webhooks that may change what is written. */
export function hasMutating(cluster: Cluster): boolean {
  return cluster.store.list("mutatingwebhookconfigurations.admissionregistration.k8s.io").length > 0;
}

/**
 * Lets webhooks change what is written.
 *
 * @param read completes an object after a change, as if it had come so; it may be changed in place
 * @returns another object if one of them did
 */
export function mutate(
  cluster: Cluster,
  attributes: Attributes,
  warnings: string[],
  read: (object: JsonObject) => JsonObject,
): JsonObject {
  const hooks = hooksOf(cluster, "mutatingwebhookconfigurations", attributes);
  let { object } = attributes;
  /** Those that want to be asked again, with how often the object had changed once they were through. */
  const again = new Map<JsonObject, number>();
  let changes = 0;
  const ask = (hook: JsonObject) => {
    const now = { ...attributes, object };
    const verdict = ruled(cluster, hook as unknown as Hook, now, true);
    warnings.push(...verdict?.warnings ?? []);
    if (verdict?.refusal !== undefined) throw verdict.refusal;
    if (verdict?.patch === undefined) return;
    if (attributes.operation === "DELETE") {
      throw internalError(
        `admission webhook ${
          JSON.stringify(hook.name)
        } attempted to modify the object, which is not supported for this ` +
          "operation",
      );
    }
    const next = read(patched(object, verdict.patch));
    if (!equalJson(next, object)) changes++;
    object = next;
  };
  for (const hook of hooks) {
    if (!isTold(cluster, hook, { ...attributes, object })) continue;
    ask(hook);
    if (hook.reinvocationPolicy === "IfNeeded") again.set(hook, changes);
  }
  for (const [hook, before] of again) {
    if (changes > before && isTold(cluster, hook, { ...attributes, object })) ask(hook);
  }
  return object;
}

function patched(object: JsonObject, operations: unknown): JsonObject {
  try {
    return jsonPatch(thawed(object), operations) as JsonObject;
  } catch (error) {
    if (error instanceof PatchError) throw internalError(error.message);
    throw error;
  }
}

/** @throws Refusal as the first webhook says that refuses */
export function checkWebhooks(cluster: Cluster, attributes: Attributes, warnings: string[]): void {
  const hooks = hooksOf(cluster, "validatingwebhookconfigurations", attributes).filter((hook) =>
    isTold(cluster, hook, attributes)
  );
  const unanswered: Call[] = [];
  const verdicts = hooks.map((hook) => {
    try {
      return ruled(cluster, hook as unknown as Hook, attributes, false);
    } catch (error) {
      if (error instanceof Unanswered) return void unanswered.push(...error.calls);
      throw error;
    }
  });
  if (unanswered.length > 0) throw new Unanswered(unanswered);
  warnings.push(...verdicts.flatMap((verdict) => verdict?.warnings ?? []));
  const refusal = verdicts.find((verdict) => verdict?.refusal !== undefined)?.refusal;
  if (refusal !== undefined) throw refusal;
}

/** What a webhook says; undefined where it says nothing and that does not matter. */
function ruled(cluster: Cluster, hook: Hook, attributes: Attributes, mutating: boolean): Verdict | undefined {
  if (attributes.dryRun && !["None", "NoneOnDryRun"].includes(hook.sideEffects ?? "")) {
    throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
  }
  const uid = cluster.newUid();
  try {
    return verdictOf(hook.name, uid, replyOf(cluster, hook, attributes, uid), mutating);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    if (hook.failurePolicy === "Ignore") return undefined;
    const why = internalError(`failed calling webhook ${JSON.stringify(hook.name)}: ${error.message}`);
    return { warnings: [], refusal: why };
  }
}

function replyOf(cluster: Cluster, hook: Hook, attributes: Attributes, uid: string): Reply {
  const { attempt } = cluster;
  const call = callOf(cluster, hook, attributes, uid);
  if (typeof call === "string") return { problem: call };
  if (attempt === undefined) {
    return { problem: `Post ${JSON.stringify(call.url)}: a request in process waits for no webhook` };
  }
  const reply = attempt.reply(call);
  if (reply === undefined) throw new Unanswered([call]);
  return reply;
}
