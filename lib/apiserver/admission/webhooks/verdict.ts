/** What a webhook's reply means. */
import { parseJson } from "../../../kube/json/json.ts";
import { goJsonError } from "../../body.ts";
import { isObject, type JsonObject } from "../../json.ts";
import type { Reply } from "../../outside.ts";
import { type Details, Refusal } from "../../status.ts";

export interface Verdict {
  readonly warnings: readonly string[];
  readonly refusal?: Refusal;
  /** Operations of a JSON patch. */
  readonly patch?: readonly unknown[];
}

/** The webhook could not be asked, or has not answered as it must. Its failure policy says what follows. */
export class CallFailed extends Error {}

/** @throws CallFailed */
export function verdictOf(name: string, uid: string, reply: Reply, mutating: boolean): Verdict {
  const review = reviewIn(reply);
  const response = review.response;
  const invalid = (why: string) => new CallFailed(`received invalid webhook response: ${why}`);
  if (!isObject(response)) throw invalid("webhook response was absent");
  const said = String(response.uid ?? "");
  if (said !== uid) {
    throw invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(said)}`);
  }
  const type = typeOf(review);
  if (type !== "admission.k8s.io/v1, Kind=AdmissionReview") {
    throw invalid(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${type}`);
  }
  const { patch, patchType, allowed, status } = response;
  const problem = patchProblem(patch, patchType, mutating);
  if (problem !== undefined) throw invalid(problem);
  const warnings = Array.isArray(response.warnings) ? response.warnings.map(String) : [];
  if (allowed !== true) return { warnings, refusal: refusalBy(name, isObject(status) ? status : {}) };
  const operations = typeof patch !== "string" || patch === "" ? [] : operationsIn(patch);
  if (operations.length === 0) return { warnings };
  if (patchType !== "JSONPatch") throw new CallFailed(`unsupported patch type ${JSON.stringify(patchType)}`);
  return { warnings, patch: operations };
}

const reviewVersions = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];

function reviewIn(reply: Reply): JsonObject {
  if ("problem" in reply) throw new CallFailed(`failed to call webhook: ${reply.problem}`);
  const { code, text } = reply;
  const failed = (why: string) => new CallFailed(`failed to call webhook: ${why}`);
  if (code === 404) throw failed("the server could not find the requested resource");
  if (code >= 300) {
    throw failed(
      `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`,
    );
  }
  let review: unknown;
  try {
    review = parseJson(text);
  } catch (error) {
    throw failed(
      `couldn't get version/kind; json parse error: ${goJsonError(text, (error as Error).message)}`,
    );
  }
  if (!isObject(review)) throw failed("couldn't get version/kind; it is no object");
  const { apiVersion, kind } = review;
  if (kind !== "AdmissionReview" || !reviewVersions.includes(String(apiVersion))) {
    throw failed(
      `no kind ${JSON.stringify(kind ?? "")} is registered for version ${
        JSON.stringify(apiVersion ?? "")
      } in scheme ` +
        '"pkg/runtime/scheme.go:111"',
    );
  }
  return review;
}

function typeOf({ apiVersion = "", kind = "" }: JsonObject): string {
  const version = String(apiVersion);
  return `${version.includes("/") ? version : `/${version}`}, Kind=${kind}`;
}

function patchProblem(patch: unknown, type: unknown, mutating: boolean): string | undefined {
  const [hasPatch, hasType] = [Boolean(patch), type !== undefined && type !== null];
  if (!mutating) {
    if (hasPatch) return "validating webhook may not return response.patch";
    return hasType ? "validating webhook may not return response.patchType" : undefined;
  }
  if (hasPatch && !hasType) return "webhook returned response.patch but not response.patchType";
  if (!hasPatch && hasType) return "webhook returned response.patchType but not response.patch";
  return hasType && type === "" ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function refusalBy(name: string, status: JsonObject): Refusal {
  const { code = 0, reason, message, details } = status as {
    code?: number;
    reason?: string;
    message?: string;
    details?: Details;
  };
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = message || reason;
  return new Refusal(
    Math.max(400, code),
    reason,
    why ? `${denied}: ${why}` : `${denied} without explanation`,
    details,
  );
}

function operationsIn(patch: string): readonly unknown[] {
  const failed = (why: string) => new CallFailed(`received undecodable patch in webhook response: ${why}`);
  const text = new TextDecoder().decode(Uint8Array.fromBase64(patch));
  let operations: unknown;
  try {
    operations = parseJson(text);
  } catch (error) {
    throw failed(goJsonError(text, (error as Error).message));
  }
  if (Array.isArray(operations)) return operations;
  throw failed(`json: cannot unmarshal ${typeof operations} into Go value of type jsonpatch.Patch`);
}
