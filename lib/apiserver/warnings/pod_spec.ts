/** What of the spec of a pod is taken, and is most likely not what whoever writes it means. */
import { canonicalQuantity, isQuantity, parseQuantity } from "../../api/values/quantity.ts";
import type { JsonObject } from "../json.ts";
import { listOf, objectOf } from "../validation/values.ts";

const ofNodes: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region":
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone":
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type":
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods":
    "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

/** @param path of the spec */
export function podSpecWarnings(spec: unknown, path: string): string[] {
  const said = objectOf(spec);
  const { terminationGracePeriodSeconds: grace } = said;
  const containers = ["initContainers", "containers"].flatMap((name) =>
    listOf(said[name]).map((container, i) => ({ container, at: `${path}.${name}[${i}]` }))
  );
  return [
    ...nodeWarnings(said, path),
    ...twice(said.hostAliases, "ip", `${path}.hostAliases`),
    ...twice(said.imagePullSecrets, "name", `${path}.imagePullSecrets`),
    ...listOf(said.imagePullSecrets).flatMap(({ name }, i) =>
      name ? [] : [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`]
    ),
    ...containers.flatMap(({ container, at }) => containerWarnings(container, at)),
    ...portWarnings(containers),
    ...Number(grace ?? 0) < 0
      ? [
        `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
      ]
      : [],
    ...["podAffinity", "podAntiAffinity"].flatMap((name) => affinityWarnings(said, path, name)),
  ];
}

/** What asks for nodes by labels that they had once. */
function nodeWarnings(spec: JsonObject, path: string): string[] {
  const affinity = objectOf(objectOf(spec.affinity).nodeAffinity);
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const at = `${path}.affinity.nodeAffinity`;
  const terms = [
    ...listOf(objectOf(affinity[required]).nodeSelectorTerms).map((term, i) => ({
      term,
      at: `${at}.${required}.nodeSelectorTerms[${i}]`,
    })),
    ...listOf(affinity[preferred]).map(({ preference }, i) => ({
      term: objectOf(preference),
      at: `${at}.${preferred}[${i}].preference`,
    })),
  ];
  return [
    ...Object.keys(objectOf(spec.nodeSelector)).flatMap((key) =>
      Object.hasOwn(ofNodes, key) ? [`${path}.nodeSelector[${key}]: ${ofNodes[key]}`] : []
    ),
    ...terms.flatMap(({ term, at }) =>
      listOf(term.matchExpressions).flatMap(({ key }, i) =>
        Object.hasOwn(ofNodes, String(key))
          ? [`${at}.matchExpressions[${i}].key: ${key} is ${ofNodes[String(key)]}`]
          : []
      )
    ),
    ...listOf(spec.topologySpreadConstraints).flatMap(({ topologyKey, labelSelector }, i) => {
      const at = `${path}.topologySpreadConstraints[${i}]`;
      const old = Object.hasOwn(ofNodes, String(topologyKey)) ? ofNodes[String(topologyKey)] : undefined;
      return [
        ...old === undefined ? [] : [`${at}.topologyKey: ${topologyKey} is ${old}`],
        ...labelSelector ? [] : [`${at}.labelSelector: ${selectsNothing}`],
      ];
    }),
  ];
}

const selectsNothing = "a null labelSelector results in matching no pod";

function affinityWarnings(spec: JsonObject, path: string, name: string): string[] {
  const affinity = objectOf(objectOf(spec.affinity)[name]);
  const at = `${path}.affinity.${name}`;
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  return [
    ...listOf(affinity[required]).flatMap(({ labelSelector }, i) =>
      labelSelector ? [] : [`${at}.${required}[${i}].labelSelector: ${selectsNothing}`]
    ),
    ...listOf(affinity[preferred]).flatMap(({ podAffinityTerm }, i) =>
      objectOf(podAffinityTerm).labelSelector
        ? []
        : [`${at}.${preferred}[${i}].podAffinityTerm.labelSelector: ${selectsNothing}`]
    ),
  ];
}

/** Items that an earlier one has the key of. */
function twice(list: unknown, key: string, path: string): string[] {
  const seen = new Set<string>();
  return listOf(list).flatMap((item, i) => {
    const value = String(item[key] ?? "");
    if (seen.has(value)) return [`${path}[${i}].${key}: duplicate ${key} ${JSON.stringify(value)}`];
    seen.add(value);
    return [];
  });
}

function containerWarnings({ resources, env }: JsonObject, path: string): string[] {
  const seen = new Set<string>();
  return [
    ...["memory", "ephemeral-storage"].flatMap((name) =>
      ["limits", "requests"].flatMap((list) =>
        fractionWarning(objectOf(objectOf(resources)[list])[name], `${path}.resources.${list}[${name}]`)
      )
    ),
    ...listOf(env).flatMap(({ name, value, valueFrom }, i) => {
      const [named, text, reference] = [String(name ?? ""), String(value ?? ""), `$(${name ?? ""})`];
      if (!seen.has(named)) return seen.add(named), [];
      if (!valueFrom && text !== reference && text.includes(reference)) return [];
      const why = `hides previous definition of ${
        JSON.stringify(named)
      }, which may be dropped when using apply`;
      return [`${path}.env[${i}]: ${why}`];
    }),
  ];
}

/** Nobody has a part of a byte. */
export function fractionWarning(value: unknown, path: string): string[] {
  if (!isQuantity(value) || parseQuantity(value).nano / 1_000_000n % 1_000n === 0n) return [];
  return [`${path}: fractional byte value "${canonicalQuantity(value)}" is invalid, must be an integer`];
}

interface Port {
  readonly at: string;
  readonly hostPort: number;
  readonly hostIP: string;
}

function portWarnings(
  containers: readonly { readonly container: JsonObject; readonly at: string }[],
): string[] {
  const ports = containers.flatMap(({ container, at }) =>
    listOf(container.ports).map((port, i) => ({ port, at: `${at}.ports[${i}]` }))
  );
  const byPort = new Map<string, Port[]>();
  const byName = new Map<string, string>();
  return [
    ...ports.flatMap(({ port: { containerPort, protocol, hostPort, hostIP }, at }) => {
      const port: Port = { at, hostPort: Number(hostPort ?? 0), hostIP: String(hostIP ?? "") };
      const key = `${containerPort}/${protocol}`;
      const others = byPort.get(key) ?? [];
      byPort.set(key, [...others, port]);
      return others.flatMap((other) => sharedPort(port, other));
    }),
    ...ports.flatMap(({ port: { name }, at }) => {
      if (!name) return [];
      const other = byName.get(String(name));
      if (other === undefined) return byName.set(String(name), at), [];
      const why = `services and probes that select ports by name will use ${other}`;
      return [`${at}: duplicate port name ${JSON.stringify(name)} with ${other}, ${why}`];
    }),
  ];
}

function sharedPort(port: Port, other: Port): string[] {
  const sameHost = port.hostPort === other.hostPort;
  const say = (what: string) => [`${port.at}: ${what} port definition with ${other.at}`];
  if (sameHost && port.hostIP === other.hostIP) return say("duplicate");
  if (port.hostPort === 0 || other.hostPort === 0) return say("overlapping");
  return sameHost && (port.hostIP === "") !== (other.hostIP === "") ? say("dangerously ambiguous") : [];
}
