/** Which Pod Security Standard a namespace wants of its pods, by its labels. */
import { type FieldError, invalidValue } from "../../schema/field_error.ts";

export type Level = "privileged" | "baseline" | "restricted";

/** A standard in a version: the minor one of Kubernetes, or the newest. */
export interface Standard {
  readonly level: Level;
  readonly version: number | "latest";
}

/** What is refused, and what is warned of. What would be noted in an audit log nobody asks for here. */
export interface Policy {
  readonly enforce: Standard;
  readonly warn: Standard;
}

const levels: readonly Level[] = ["privileged", "baseline", "restricted"];
const prefix = "pod-security.kubernetes.io/";

/** `restricted:v1.30`, as refusals name it. */
export function nameOfStandard({ level, version }: Standard): string {
  return `${level}:${version === "latest" ? version : `v1.${version}`}`;
}

/** Above 0 where the first is the stricter one. */
export function compareLevels(a: Level, b: Level): number {
  return levels.indexOf(a) - levels.indexOf(b);
}

/**
 * What labels ask for, and what is wrong with them. What cannot be read is taken for the strictest where it is enforced,
 * else for the loosest.
 */
export function policyOf(labels: Readonly<Record<string, string>> = {}): {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
} {
  const errors: FieldError[] = [];
  const wrong = (label: string, why: string) => {
    errors.push(invalidValue(`metadata.labels[${label}]`, labels[label], why));
    return undefined;
  };
  const levelOf = (mode: string): Level | undefined => {
    const said = labels[prefix + mode];
    if (said === undefined || levels.includes(said as Level)) return said as Level | undefined;
    return wrong(prefix + mode, `must be one of ${levels.join(", ")}`);
  };
  const versionOf = (mode: string): Standard["version"] | undefined => {
    const label = `${prefix}${mode}-version`;
    const said = labels[label];
    if (said === undefined || said === "latest") return said;
    const minor = /^v1\.(0|[1-9]\d*)$/.exec(said)?.[1];
    return minor === undefined ? wrong(label, 'must be "latest" or "v1.x"') : Number(minor);
  };
  const has = (name: string) => labels[prefix + name] !== undefined;
  const level = levelOf("enforce");
  const enforce: Standard = {
    level: level ?? (has("enforce") ? "restricted" : "privileged"),
    version: versionOf("enforce") ?? "latest",
  };
  levelOf("audit");
  versionOf("audit");
  const warn: Standard = {
    level: levelOf("warn") ?? "privileged",
    version: versionOf("warn") ?? "latest",
  };
  const follows = !has("warn") && level !== undefined && compareLevels(level, warn.level) > 0;
  return {
    policy: {
      enforce,
      warn: follows ? { level, version: has("warn-version") ? warn.version : enforce.version } : warn,
    },
    errors,
  };
}
