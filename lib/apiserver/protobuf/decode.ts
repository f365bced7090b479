/**
 * Bodies that typed clients send: `k8s\0`, then an envelope that names a kind, then its message. What is in them is read
 * into the JSON of the same object. Loaded on the first such body, so that a start does not pay for it.
 */
import { gunzipSync } from "node:zlib";
import protobuf from "protobufjs/light";
import { builtInDefinitions, definitionName } from "../schema/mod.ts";
import { isObject, type JsonObject } from "../json.ts";
import { packedMessages } from "./built_in_messages.ts";

const root = protobuf.Root.fromJSON(
  JSON.parse(new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(packedMessages)))),
);

const envelope = root.lookupType("k8s.io.apimachinery.pkg.runtime.Unknown");
const magic = [0x6b, 0x38, 0x73, 0x00];

/** Options of requests have no group of their own: they are sent as kinds of the group that is asked. */
const optionKinds = new Set(["CreateOptions", "DeleteOptions", "PatchOptions", "UpdateOptions"]);

/**
 * The object in a body.
 * @returns undefined where its kind is none of the built-in ones, or the bytes are no such body
 */
export function objectOfProtobuf(body: Uint8Array): JsonObject | undefined {
  if (!magic.every((byte, i) => body[i] === byte)) return undefined;
  try {
    const { typeMeta, raw } = envelope.decode(body.subarray(magic.length)) as unknown as {
      typeMeta: { apiVersion: string; kind: string };
      raw: Uint8Array;
    };
    const { apiVersion, kind } = typeMeta;
    const type = messageOf(apiVersion, kind);
    if (type === undefined) return undefined;
    return { apiVersion, kind, ...jsonOf(type, type.decode(raw)) as JsonObject };
  } catch (error) {
    if (
      error instanceof RangeError ||
      error instanceof Error && /wire type|index out of range/.test(error.message)
    ) {
      return undefined;
    }
    throw error;
  }
}

function messageOf(apiVersion: string, kind: string): protobuf.Type | undefined {
  if (optionKinds.has(kind)) return root.lookupType(`k8s.io.apimachinery.pkg.apis.meta.v1.${kind}`);
  const [version, group = ""] = apiVersion.split("/").reverse();
  const name = definitionName(group, version, kind);
  if (name === undefined) return undefined;
  const found = root.lookup(name.replace(/^io\.k8s\./, "k8s.io."));
  return found instanceof protobuf.Type ? found : undefined;
}

type Message = Readonly<Record<string, unknown>>;

/** Messages that are no objects in JSON. */
const values: Readonly<Record<string, (message: Message) => unknown>> = {
  "meta.v1.Time": (message) => moment(message, 0),
  "meta.v1.MicroTime": (message) => moment(message, 6),
  "meta.v1.FieldsV1": ({ Raw }) => parsed(Raw),
  "runtime.RawExtension": ({ raw }) => parsed(raw),
  "resource.Quantity": ({ string }) => string ?? "0",
  "intstr.IntOrString": ({ type, intVal, strVal }) =>
    Number(type ?? 0) === 0 ? Number(intVal ?? 0) : strVal ?? "",
};

function parsed(bytes: unknown): unknown {
  const text = new TextDecoder().decode(bytes as Uint8Array);
  return text === "" ? undefined : JSON.parse(text);
}

/** A time as JSON has it. The empty message is no time. */
function moment({ seconds, nanos }: Message, digits: number): string | undefined {
  if (seconds === undefined) return undefined;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return digits === 0
    ? `${whole}Z`
    : `${whole}.${String(Number(nanos ?? 0)).padStart(9, "0").slice(0, digits)}Z`;
}

function jsonOf(type: protobuf.Type, message: unknown): unknown {
  const name = type.fullName.slice(1);
  const value = Object.entries(values).find(([end]) => name.endsWith(`.${end}`));
  if (value !== undefined) return value[1](own(message));
  const properties = builtInDefinitions()[name.replace(/^k8s\.io\./, "io.k8s.")]?.properties;
  // Go has names for some lists: in JSON they are lists.
  if (properties === undefined && type.fieldsArray.length === 1 && type.fieldsArray[0].name === "items") {
    return own(message).items ?? [];
  }
  const object: JsonObject = {};
  for (const field of type.fieldsArray) {
    const said = own(message)[field.name];
    if (said === undefined || isUnsaid(type, field, said)) continue;
    const json = fieldJson(field, said);
    if (json === undefined) continue;
    // What Go embeds has no name in JSON: its fields are those of what holds it.
    if (isObject(properties) && !(field.name in properties) && isObject(json)) Object.assign(object, json);
    else object[field.name] = json;
  }
  return object;
}

/** The fields that were in the bytes; the prototype has the others' defaults. */
function own(message: unknown): Message {
  return { ...message as Message };
}

/**
 * Go writes empty texts of fields that are no pointers, and nothing for empty lists. The one text that says something by
 * being empty is kept.
 */
function isUnsaid(type: protobuf.Type, field: protobuf.Field, said: unknown): boolean {
  if (Array.isArray(said) || field.map) return Object.keys(said as object).length === 0;
  return said === "" && !(type.name === "PersistentVolumeClaimSpec" && field.name === "storageClassName");
}

function fieldJson(field: protobuf.Field, said: unknown): unknown {
  field.resolve();
  if (field.map) {
    return Object.fromEntries(
      Object.entries(said as Message).map(([key, item]) => [key, itemJson(field, item)]),
    );
  }
  return field.repeated ? (said as unknown[]).map((item) => itemJson(field, item)) : itemJson(field, said);
}

function itemJson(field: protobuf.Field, said: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type) return jsonOf(field.resolvedType, said);
  if (field.type === "bytes") return new Uint8Array(said as Uint8Array).toBase64();
  return field.type.includes("int") ? Number(said) : said;
}
