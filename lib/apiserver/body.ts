/** Bodies of requests: JSON or YAML text, or what a caller in process hands over. */
import { parse as parseYaml } from "yaml";
import { parseJson } from "../kube/json/json.ts";
import { isObject, type JsonObject, thawed } from "./json.ts";
import type { Kind } from "./kinds/kind.ts";
import { badRequest, Refusal, tooLargeBody, unsupportedMediaType } from "./status.ts";
import type { Request } from "./request.ts";

/** In bytes: what the original reads of a body at most. */
export const bodyLimit = 3 * 1024 * 1024;

export const objectTypes = [
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
] as const;

/** The media type without its parameters. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? "application/json").split(";")[0].trim().toLowerCase();
}

/** The object in a body. What is in it may still be the caller's: only the object itself is nobody else's. @throws Refusal 400 or 415 */
export function objectOf(request: Request, kind: Pick<Kind, "kind">): JsonObject {
  const type = mediaType(request.contentType);
  if (type !== "application/json" && type !== "application/yaml") throw unsupportedMediaType(objectTypes);
  let value: unknown;
  try {
    value = saidIn(request, type);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.httpCode !== 400) throw refusal;
    throw unrecognized(kind, refusal.message, request);
  }
  if (!isObject(value)) {
    throw unrecognized(kind, "couldn't get version/kind; json parse error: " + notAnObject(value), request);
  }
  return { ...value };
}

function unrecognized({ kind }: Pick<Kind, "kind">, why: string, { body }: Request): Refusal {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${shown(String(body ?? ""))})`,
  );
}

/** The beginning of a body, as messages show it: as it is where it looks like an object, else in hexadecimal. */
function shown(body: string): string {
  if (body === "") return "<empty>";
  const start = body.slice(0, 30);
  const text = body.startsWith("{")
    ? start
    : [...new TextEncoder().encode(start)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return body.length > 30 ? `${text} ...` : text;
}

/** What a body says, parsed by its type. Nobody else holds it. */
export function valueOf(request: Request, type: string): unknown {
  const value = saidIn(request, type);
  return value === request.body ? thawed(value) : value;
}

/** The same; it is the body itself where that is no text. */
function saidIn({ body }: Request, type: string): unknown {
  if (body instanceof Uint8Array) body = new TextDecoder().decode(body);
  if (body === undefined) body = "";
  if (typeof body !== "string") return body;
  if (body.length > bodyLimit) throw tooLargeBody(bodyLimit);
  try {
    return type.endsWith("yaml") ? yamlOf(body) : parseJson(body);
  } catch (error) {
    throw badRequest(
      `couldn't get version/kind; json parse error: ${goJsonError(body, (error as Error).message)}`,
    );
  }
}

/** JSON is YAML too, and an apply of ours is JSON: that is read the faster way, which also keeps numbers as text. */
function yamlOf(text: string): unknown {
  if (/^\s*[{[]/.test(text)) {
    try {
      return parseJson(text);
    } catch {
      // It may still be YAML in its flow style.
    }
  }
  return parseYaml(text, { version: "1.1", intAsBigInt: false, maxAliasCount: 100 });
}

/** The words of Go's parser for what cannot be read. */
export function goJsonError(text: string, otherwise: string): string {
  const place = /at position (\d+)/.exec(otherwise);
  if (
    text.trim() === "" || /unexpected end|unterminated/i.test(otherwise) || Number(place?.[1]) >= text.length
  ) {
    return "unexpected end of JSON input";
  }
  const bad = /Unexpected token '?(.)'?/.exec(otherwise);
  return bad === null ? otherwise : `invalid character '${bad[1]}' looking for beginning of value`;
}

function notAnObject(value: unknown): string {
  const type = Array.isArray(value) ? "array" : typeof value;
  return `json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; ` +
    `Kind string "json:\\"kind,omitempty\\"" }`;
}
