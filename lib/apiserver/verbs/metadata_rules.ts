/** What metadata may hold: names, labels, annotations, finalizers, owner references. */
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import { equalJson } from "../../kube/json/equal.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "../schema/field_error.ts";
import {
  labelNameProblem,
  labelValueProblem,
  qualifiedNameProblem,
  subdomainProblem,
} from "../../kube/names.ts";

/** In bytes, of all annotations together. */
const annotationsLimit = 256 * 1024;

/** What is wrong with the metadata of an object that is to be stored. @param old as stored: what is the very same is right */
export function metadataErrors(kind: Kind, metadata: JsonObject, old?: JsonObject): FieldError[] {
  const isOther = (name: string) => old === undefined || metadata[name] !== old[name];
  return [
    ...isOther("name") || isOther("generateName") ? nameErrors(kind, metadata) : [],
    ...isOther("annotations") ? annotationErrors(metadata) : [],
    ...isOther("labels") ? labelErrors(metadata) : [],
    ...isOther("ownerReferences") ? ownerErrors(metadata) : [],
    ...isOther("finalizers") ? finalizerErrors(kind, metadata) : [],
  ];
}

function nameErrors(kind: Kind, { name, generateName }: JsonObject): FieldError[] {
  const problemOf = kind.kind === "Namespace"
    ? namespaceProblem
    : kind.kind === "Service" && kind.group === ""
    ? serviceNameProblem
    : kind.group === "rbac.authorization.k8s.io"
    ? pathSegmentProblem
    : subdomainProblem;
  const errors: FieldError[] = [];
  if (typeof generateName === "string" && generateName !== "") {
    const problem = problemOf(generateName.replace(/-$/, "a"));
    if (problem !== undefined) errors.push(invalidValue("metadata.generateName", generateName, problem));
  }
  if (name === undefined || name === "") {
    return [...errors, requiredValue("metadata.name", "name or generateName is required")];
  }
  const problem = problemOf(name as string);
  return problem === undefined ? errors : [...errors, invalidValue("metadata.name", name, problem)];
}

function namespaceProblem(name: string): string | undefined {
  return name.includes(".") ? "must not contain dots" : labelNameProblem(name);
}

/** A Service's name is one of a host in DNS, which begins with a letter. */
function serviceNameProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 characters";
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined;
  return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
    "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
}

function pathSegmentProblem(name: string): string | undefined {
  if (name === "." || name === "..") return `may not be '${name}'`;
  const bad = ["/", "%"].find((each) => name.includes(each));
  return bad === undefined ? undefined : `may not contain '${bad}'`;
}

function labelErrors({ labels }: JsonObject): FieldError[] {
  if (!isObject(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => {
    const [bad, badValue] = [qualifiedNameProblem(key), labelValueProblem(String(value))];
    return [
      ...bad === undefined ? [] : [invalidValue("metadata.labels", key, bad)],
      ...badValue === undefined ? [] : [invalidValue("metadata.labels", value, badValue)],
    ];
  });
}

function annotationErrors({ annotations }: JsonObject): FieldError[] {
  if (!isObject(annotations)) return [];
  const errors = Object.keys(annotations).flatMap((key) => {
    const problem = qualifiedNameProblem(key.toLowerCase());
    return problem === undefined ? [] : [invalidValue("metadata.annotations", key, problem)];
  });
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + key.length + String(value).length,
    0,
  );
  if (size > annotationsLimit) {
    errors.push({
      type: "FieldValueTooLong",
      field: "metadata.annotations",
      detail: `Too long: may not be more than ${annotationsLimit} bytes`,
    });
  }
  return errors;
}

function ownerErrors({ ownerReferences }: JsonObject): FieldError[] {
  if (!Array.isArray(ownerReferences)) return [];
  const errors: FieldError[] = [];
  const controllers: JsonObject[] = [];
  ownerReferences.forEach((owner: JsonObject) => {
    const path = "metadata.ownerReferences";
    const { apiVersion, kind, name, uid } = owner;
    if (!apiVersion) {
      errors.push(invalidValue(`${path}.apiVersion`, apiVersion ?? "", "version must not be empty"));
    }
    if (!kind) errors.push(invalidValue(`${path}.kind`, kind ?? "", "must not be empty"));
    if (!name) errors.push(invalidValue(`${path}.name`, name ?? "", "must not be empty"));
    if (!uid) errors.push(invalidValue(`${path}.uid`, uid ?? "", "must not be empty"));
    if (apiVersion === "v1" && kind === "Event") {
      errors.push(invalidValue(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (owner.controller === true) controllers.push(owner);
  });
  if (controllers.length > 1) {
    const names = controllers.slice(0, 2).map(({ kind, name }) => `${kind}/${name}`);
    errors.push(
      invalidValue(
        "metadata.ownerReferences",
        ownerReferences,
        `Only one reference can have Controller set to true. Found "true" in references for ${
          names.join(" and ")
        }`,
      ),
    );
  }
  return errors;
}

function finalizerErrors(kind: Kind, { finalizers }: JsonObject): FieldError[] {
  if (!Array.isArray(finalizers)) return [];
  return finalizers.flatMap((name: string, i) => {
    const problem = qualifiedNameProblem(name);
    const field = kind.custom ? "metadata.finalizers" : `metadata.finalizers[${i}]`;
    if (problem !== undefined) return [invalidValue(field, name, problem)];
    if (!kind.custom && !name.includes("/") && !["orphan", "foregroundDeletion"].includes(name)) {
      return [
        invalidValue(field, name, "name is neither a standard finalizer name nor is it fully qualified"),
      ];
    }
    return [];
  });
}

/** What an update may not change. */
export function metadataUpdateErrors(metadata: JsonObject, old: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const before = (old.finalizers ?? []) as string[];
    const added = ((metadata.finalizers ?? []) as string[]).filter((name) => !before.includes(name));
    if (added.length > 0) {
      errors.push(
        forbiddenValue(
          "metadata.finalizers",
          `no new finalizers can be added if the object is being deleted, found new finalizers ${
            goStrings(added)
          }`,
        ),
      );
    }
  }
  for (const field of ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    if (metadata[field] !== undefined && !equalJson(metadata[field], old[field])) {
      errors.push(invalidValue(`metadata.${field}`, metadata[field], "field is immutable"));
    }
  }
  // The original checks this twice, and says so twice.
  return [...errors, ...errors];
}

function goStrings(texts: readonly string[]): string {
  return `[]string{${texts.map((text) => JSON.stringify(text)).join(", ")}}`;
}
