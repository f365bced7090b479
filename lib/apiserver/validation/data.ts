/** What is refused of ConfigMaps and Secrets. */
import { equalJson } from "../../kube/json/equal.ts";
import { at, type JsonObject } from "../json.ts";
import {
  type FieldError,
  forbiddenValue,
  invalidValue,
  requiredValue,
  tooLong,
} from "../schema/field_error.ts";
import { type Errors, none, objectOf } from "./values.ts";

/** In bytes, of all values together. */
const sizeLimit = 1024 * 1024;

export function configMapErrors(object: JsonObject, old?: JsonObject): Errors {
  const [data, binaryData] = [objectOf(object.data), objectOf(object.binaryData)];
  const bytes = new TextEncoder();
  const size = Object.values(data).reduce<number>((sum, text) => sum + bytes.encode(String(text)).length, 0) +
    sizeOf(binaryData);
  return [
    ...Object.keys(data).flatMap((key) => [
      ...keyErrors("data", key),
      ...Object.hasOwn(binaryData, key)
        ? [invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData")]
        : none,
    ]),
    ...Object.keys(binaryData).flatMap((key) => keyErrors("binaryData", key)),
    ...size > sizeLimit ? [tooLong("[]", sizeLimit)] : none,
    ...immutableErrors(object, old),
  ];
}

/** Keys that a Secret of some type must have. */
const needed: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export function secretErrors(object: JsonObject, old?: JsonObject): Errors {
  const data = objectOf(object.data);
  const type = String(object.type ?? "");
  const missing = (needed[type] ?? []).filter((key) => data[key] === undefined);
  const found: FieldError[] = Object.keys(data).flatMap((key) => keyErrors("data", key));
  if (sizeOf(data) > sizeLimit) found.push(tooLong("data", sizeLimit));
  found.push(...missing.map((key) => requiredValue(`data[${key}]`)));
  if (type === "kubernetes.io/basic-auth" && data.username === undefined && data.password === undefined) {
    found.push(requiredValue("data[username]"), requiredValue("data[password]"));
  }
  const account = "kubernetes.io/service-account.name";
  if (type === "kubernetes.io/service-account-token" && !at(object, "metadata", "annotations", account)) {
    found.push(requiredValue(`metadata.annotations[${account}]`));
  }
  for (const key of [".dockercfg", ".dockerconfigjson"]) {
    if (type === `kubernetes.io/${key.slice(1)}` && data[key] !== undefined) {
      found.push(...jsonErrors(`data[${key}]`, String(data[key])));
    }
  }
  if (old !== undefined && type !== String(old.type ?? "")) {
    found.push(invalidValue("type", type, "field is immutable"));
  }
  return [...found, ...immutableErrors(object, old)];
}

function jsonErrors(path: string, base64: string): Errors {
  const text = new TextDecoder().decode(Uint8Array.fromBase64(base64));
  try {
    JSON.parse(text);
    return none;
  } catch {
    const why = text.trim() === ""
      ? "unexpected end of JSON input"
      : `invalid character '${text.trim()[0]}' looking for beginning of value`;
    return [invalidValue(path, "<secret contents redacted>", why)];
  }
}

function sizeOf(data: JsonObject): number {
  return Object.values(data).reduce<number>((sum, text) => {
    const base64 = String(text);
    return sum + Math.floor(base64.replace(/=+$/, "").length * 3 / 4);
  }, 0);
}

function keyErrors(field: string, key: string): FieldError[] {
  if (key.length > 253) return [invalidValue(`${field}[${key}]`, key, "must be no more than 253 characters")];
  if (key === "." || key === "..") return [invalidValue(`${field}[${key}]`, key, `must not be '${key}'`)];
  if (key.startsWith("..")) return [invalidValue(`${field}[${key}]`, key, "must not start with '..'")];
  if (/^[-._a-zA-Z0-9]+$/.test(key)) return [];
  const why =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or " +
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
  return [invalidValue(`${field}[${key}]`, key, why)];
}

function immutableErrors(object: JsonObject, old?: JsonObject): Errors {
  if (old?.immutable !== true) return none;
  const why = "field is immutable when `immutable` is set";
  const errors: FieldError[] = [];
  if (object.immutable !== true) errors.push(forbiddenValue("immutable", why));
  for (const field of ["data", "binaryData"]) {
    if (!equalJson(object[field], old[field])) errors.push(forbiddenValue(field, why));
  }
  return errors;
}
