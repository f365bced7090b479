/** What an environment variable may be, so that a pod can have it. */

import { canonicalQuantity, type EnvVar, type Issue } from "../../api/mod.ts";
import { qualifiedNameProblem, subdomainProblem } from "../../kube/names.ts";
import { ENGINE_ARGS } from "./env.ts";
import { isJsonObject } from "./json_merge.ts";

/** Since Kubernetes 1.34, where the names were opened to all that is printed; before that, see {@link isNarrowName}. */
const legalName = /^[ -<>-~]+$/;

/** Whether Kubernetes of any version takes the name. */
export function isNarrowName(name: string): boolean {
  return /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name);
}

/** Values of variables are in no message: they may be secrets (conventions.md §1). */
const unquoted = undefined;

type EnvVarSource = NonNullable<EnvVar["valueFrom"]>;

/**
 * What is wrong with a variable, so that the API server refuses every pod that has it. Empty if nothing is.
 *
 * @param path of the variable, for the messages: `spec.env[0]`
 */
export function envFaults({ name, value, valueFrom }: EnvVar, path: string): Issue[] {
  const issue = (field: string, found: unknown, message: string, remedy: string): Issue => ({
    path: `${path}${field}`,
    value: found,
    message,
    remedy,
  });
  const faults: Issue[] = [];
  if (!legalName.test(name)) {
    faults.push(
      issue(".name", name, "is no name of a variable", "use letters, digits and _, and begin with no digit"),
    );
  }
  if (valueFrom === undefined) return faults;
  const sources = Object.keys(valueFrom).filter((each) =>
    valueFrom[each as keyof EnvVarSource] !== undefined
  );
  if (value) {
    faults.push(issue(".value", unquoted, "stands beside valueFrom", "remove one of the two"));
  }
  if (sources.length !== 1) {
    const message = sources.length === 0
      ? "names nowhere to take the value from"
      : `names several places to take the value from: ${sources.join(", ")}`;
    return [...faults, issue(".valueFrom", valueFrom, message, "keep one, e.g. secretKeyRef")];
  }
  return [...faults, ...sourceFaults(valueFrom, issue)];
}

type Report = (field: string, found: unknown, message: string, remedy: string) => Issue;

/** As Kubernetes' own validation of pods has it. */
function sourceFaults(
  { secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef, fileKeyRef }: EnvVarSource,
  issue: Report,
): Issue[] {
  if (secretKeyRef !== undefined) {
    return keyFaults(secretKeyRef, ".valueFrom.secretKeyRef", "Secret", issue);
  }
  if (configMapKeyRef !== undefined) {
    return keyFaults(configMapKeyRef, ".valueFrom.configMapKeyRef", "ConfigMap", issue);
  }
  if (fieldRef !== undefined) return fieldFaults(fieldRef, issue);
  if (resourceFieldRef !== undefined) return resourceFaults(resourceFieldRef, issue);
  if (fileKeyRef === undefined) return [];
  const message = "is a volume that no pod of AIM Engine has";
  return [issue(".valueFrom.fileKeyRef.volumeName", fileKeyRef.volumeName, message, "use configMapKeyRef")];
}

function keyFaults(
  { name = "", key }: { readonly name?: string; readonly key: string },
  at: string,
  what: "Secret" | "ConfigMap",
  issue: Report,
): Issue[] {
  const isKey = /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== "." && !key.startsWith("..");
  const remedy = "use letters, digits, -, _ and ., and begin with no ..";
  return [
    ...(subdomainProblem(name) === undefined
      ? []
      : [issue(`${at}.name`, name, `is no name of a ${what}`, `write the name of a ${what}`)]),
    ...(isKey ? [] : [issue(`${at}.key`, key, `is no key of a ${what}`, remedy)]),
  ];
}

const podFields =
  /^(metadata\.(name|namespace|uid)|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;
const podEntry = /^metadata\.(labels|annotations)\['(.*)'\]$/s;

function isPodField(path: string): boolean {
  const [, map, key] = podEntry.exec(path) ?? [];
  if (map === undefined) return podFields.test(path);
  return qualifiedNameProblem(map === "annotations" ? key.toLowerCase() : key) === undefined;
}

function fieldFaults(
  { apiVersion, fieldPath }: { readonly apiVersion?: string; readonly fieldPath: string },
  issue: Report,
): Issue[] {
  const at = ".valueFrom.fieldRef";
  const remedy = "use one such as metadata.name, metadata.labels['key'], spec.nodeName or status.podIP";
  return [
    ...(apiVersion && apiVersion !== "v1"
      ? [issue(`${at}.apiVersion`, apiVersion, "is no version of a pod", "write v1, or remove it")]
      : []),
    ...(isPodField(fieldPath)
      ? []
      : [issue(`${at}.fieldPath`, fieldPath, "is no field that a pod passes on", remedy)]),
  ];
}

const containerResource = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.*)$/s;
const cpuUnits: readonly string[] = ["1m", "1"];
const byteUnits: readonly string[] = ["1", ..."kMGTPE", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map((unit) =>
  unit === "1" ? unit : `1${unit}`
);

function resourceFaults(
  { resource, divisor = 0 }: { readonly resource: string; readonly divisor?: string | number },
  issue: Report,
): Issue[] {
  const at = ".valueFrom.resourceFieldRef";
  if (!containerResource.test(resource)) {
    const remedy = "use limits or requests with .cpu, .memory, .ephemeral-storage or .hugepages-SIZE";
    return [issue(`${at}.resource`, resource, "is no resource that a container passes on", remedy)];
  }
  const units = resource.endsWith(".cpu") ? cpuUnits : byteUnits;
  const unit = canonicalQuantity(divisor);
  if (unit === "0" || units.includes(unit)) return [];
  return [issue(`${at}.divisor`, divisor, "is no unit of this resource", `use one of ${units.join(", ")}`)];
}

/** What is wrong with the value of `AIM_ENGINE_ARGS`: the engine reads a JSON object. Empty for other variables. */
export function engineArgsFaults({ name, value }: EnvVar, path: string): Issue[] {
  if (name !== ENGINE_ARGS || !value || isJsonObject(value)) return [];
  return [{
    path: `${path}.value`,
    value: unquoted,
    message: `is no JSON object, which ${ENGINE_ARGS} must be`,
    remedy: 'write it like {"max-model-len": 32768}; numbers stay as they are written',
  }];
}
