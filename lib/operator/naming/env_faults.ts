/** What an environment variable may be, so that a pod can have it. */

import type { EnvVar, Issue } from "../../api/mod.ts";
import { subdomainProblem } from "../../kube/names.ts";
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
  return [...faults, ...sourceFaults(valueFrom, (...rest) => issue(...rest))];
}

const podFields =
  /^(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;

function sourceFaults(
  { secretKeyRef, configMapKeyRef, fieldRef }: EnvVarSource,
  issue: (field: string, found: unknown, message: string, remedy: string) => Issue,
): Issue[] {
  for (const [field, ref] of Object.entries({ secretKeyRef, configMapKeyRef })) {
    if (ref === undefined) continue;
    const at = `.valueFrom.${field}`;
    const what = field === "secretKeyRef" ? "Secret" : "ConfigMap";
    const name = ref.name ?? "";
    return [
      ...(subdomainProblem(name) === undefined
        ? []
        : [issue(`${at}.name`, name, `is no name of a ${what}`, `write the name of a ${what}`)]),
      ...(/^[-._a-zA-Z0-9]{1,253}$/.test(ref.key)
        ? []
        : [issue(`${at}.key`, ref.key, `is no key of a ${what}`, "use letters, digits, -, _ and .")]),
    ];
  }
  if (fieldRef !== undefined && !podFields.test(fieldRef.fieldPath)) {
    return [issue(
      ".valueFrom.fieldRef.fieldPath",
      fieldRef.fieldPath,
      "is no field that a pod passes on",
      "use one such as metadata.name, metadata.labels['key'], spec.nodeName or status.podIP",
    )];
  }
  return [];
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
