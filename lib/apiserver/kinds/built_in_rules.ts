/** What the server adds to objects of built-in kinds, and what it refuses of them, beyond what a schema says. */
import { equalJson } from "../../kube/json/equal.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { admitClaim, admitJob, admitPod, admitService } from "./admission.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "../schema/field_error.ts";

interface Rules {
  /** Adds what the object does not say, as if whoever wrote it had said it. */
  readonly defaults?: (object: JsonObject) => void;
  /** Adds what is the server's to say. */
  readonly onCreate?: (object: JsonObject) => void;
  readonly validate?: (object: JsonObject, old?: JsonObject) => FieldError[];
}

const rules: Readonly<Record<string, Rules>> = {
  Namespace: {
    onCreate(object) {
      object.spec = { finalizers: ["kubernetes"] };
      object.status = { phase: "Active" };
    },
    defaults(object) {
      const metadata = object.metadata as JsonObject;
      metadata.labels = { ...metadata.labels as JsonObject, "kubernetes.io/metadata.name": metadata.name };
    },
  },
  ConfigMap: { validate: (object, old) => [...dataErrors(object), ...immutableErrors(object, old)] },
  Secret: {
    defaults(object) {
      object.type ??= "Opaque";
      if (isObject(object.stringData)) {
        const encoded = Object.entries(object.stringData).map(([key, text]) => [key, base64(String(text))]);
        object.data = { ...object.data as JsonObject, ...Object.fromEntries(encoded) };
      }
      delete object.stringData;
    },
    validate: (object, old) => [...dataErrors(object), ...immutableErrors(object, old)],
  },
  Pod: { onCreate: admitPod },
  Job: { onCreate: admitJob },
  PersistentVolumeClaim: { onCreate: admitClaim },
  Service: { onCreate: admitService },
  CustomResourceDefinition: {
    defaults: defaultDefinition,
    onCreate: completeDefinition,
    validate: definitionErrors,
  },
};

const podTemplate = { metadata: {}, spec: { containers: null } };

/** The parts of an object that are there before anybody says anything: nobody owns them. */
const always: Readonly<Record<string, JsonObject>> = {
  Namespace: { spec: {}, status: {} },
  Pod: { spec: { containers: null }, status: {} },
  Service: { spec: {}, status: { loadBalancer: {} } },
  PersistentVolumeClaim: { spec: { resources: {} }, status: {} },
  Deployment: { spec: { selector: null, template: podTemplate, strategy: {} }, status: {} },
  Job: { spec: { template: podTemplate }, status: {} },
  Lease: { spec: {} },
  Event: { involvedObject: {}, source: {} },
  CustomResourceDefinition: {
    spec: { names: {} },
    status: { conditions: null, acceptedNames: {}, storedVersions: null },
  },
};

export function emptyOf(kind: string): JsonObject {
  return always[kind] ?? {};
}

/** Adds what an object does not say. */
export function defaultBuiltIn(kind: string, object: JsonObject): void {
  rules[kind]?.defaults?.(object);
}

/** Completes a new object. */
export function completeNew(kind: string, object: JsonObject): void {
  rules[kind]?.onCreate?.(object);
}

/** What is wrong with an object by the rules of its kind. */
export function ruleErrorsOf(kind: string, object: JsonObject, old?: JsonObject): FieldError[] {
  return rules[kind]?.validate?.(object, old) ?? [];
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function dataErrors(object: JsonObject): FieldError[] {
  return Object.keys({ ...object.data as JsonObject, ...object.binaryData as JsonObject }).flatMap((key) => {
    if (/^[-._a-zA-Z0-9]+$/.test(key)) return [];
    const why =
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
      "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    return [invalidValue(`data[${key}]`, key, why)];
  });
}

function immutableErrors(object: JsonObject, old?: JsonObject): FieldError[] {
  if (old?.immutable !== true) return [];
  const why = "field is immutable when `immutable` is set";
  const errors: FieldError[] = [];
  if (object.immutable !== true) errors.push(forbiddenValue("immutable", why));
  for (const field of ["data", "binaryData"]) {
    if (!equalJson(object[field], old[field])) errors.push(forbiddenValue(field, why));
  }
  return errors;
}

function defaultDefinition(object: JsonObject): void {
  const spec = object.spec as JsonObject | undefined;
  const names = spec?.names as JsonObject | undefined;
  if (spec === undefined || names === undefined) return;
  names.singular ??= String(names.kind).toLowerCase();
  names.listKind ??= `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
}

function completeDefinition(object: JsonObject): void {
  const versions = (at(object, "spec", "versions") ?? []) as JsonObject[];
  object.status = {
    conditions: null,
    acceptedNames: { plural: "", kind: "" },
    storedVersions: versions.filter(({ storage }) => storage === true).map(({ name }) => name),
  };
}

function definitionErrors(object: JsonObject): FieldError[] {
  const missing = [["group"], ["scope"], ["versions"], ["names", "plural"], ["names", "kind"]].filter(
    (path) => {
      const value = at(object, "spec", ...path);
      return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
    },
  );
  if (missing.length > 0) return missing.map((path) => requiredValue(["spec", ...path].join(".")));
  const name = at(object, "metadata", "name");
  const [plural, group] = [at(object, "spec", "names", "plural"), at(object, "spec", "group")];
  if (name === `${plural}.${group}`) return [];
  return [invalidValue("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];
}
