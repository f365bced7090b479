/** What is allowed in a runtime config and seldom meant. It is said in the message of `Ready`, which stays True. */

import { clusterRuntimeConfigs } from "../../lib/cluster/kinds.ts";
import { outOfReach } from "../../lib/cluster/reach.ts";
import { defineQuery, type View } from "../../lib/operator/core/view.ts";
import { isNarrowName } from "../../lib/operator/naming/env_faults.ts";
import { patternLimits } from "../../lib/operator/naming/key_pattern.ts";
import { isOnlyForTools } from "../../lib/operator/naming/labels.ts";
import { deprecation } from "../../lib/operator/runtime_config.ts";
import { hasLooseBraces, isOnePath, placeholders } from "../../lib/routing/mod.ts";
import type { Config } from "./faults.ts";

/** One sentence each, with what to do. */
export function remarksOf(config: Config, view: View): string[] {
  const remarks = [
    deprecation(config),
    literalSecrets(config),
    narrowNames(config),
    overruled(config),
    takenFromDownloads(config),
    looseBraces(config),
    onePath(config),
    pathWithoutNamespace(config),
    noGateway(config, view),
    labelsOff(config, view),
    labelsOfTools(config),
  ];
  return remarks.filter((remark) => remark !== undefined);
}

/** What the cluster's config of the same name adds to a namespace's; where it cannot be read, it may add anything. */
const below = defineQuery<string, { readonly hasGateway: boolean; readonly propagates: boolean }>(
  "clusterConfigBelow",
  (view, name) => {
    if (outOfReach(view, clusterRuntimeConfigs) !== undefined) return { hasGateway: true, propagates: true };
    const spec = view.get(clusterRuntimeConfigs, undefined, name)?.spec;
    return {
      hasGateway: spec?.routing?.gatewayRef !== undefined,
      propagates: spec?.labelPropagation?.enabled === true,
    };
  },
);

const secretName = /TOKEN|SECRET|PASSWORD|ACCESS_KEY/i;

/** §15 Better: every tenant may read a cluster's config. */
function literalSecrets({ metadata: { namespace }, spec }: Config): string | undefined {
  if (namespace !== undefined) return undefined;
  const names = (spec?.env ?? []).filter(({ name, value }) => value && secretName.test(name)).map((
    { name },
  ) => name);
  if (names.length === 0) return undefined;
  return `spec.env shows the value of ${
    names.join(", ")
  } to every tenant; if it is a secret, take it from a Secret of ` +
    "each namespace with valueFrom.secretKeyRef";
}

function narrowNames({ spec }: Config): string | undefined {
  const names = (spec?.env ?? []).map(({ name }) => name).filter((name) => !isNarrowName(name));
  if (names.length === 0) return undefined;
  return `Kubernetes before 1.34 refuses pods with the variable ${
    names.map((name) => JSON.stringify(name)).join(", ")
  }` +
    "; use letters, digits, _, - and ., and begin with no digit";
}

/** §11.2: what a template says of itself precedes a config. */
function overruled({ spec }: Config): string | undefined {
  const names = namesIn(spec, ["AIM_PROFILE_ID", "AIM_METRIC", "AIM_PRECISION", "AIM_MODEL_ID"]);
  return names && `${names} of spec.env gives way to what a template says; set it in template or service`;
}

/** §11.2: a config's variables precede the operator's in download Jobs. */
function takenFromDownloads({ spec }: Config): string | undefined {
  const names = namesIn(spec, [
    "MOUNT_PATH",
    "TARGET_DIR",
    "EXPECTED_SIZE_BYTES",
    "ARTIFACT_NAME",
    "ARTIFACT_NAMESPACE",
  ]);
  return names && `${names} of spec.env replaces what the operator tells each download; remove it`;
}

function namesIn(spec: Config["spec"], wanted: readonly string[]): string | undefined {
  return (spec?.env ?? []).map(({ name }) => name).filter((name) => wanted.includes(name)).join(", ") ||
    undefined;
}

function pathWithoutNamespace({ metadata: { namespace }, spec }: Config): string | undefined {
  const template = spec?.routing?.pathTemplate ?? "";
  if (namespace !== undefined || template === "" || isOnePath(template)) return undefined;
  if (placeholders(template).some((each) => /namespace|uid|labels|annotations/.test(each))) return undefined;
  return `spec.routing.pathTemplate ${
    JSON.stringify(template)
  } gives services of the same name in two namespaces one ` +
    "path, and only one of them gets the requests; put {.metadata.namespace} into it";
}

/** §9.1: what is no placeholder stays as text, of which no brace is left in the path. */
function looseBraces({ spec }: Config): string | undefined {
  const template = spec?.routing?.pathTemplate ?? "";
  if (!hasLooseBraces(template)) return undefined;
  return `spec.routing.pathTemplate ${
    JSON.stringify(template)
  } has a { or } that belongs to no expression and becomes ` +
    "a dash in the path; write expressions like {.metadata.name}, and give every { its }";
}

function onePath({ spec }: Config): string | undefined {
  const template = spec?.routing?.pathTemplate;
  if (template === undefined || !isOnePath(template) || hasLooseBraces(template)) return undefined;
  return `spec.routing.pathTemplate ${
    JSON.stringify(template)
  } gives every service the same path, and only one gets ` +
    "the requests; put {.metadata.name} into it unless one service alone goes by this config";
}

function noGateway({ metadata: { namespace, name }, spec }: Config, view: View): string | undefined {
  if (spec?.routing?.enabled !== true || spec.routing.gatewayRef !== undefined) return undefined;
  if (namespace !== undefined && view.query(below, name).hasGateway) return undefined;
  return "spec.routing.enabled is true without a gateway: a service fails with GatewayNotConfigured unless it names one " +
    `itself${namespace === undefined ? ", or its namespace's config does" : ""}; set spec.routing.gatewayRef`;
}

function labelsOff({ metadata: { namespace, name }, spec }: Config, view: View): string | undefined {
  const { enabled, match = [] } = spec?.labelPropagation ?? {};
  if (match.length === 0 || enabled === true) return undefined;
  // A namespace's config of the same name may switch the cluster's on.
  if (namespace === undefined || view.query(below, name).propagates) return undefined;
  return "spec.labelPropagation.match copies no label while enabled is not true; set spec.labelPropagation.enabled";
}

/** §12 Better: marks of tools are not copied. */
function labelsOfTools({ spec }: Config): string | undefined {
  const patterns = (spec?.labelPropagation?.match ?? []).slice(0, patternLimits.patterns).filter(
    isOnlyForTools,
  );
  if (patterns.length === 0) return undefined;
  return `spec.labelPropagation.match ${
    patterns.map((each) => JSON.stringify(each)).join(", ")
  } copies no label: such ` +
    "keys tell a tool what it has made itself; remove these patterns";
}
