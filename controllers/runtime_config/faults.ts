/**
 * What is wrong with the fields of a runtime config. Each is judged by the code with which consumers read it, so that
 * nothing is called wrong here that works there.
 */

import {
  type AIMClusterRuntimeConfig,
  type AIMRuntimeConfig,
  describeIssue,
  type Kind,
  type RuntimeConfigSpec,
  validate,
} from "../../lib/api/mod.ts";
import { storageClasses } from "../../lib/cluster/kinds.ts";
import { outOfReach } from "../../lib/cluster/reach.ts";
import { subdomainProblem } from "../../lib/kube/names.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { View } from "../../lib/operator/core/view.ts";
import type { KnownReason } from "../../lib/operator/errors/reasons.ts";
import { engineArgsFaults } from "../../lib/operator/naming/env_faults.ts";
import { patternFault, patternLimits } from "../../lib/operator/naming/key_pattern.ts";
import { unusable } from "../../lib/operator/runtime_config.ts";
import { gatewayTimeout, parentKindFault, shown, templateFault } from "../../lib/routing/mod.ts";

/** A config of either scope. */
export type Config = Live<AIMRuntimeConfig | AIMClusterRuntimeConfig>;

export interface ConfigFault {
  readonly reason: KnownReason;
  readonly message: string;
}

/** All faults, what is written wrong before what is not there; nothing else is judged where the schema refuses. */
export function faultsOf(kind: Kind, config: Config, view: View): ConfigFault[] {
  const result = validate(kind, config as Parameters<typeof validate>[1]);
  if (!result.ok) return result.issues.map(describeIssue).map(invalid);
  const spec = config.spec ?? {};
  return [...specFaults(spec).map(invalid), ...missingClass(spec, view)];
}

function invalid(message: string): ConfigFault {
  return { reason: "InvalidSpec", message };
}

/** One check for each field in which more can be wrong than the schema sees. */
function specFaults(spec: RuntimeConfigSpec): string[] {
  const { env = [], labelPropagation, routing } = spec;
  return [
    ...storageFaults(spec),
    ...gatewayFaults(routing?.gatewayRef),
    ...pathFaults(routing?.pathTemplate),
    ...timeoutFaults(routing?.requestTimeout),
    ...unusable(spec).map(describeIssue),
    ...env.flatMap((entry, at) => engineArgsFaults(entry, `spec.env[${at}]`)).map(describeIssue),
    ...patternFaults(labelPropagation?.match),
  ];
}

/** The field that counts, with the class that it names. */
function storageClassOf({ storage, defaultStorageClassName: old }: RuntimeConfigSpec) {
  return storage?.defaultStorageClassName === undefined
    ? { path: "spec.defaultStorageClassName", name: old ?? "" }
    : { path: "spec.storage.defaultStorageClassName", name: storage.defaultStorageClassName };
}

function storageFaults(spec: RuntimeConfigSpec): string[] {
  const { path, name } = storageClassOf(spec);
  const problem = name === "" ? undefined : subdomainProblem(name);
  if (problem === undefined) return [];
  const message = `is no name of a storage class: ${problem}`;
  return [
    describeIssue({
      path,
      value: name,
      message,
      remedy: "write the name of a class, see kubectl get storageclass",
    }),
  ];
}

function missingClass(spec: RuntimeConfigSpec, view: View): ConfigFault[] {
  const { path, name } = storageClassOf(spec);
  if (name === "" || subdomainProblem(name) !== undefined) return [];
  // Where no class can be read, nobody knows.
  if (outOfReach(view, storageClasses) !== undefined) return [];
  if (view.get(storageClasses, undefined, name) !== undefined) return [];
  const message =
    "this cluster has no such storage class, so claims for weights stay unbound unless volumes of that class " +
    "were made by hand";
  const remedy = 'make the class, name one of kubectl get storageclass, or write "" for the default class';
  return [{ reason: "ReferenceNotFound", message: describeIssue({ path, value: name, message, remedy }) }];
}

function gatewayFaults(gatewayRef: NonNullable<RuntimeConfigSpec["routing"]>["gatewayRef"]): string[] {
  const fault = gatewayRef && parentKindFault(gatewayRef);
  return fault === undefined
    ? []
    : [`spec.routing.gatewayRef.kind ${JSON.stringify(gatewayRef?.kind ?? "Gateway")} ${fault}`];
}

function pathFaults(template: string | undefined): string[] {
  const fault = template === undefined ? undefined : templateFault(template);
  if (fault === undefined) return [];
  return [
    `spec.routing.pathTemplate: ${fault}; every {…} must be a JSONPath to one value of an AIMService, like ` +
    "/{.metadata.namespace}/{.metadata.name}",
  ];
}

function timeoutFaults(timeout: string | undefined): string[] {
  const { error } = timeout === undefined ? {} : gatewayTimeout(timeout, "this config");
  return error === undefined ? [] : [error];
}

function patternFaults(match: readonly string[] = []): string[] {
  const path = "spec.labelPropagation.match";
  const faults = match.slice(0, patternLimits.patterns).flatMap((pattern, at) => {
    const fault = patternFault(pattern);
    return fault === undefined ? [] : [`${path}[${at}] ${shown(JSON.stringify(pattern))} ${fault}`];
  });
  if (match.length <= patternLimits.patterns) return faults;
  return [
    ...faults,
    `${path} has ${match.length} patterns, and only the first ${patternLimits.patterns} count; write fewer, with *`,
  ];
}
