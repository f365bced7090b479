/** The checks of the Pod Security Standards, in the original's order and words. */
import { at, type JsonObject } from "../../json.ts";
import { containersOf, initContainersOf, items } from "../pod_amounts.ts";
import type { Standard } from "./policy.ts";

/** What a pod breaks: in a word, and which of its parts. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

interface Check {
  readonly level: "baseline" | "restricted";
  /** From this minor version on. */
  readonly since?: number;
  /** A looser check of the baseline, in whose place it is. */
  readonly insteadOf?: string;
  /** @param version minor version of the standard */
  violation(spec: JsonObject, metadata: JsonObject, version: number): Violation | undefined;
}

/** The newest version that changes anything: later ones are the same. */
const newest = 35;

/** What a pod breaks of a standard. Versions before 1.19 are judged as that one. */
export function violations(
  { level, version }: Standard,
  metadata: JsonObject,
  spec: JsonObject,
): Violation[] {
  if (level === "privileged") return [];
  const minor = version === "latest" ? newest : Math.min(version, newest);
  const asked = ordered.filter(([, check]) =>
    (check.since ?? 0) <= minor && (level === "restricted" || check.level === "baseline")
  );
  const replaced = asked.map(([, { insteadOf }]) => insteadOf);
  return asked.filter(([id]) => !replaced.includes(id))
    .flatMap(([, check]) => check.violation(spec, metadata, minor) ?? []);
}

/** As a refusal says it. */
export function shownViolations(found: readonly Violation[]): string {
  return found.map(({ reason, detail }) => `${reason} (${detail})`).join(", ");
}

const quote = (texts: readonly string[]) => texts.map((text) => `"${text}"`).join(", ");
const plural = (one: string, many: readonly unknown[], more = `${one}s`) => many.length === 1 ? one : more;
const sorted = (texts: Iterable<unknown>) => [...new Set([...texts].map(String))].sort();
const named = (things: readonly JsonObject[]) => things.map(({ name }) => String(name));
const isWindows = (spec: JsonObject) => at(spec, "os", "name") === "windows";
/** Root in a user namespace of its own is nobody outside. */
const isApart = (spec: JsonObject) => spec.hostUsers === false;

function allContainers(spec: JsonObject): JsonObject[] {
  return [...initContainersOf(spec), ...containersOf(spec), ...items(spec.ephemeralContainers)];
}

function secured(container: JsonObject, ...path: string[]): unknown {
  return at(container, "securityContext", ...path);
}

function theContainers(containers: readonly JsonObject[]): string {
  return `${plural("container", containers)} ${quote(named(containers))}`;
}

/** `pod and containers "a", "b"`: who says what is not allowed. */
function setters(pod: boolean, containers: readonly JsonObject[]): string {
  return [...pod ? ["pod"] : [], ...containers.length > 0 ? [theContainers(containers)] : []].join(" and ");
}

const freeCapabilities = new Set([
  ..."AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID"
    .split(" "),
  "SYS_CHROOT",
]);

function capabilities(container: JsonObject, what: "add" | "drop"): string[] {
  return (secured(container, "capabilities", what) ?? []) as string[];
}

const safeSysctls: readonly [since: number, names: readonly string[]][] = [
  [0, [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
  ]],
  [27, ["net.ipv4.ip_local_reserved_ports"]],
  [29, [
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
  ]],
  [32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]],
];

const freeVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** As the original names the sort of a volume. */
function sortOfVolume(volume: JsonObject): string {
  return Object.keys(volume).find((key) => key !== "name") ?? "unknown";
}

function hosts(handler: unknown): string[] {
  return ["httpGet", "tcpSocket"].map((kind) => at(handler, kind, "host"))
    .filter((host): host is string => typeof host === "string" && host !== "");
}

function hostsOf(container: JsonObject): string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    at(lifecycle, "postStart"),
    at(lifecycle, "preStop"),
  ];
  return handlers.flatMap(hosts);
}

function badProcMounts(spec: JsonObject): Violation | undefined {
  const bad = allContainers(spec).filter((each) =>
    ![undefined, "Default"].includes(secured(each, "procMount") as string | undefined)
  );
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((each) => secured(each, "procMount")));
  const detail = `${theContainers(bad)} must not set securityContext.procMount to ${quote(types)}`;
  return { reason: "procMount", detail };
}

const safeProfiles = ["Localhost", "RuntimeDefault"];

/** A profile that is named, and is none of the safe ones. */
function unsafeProfiles(spec: JsonObject, field: "seccompProfile" | "appArmorProfile") {
  const isUnsafe = (context: unknown) => {
    const type = at(context, field, "type");
    return type !== undefined && !safeProfiles.includes(String(type));
  };
  const pod = isUnsafe(spec.securityContext);
  const containers = allContainers(spec).filter((each) => isUnsafe(each.securityContext));
  const types = sorted(
    [...pod ? [spec.securityContext] : [], ...containers.map((each) => each.securityContext)]
      .map((context) => at(context, field, "type")),
  );
  return { who: setters(pod, containers), types };
}

function unsafeSeccomp(spec: JsonObject): Violation | undefined {
  const { who, types } = unsafeProfiles(spec, "seccompProfile");
  if (who === "") return undefined;
  const detail = `${who} must not set securityContext.seccompProfile.type to ${quote(types)}`;
  return { reason: "seccompProfile", detail };
}

const checks: Readonly<Record<string, Check>> = {
  allowPrivilegeEscalation: {
    level: "restricted",
    since: 8,
    violation(spec, _, version) {
      const bad = allContainers(spec).filter((each) => secured(each, "allowPrivilegeEscalation") !== false);
      if (bad.length === 0 || version >= 25 && isWindows(spec)) return undefined;
      return {
        reason: "allowPrivilegeEscalation != false",
        detail: `${theContainers(bad)} must set securityContext.allowPrivilegeEscalation=false`,
      };
    },
  },
  appArmorProfile: {
    level: "baseline",
    violation(spec, metadata) {
      const { who, types } = unsafeProfiles(spec, "appArmorProfile");
      const annotations = Object.entries((metadata.annotations ?? {}) as Record<string, string>)
        .filter(([key, value]) =>
          key.startsWith("container.apparmor.security.beta.kubernetes.io/") && value !== "" &&
          value !== "runtime/default" && !value.startsWith("localhost/")
        )
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort();
      const bad = [...types, ...annotations];
      if (who === "" && annotations.length === 0) return undefined;
      const all = [
        ...who === "" ? [] : [who],
        ...annotations.length > 0 ? [plural("annotation", annotations)] : [],
      ];
      return {
        reason: plural("forbidden AppArmor profile", bad),
        detail: `${all.join(" and ")} must not set AppArmor profile type to ${quote(bad)}`,
      };
    },
  },
  capabilities_baseline: {
    level: "baseline",
    violation(spec) {
      const unusual = (each: JsonObject) =>
        capabilities(each, "add").filter((name) => !freeCapabilities.has(name));
      const bad = allContainers(spec).filter((each) => unusual(each).length > 0);
      if (bad.length === 0) return undefined;
      const names = quote(sorted(bad.flatMap(unusual)));
      return {
        reason: "non-default capabilities",
        detail: `${theContainers(bad)} must not include ${names} in securityContext.capabilities.add`,
      };
    },
  },
  capabilities_restricted: {
    level: "restricted",
    since: 22,
    insteadOf: "capabilities_baseline",
    violation(spec, _, version) {
      if (version >= 25 && isWindows(spec)) return undefined;
      const more = (each: JsonObject) =>
        capabilities(each, "add").filter((name) => name !== "NET_BIND_SERVICE");
      const keeping = allContainers(spec).filter((each) => !capabilities(each, "drop").includes("ALL"));
      const adding = allContainers(spec).filter((each) => more(each).length > 0);
      const details = [
        ...keeping.length > 0
          ? [`${theContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`]
          : [],
        ...adding.length > 0
          ? [
            `${theContainers(adding)} must not include ${quote(sorted(adding.flatMap(more)))} ` +
            "in securityContext.capabilities.add",
          ]
          : [],
      ];
      return details.length === 0
        ? undefined
        : { reason: "unrestricted capabilities", detail: details.join("; ") };
    },
  },
  hostNamespaces: {
    level: "baseline",
    violation(spec) {
      const shared = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => spec[name] === true);
      if (shared.length === 0) return undefined;
      return { reason: "host namespaces", detail: shared.map((name) => `${name}=true`).join(", ") };
    },
  },
  hostPathVolumes: {
    level: "baseline",
    violation(spec) {
      const bad = items(spec.volumes).filter(({ hostPath }) => hostPath !== undefined);
      if (bad.length === 0) return undefined;
      return { reason: "hostPath volumes", detail: `${plural("volume", bad)} ${quote(named(bad))}` };
    },
  },
  hostPorts: {
    level: "baseline",
    violation(spec) {
      const portsOf = (each: JsonObject) => items(each.ports).map(({ hostPort }) => hostPort).filter(Boolean);
      const bad = allContainers(spec).filter((each) => portsOf(each).length > 0);
      if (bad.length === 0) return undefined;
      const ports = sorted(bad.flatMap(portsOf));
      const uses = plural("uses", bad, "use");
      return {
        reason: "hostPort",
        detail: `${theContainers(bad)} ${uses} ${plural("hostPort", ports)} ${ports.join(", ")}`,
      };
    },
  },
  hostProbesAndHostLifecycle: {
    level: "baseline",
    since: 34,
    violation(spec) {
      const bad = allContainers(spec).filter((each) => hostsOf(each).length > 0);
      if (bad.length === 0) return undefined;
      const found = sorted(bad.flatMap(hostsOf));
      const names = sorted(named(bad));
      return {
        reason: "probe or lifecycle host",
        detail: `${plural("container", names)} ${quote(names)} ${plural("uses", names, "use")} ` +
          `${plural("probe or lifecycle host", found)} ${quote(found)}`,
      };
    },
  },
  privileged: {
    level: "baseline",
    violation(spec) {
      const bad = allContainers(spec).filter((each) => secured(each, "privileged") === true);
      if (bad.length === 0) return undefined;
      const detail = `${theContainers(bad)} must not set securityContext.privileged=true`;
      return { reason: "privileged", detail };
    },
  },
  procMount: {
    level: "baseline",
    violation: (spec, _, version) => version >= 35 && isApart(spec) ? undefined : badProcMounts(spec),
  },
  procMount_restricted: {
    level: "restricted",
    since: 35,
    insteadOf: "procMount",
    violation: badProcMounts,
  },
  restrictedVolumes: {
    level: "restricted",
    insteadOf: "hostPathVolumes",
    violation(spec) {
      const bad = items(spec.volumes).filter((volume) =>
        !freeVolumes.some((sort) => volume[sort] !== undefined)
      );
      if (bad.length === 0) return undefined;
      const sorts = sorted(bad.map(sortOfVolume));
      return {
        reason: "restricted volume types",
        detail: `${plural("volume", bad)} ${quote(named(bad))} ${plural("uses", bad, "use")} ` +
          `${plural("restricted volume type", sorts)} ${quote(sorts)}`,
      };
    },
  },
  runAsNonRoot: {
    level: "restricted",
    violation(spec, _, version) {
      if (version >= 35 && isApart(spec)) return undefined;
      const pod = at(spec.securityContext, "runAsNonRoot");
      const asRoot = allContainers(spec).filter((each) => secured(each, "runAsNonRoot") === false);
      const silent = allContainers(spec).filter((each) => secured(each, "runAsNonRoot") === undefined);
      const reason = "runAsNonRoot != true";
      const who = setters(pod === false, asRoot);
      if (who !== "") return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
      if (pod === true || silent.length === 0) return undefined;
      return { reason, detail: `pod or ${theContainers(silent)} must set securityContext.runAsNonRoot=true` };
    },
  },
  runAsUser: {
    level: "restricted",
    since: 23,
    violation(spec, _, version) {
      if (version >= 35 && isApart(spec)) return undefined;
      const who = setters(
        at(spec.securityContext, "runAsUser") === 0,
        allContainers(spec).filter((each) => secured(each, "runAsUser") === 0),
      );
      return who === "" ? undefined : { reason: "runAsUser=0", detail: `${who} must not set runAsUser=0` };
    },
  },
  seLinuxOptions: {
    level: "baseline",
    violation(spec, _, version) {
      const free = ["container_t", "container_init_t", "container_kvm_t"];
      if (version >= 31) free.push("container_engine_t");
      const optionsOf = (holder: unknown) =>
        (at(holder, "securityContext", "seLinuxOptions") ?? {}) as JsonObject;
      const isBad = (holder: unknown) => {
        const { type, user, role } = optionsOf(holder);
        return Boolean(type) && !free.includes(String(type)) || Boolean(user) || Boolean(role);
      };
      const bad = allContainers(spec).filter(isBad);
      const who = setters(isBad(spec), bad);
      if (who === "") return undefined;
      const options = [...isBad(spec) ? [spec] : [], ...bad].map(optionsOf);
      const types = sorted(
        options.map(({ type }) => type).filter((type) => type && !free.includes(String(type))),
      );
      const data = [
        ...types.length > 0 ? [`${plural("type", types)} ${quote(types)}`] : [],
        ...["user", "role"].filter((name) => options.some((each) => each[name]))
          .map((name) => `${name} may not be set`),
      ];
      const detail = `${who} set forbidden securityContext.seLinuxOptions: ${data.join("; ")}`;
      return { reason: "seLinuxOptions", detail };
    },
  },
  seccompProfile_baseline: { level: "baseline", violation: unsafeSeccomp },
  seccompProfile_restricted: {
    level: "restricted",
    insteadOf: "seccompProfile_baseline",
    violation(spec, _, version) {
      if (version >= 25 && isWindows(spec)) return undefined;
      const unsafe = unsafeSeccomp(spec);
      if (unsafe !== undefined) return unsafe;
      const silent = allContainers(spec).filter((each) => secured(each, "seccompProfile") === undefined);
      if (silent.length === 0 || at(spec.securityContext, "seccompProfile") !== undefined) return undefined;
      return {
        reason: "seccompProfile",
        detail: `pod or ${theContainers(silent)} must set securityContext.seccompProfile.type to ` +
          `"RuntimeDefault" or "Localhost"`,
      };
    },
  },
  sysctls: {
    level: "baseline",
    violation(spec, _, version) {
      const safe = safeSysctls.filter(([since]) => since <= version).flatMap(([, names]) => names);
      const bad = named(items(at(spec.securityContext, "sysctls"))).filter((name) => !safe.includes(name));
      return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") };
    },
  },
  windowsHostProcess: {
    level: "baseline",
    violation(spec) {
      const isHosts = (holder: unknown) =>
        at(holder, "securityContext", "windowsOptions", "hostProcess") === true;
      const who = setters(isHosts(spec), allContainers(spec).filter(isHosts));
      if (who === "") return undefined;
      const detail = `${who} must not set securityContext.windowsOptions.hostProcess=true`;
      return { reason: "hostProcess", detail };
    },
  },
};

const byId = (a: [string, Check], b: [string, Check]) => a[0] < b[0] ? -1 : 1;
const all = Object.entries(checks).sort(byId);
const ordered = (["baseline", "restricted"] as const).flatMap((level) =>
  all.filter(([, check]) => check.level === level)
);
