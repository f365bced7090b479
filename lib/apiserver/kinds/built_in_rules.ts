/** What the server adds to objects of built-in kinds, and what it refuses of them, beyond what a schema says. */
import { builtInErrors } from "../validation/mod.ts";
import { keepAddress } from "../validation/network.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import {
  admitClaim,
  admitJob,
  admitPod,
  admitService,
  admitVolume,
  type Allocator,
  defaultLimits,
  keepAdmitted,
  labelJob,
  nameSources,
  provideService,
} from "./admission.ts";
import { type FieldError, invalidValue, requiredValue } from "../schema/field_error.ts";

interface Rules {
  /** Adds what the object does not say, as if whoever wrote it had said it. */
  readonly defaults?: (object: JsonObject) => void;
  /** Adds what is the server's to say. */
  readonly onCreate?: (object: JsonObject, cluster: Allocator) => void;
  /** Keeps what an update does not say. */
  readonly onUpdate?: (object: JsonObject, old: JsonObject) => void;
  /** Gives a changed object what the cluster gives: nobody owns it. */
  readonly provide?: (object: JsonObject, old: JsonObject, cluster: Allocator) => void;
  readonly validate?: (object: JsonObject) => FieldError[];
}

const rules: Readonly<Record<string, Rules>> = {
  Namespace: {
    onCreate(object) {
      object.spec = { finalizers: ["kubernetes"] };
      object.status = { phase: "Active" };
    },
    onUpdate(object, old) {
      object.spec = old.spec;
    },
    defaults(object) {
      const metadata = object.metadata as JsonObject;
      metadata.labels = { ...metadata.labels as JsonObject, "kubernetes.io/metadata.name": metadata.name };
    },
  },
  Secret: {
    defaults(object) {
      object.type ??= "Opaque";
      if (isObject(object.stringData)) {
        const encoded = Object.entries(object.stringData).map(([key, text]) => [key, base64(String(text))]);
        object.data = { ...object.data as JsonObject, ...Object.fromEntries(encoded) };
      }
      delete object.stringData;
    },
  },
  Pod: { onCreate: admitPod, onUpdate: keepAdmitted },
  Job: { defaults: labelJob, onCreate: admitJob },
  PersistentVolumeClaim: { onCreate: admitClaim, onUpdate: nameSources },
  PersistentVolume: { onCreate: admitVolume },
  Service: { onCreate: admitService, onUpdate: keepAddress, provide: provideService },
  LimitRange: { defaults: defaultLimits },
  CustomResourceDefinition: {
    defaults: defaultDefinition,
    onCreate: completeDefinition,
    validate: definitionErrors,
  },
};

/** Adds what an object does not say. */
export function defaultBuiltIn(kind: string, object: JsonObject): void {
  rules[kind]?.defaults?.(object);
}

/** Completes a new object. */
export function completeNew(kind: string, object: JsonObject, cluster: Allocator): void {
  rules[kind]?.onCreate?.(object, cluster);
}

/** Completes a changed object. */
export function completeChanged(kind: string, object: JsonObject, old: JsonObject): void {
  rules[kind]?.onUpdate?.(object, old);
}

/** Gives a changed object what the cluster gives. */
export function provide(kind: string, object: JsonObject, old: JsonObject, cluster: Allocator): void {
  rules[kind]?.provide?.(object, old, cluster);
}

/** What the rules of a kind refuse. @param old what is stored, where it is an update */
export function ruleErrorsOf(kind: string, object: JsonObject, old?: JsonObject): readonly FieldError[] {
  return [...rules[kind]?.validate?.(object) ?? [], ...builtInErrors(kind, object, old)];
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
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
