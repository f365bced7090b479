/** What is refused of Services and NetworkPolicies. */
import { equalJson } from "../../kube/json/equal.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { forbiddenValue, invalidValue, requiredValue } from "../schema/field_error.ts";
import {
  address,
  cidr,
  duplicate,
  each,
  type Errors,
  label,
  labels,
  listOf,
  none,
  objectOf,
  oneOf,
  port,
  portOrName,
  selector,
  subdomain,
  unique,
} from "./values.ts";

/** Where Services get their addresses. */
export const serviceRange = "10.96.0.0/16";

export function serviceErrors(object: JsonObject, old?: JsonObject): Errors {
  const spec = objectOf(object.spec);
  const { type, ports, externalName } = spec;
  const headless = at(spec, "clusterIP") === "None";
  return [
    ...listOf(ports).length === 0 && !headless && type !== "ExternalName"
      ? [requiredValue("spec.ports")]
      : none,
    ...each("spec.ports", ports, (said, path) => servicePort(said, path, listOf(ports).length > 1, type)),
    ...unique("spec.ports", listOf(ports).map(({ name }) => name)),
    ...doubledPorts(listOf(ports)),
    ...labels("spec.selector", spec.selector),
    ...oneOf("spec.sessionAffinity", spec.sessionAffinity, ["ClientIP", "None"]),
    ...oneOf("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
    ...type === "ExternalName"
      ? externalName ? subdomain("spec.externalName", externalName) : [requiredValue("spec.externalName")]
      : none,
    ...listOf(spec.externalIPs).flatMap((ip, i) => address(`spec.externalIPs[${i}]`, ip)),
    ...spec.clusterIP && spec.clusterIPs === undefined ? [requiredValue("spec.clusterIPs")] : none,
    ...clusterAddress(spec, old),
    ...type !== "LoadBalancer" && listOf(at(object, "status", "loadBalancer", "ingress")).length > 0
      ? [forbiddenValue("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")]
      : none,
  ];
}

function servicePort(said: JsonObject, path: string, several: boolean, type: unknown): Errors {
  const { name, targetPort, protocol, nodePort } = said;
  return [
    ...name ? label(`${path}.name`, name) : several ? [requiredValue(`${path}.name`)] : none,
    ...port(`${path}.port`, said.port ?? 0),
    ...oneOf(`${path}.protocol`, protocol, ["SCTP", "TCP", "UDP"]),
    ...portOrName(`${path}.targetPort`, targetPort),
    ...nodePort && (type === "ClusterIP" || type === undefined)
      ? [forbiddenValue(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : none,
  ];
}

/** Ports of the same number and protocol. */
function doubledPorts(ports: readonly JsonObject[]): Errors {
  const seen = new Set<string>();
  return ports.flatMap(({ protocol, port: number }, i) => {
    const key = `${number}/${protocol}`;
    if (!seen.has(key)) return seen.add(key), [];
    const value = {
      Name: "",
      Protocol: protocol,
      AppProtocol: null,
      Port: number,
      TargetPort: 0,
      NodePort: 0,
    };
    return [duplicate(`spec.ports[${i}]`, value)];
  });
}

function clusterAddress({ clusterIP, clusterIPs, type }: JsonObject, old?: JsonObject): Errors {
  const said = listOf(clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP])) as unknown as string[];
  const before = at(old, "spec", "clusterIP");
  if (
    before && clusterIP !== before && type !== "ExternalName" && at(old, "spec", "type") !== "ExternalName"
  ) {
    return [invalidValue("spec.clusterIPs[0]", [clusterIP ?? ""], "may not change once set")];
  }
  const [ip] = said;
  if (ip === undefined || ip === "None" || ip === "") return none;
  const wrong = address("spec.clusterIPs[0]", ip);
  if (wrong.length > 0 || ip.startsWith("10.96.")) return wrong;
  const why = `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. ` +
    `The range of valid IPs is ${serviceRange}`;
  return [invalidValue("spec.clusterIPs", said, why)];
}

/** An update is looked at twice by the original, which names each fault as often. */
export function networkPolicyErrors({ spec }: JsonObject, old?: JsonObject): Errors {
  const { podSelector, ingress, egress, policyTypes } = objectOf(spec);
  const peers = (name: string) => (rule: JsonObject, path: string): Errors => [
    ...each(
      `${path}.ports`,
      rule.ports,
      (said, at) => said.port === undefined ? none : portOrName(`${at}.port`, said.port),
    ),
    ...each(`${path}.${name}`, rule[name], peerErrors),
  ];
  const found = [
    ...selector("spec.podSelector", podSelector),
    ...each("spec.ingress", ingress, peers("from")),
    ...each("spec.egress", egress, peers("to")),
    ...listOf(policyTypes).flatMap((type, i) => oneOf(`spec.policyTypes[${i}]`, type, ["Ingress", "Egress"])),
  ];
  return old === undefined ? found : [...found, ...found];
}

function peerErrors({ podSelector, namespaceSelector, ipBlock }: JsonObject, path: string): Errors {
  if (![podSelector, namespaceSelector, ipBlock].some(isObject)) {
    return [requiredValue(path, "must specify a peer")];
  }
  return [
    ...selector(`${path}.podSelector`, podSelector),
    ...selector(`${path}.namespaceSelector`, namespaceSelector),
    ...isObject(ipBlock) ? cidr(`${path}.ipBlock.cidr`, ipBlock.cidr ?? "") : none,
    ...isObject(ipBlock) && (isObject(podSelector) || isObject(namespaceSelector))
      ? [forbiddenValue(path, "may not specify both ipBlock and another peer")]
      : none,
  ];
}

/** Whether a Service keeps its address over an update that says none. */
export function keepAddress(object: JsonObject, old: JsonObject): void {
  const [spec, before] = [objectOf(object.spec), objectOf(old.spec)];
  if (spec.type === "ExternalName" || before.type === "ExternalName") return;
  if (spec === before) return;
  const next: JsonObject = { ...spec };
  for (const name of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
    if (spec[name] === undefined && before[name] !== undefined) next[name] = before[name];
  }
  if (Array.isArray(spec.ports)) {
    next.ports = listOf(spec.ports).map((said) => {
      if (said.nodePort !== undefined || spec.type === "ClusterIP") return said;
      const was = listOf(before.ports).find((each) =>
        equalJson([each.port, each.protocol], [said.port, said.protocol])
      );
      return was?.nodePort === undefined ? said : { ...said, nodePort: was.nodePort };
    });
  }
  object.spec = next;
}
