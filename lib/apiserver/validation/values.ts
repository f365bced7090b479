/** Checks of single values, in the words of the original. Each gives what is wrong, as a list. */
import {
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  parseQuantity,
} from "../../api/values/quantity.ts";
import { isObject, type JsonObject } from "../json.ts";
import {
  type FieldError,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from "../schema/field_error.ts";
import {
  labelNameProblem,
  labelValueProblem,
  qualifiedNameProblem,
  subdomainProblem,
} from "../../kube/names.ts";

export type Errors = readonly FieldError[];

export const none: Errors = [];

export function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value as JsonObject[] : [];
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** A value as the original's inner structures print it: each of these fields by its name in Go, null where nothing is said. */
export function asGo(value: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.map((name) => [
    name === "seLinuxOptions" ? "SELinuxOptions" : name[0].toUpperCase() + name.slice(1),
    value[name] ?? null,
  ]));
}

/** The errors of each item of a list, at `path[i]`. */
export function each(
  path: string,
  value: unknown,
  errorsOf: (item: JsonObject, path: string, i: number) => Errors,
): Errors {
  return listOf(value).flatMap((item, i) => errorsOf(item, `${path}[${i}]`, i));
}

export function present(path: string, value: unknown, why = ""): Errors {
  const missing = value === undefined || value === null || value === "" ||
    Array.isArray(value) && value.length === 0;
  return missing ? [requiredValue(path, why)] : none;
}

export function atLeast(path: string, value: unknown, least: number): Errors {
  if (value === undefined || value === null || Number(value) >= least) return none;
  return [invalidValue(path, value, `must be greater than or equal to ${least}`)];
}

export function above(path: string, value: unknown, limit: number): Errors {
  if (value === undefined || value === null || Number(value) > limit) return none;
  return [invalidValue(path, value, `must be greater than ${limit}`)];
}

export function between(path: string, value: unknown, least: number, most: number): Errors {
  if (value === undefined || value === null || Number(value) >= least && Number(value) <= most) return none;
  return [invalidValue(path, value, `must be between ${least} and ${most}, inclusive`)];
}

/** One of some words. One that is missing is none of them, unless it may be. */
export function oneOf(path: string, value: unknown, words: readonly string[], optional = true): Errors {
  if (value === undefined || value === null || value === "") return optional ? none : [requiredValue(path)];
  return words.includes(value as string) ? none : [unsupportedValue(path, value, words)];
}

function checked(path: string, value: unknown, problemOf: (text: string) => string | undefined): Errors {
  const problem = problemOf(String(value ?? ""));
  return problem === undefined ? none : [invalidValue(path, value ?? "", problem)];
}

export const label = (path: string, value: unknown): Errors => checked(path, value, labelNameProblem);
export const subdomain = (path: string, value: unknown): Errors => checked(path, value, subdomainProblem);

/** A qualified name; of an empty one the original says two things. */
export function qualifiedName(path: string, value: unknown): Errors {
  const found = checked(path, value, qualifiedNameProblem);
  if (value !== undefined && value !== "" || found.length !== 1) return found;
  const problem = qualifiedNameProblem("-")!;
  return [invalidValue(path, "", "name part must be non-empty"), invalidValue(path, "", problem)];
}

export function labels(path: string, value: unknown): Errors {
  return Object.entries(objectOf(value)).flatMap(([key, item]) => [
    ...checked(path, key, qualifiedNameProblem),
    ...checked(path, item, labelValueProblem),
  ]);
}

export function labelValue(path: string, value: unknown): Errors {
  return checked(path, value, labelValueProblem);
}

export const port = (path: string, value: unknown): Errors => between(path, value, 1, 65535);

/** A port's name: short, and no number. */
export function portName(path: string, value: unknown): Errors {
  const name = String(value ?? "");
  if (name.length > 15) return [invalidValue(path, name, "must be no more than 15 characters")];
  if (!/^[-a-z0-9]+$/.test(name)) {
    return [
      invalidValue(path, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
    ];
  }
  if (!/[a-z]/.test(name)) return [invalidValue(path, name, "must contain at least one letter (a-z)")];
  if (name.includes("--")) return [invalidValue(path, name, "must not contain consecutive hyphens")];
  return /^-|-$/.test(name) ? [invalidValue(path, name, "must not begin or end with a hyphen")] : none;
}

/** A port by number or by name. */
export function portOrName(path: string, value: unknown): Errors {
  return typeof value === "string" ? portName(path, value) : port(path, value);
}

/** A number or a percentage, as rollouts and budgets have it. */
export function countOrPercent(path: string, value: unknown): Errors {
  if (value === undefined || value === null) return none;
  if (typeof value === "number") return atLeast(path, value, 0);
  if (/^\d+%$/.test(String(value))) return none;
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', " +
    "regex used for validation is '[0-9]+%')";
  return [invalidValue(path, value, why)];
}

export function atMostAll(path: string, value: unknown): Errors {
  const percent = /^(\d+)%$/.exec(String(value ?? ""));
  return percent === null || Number(percent[1]) <= 100
    ? none
    : [invalidValue(path, value, "must not be greater than 100%")];
}

/** Later items with a value that an earlier one has. */
export function unique(
  path: string,
  values: readonly unknown[],
  at: (i: number) => string = (i) => `${path}[${i}].name`,
): Errors {
  const seen = new Set<unknown>();
  return values.flatMap((value, i) => {
    if (value === undefined || value === "") return [];
    if (!seen.has(value)) return seen.add(value), [];
    return [duplicate(at(i), value)];
  });
}

export function duplicate(path: string, value: unknown): FieldError {
  return { type: "FieldValueDuplicate", field: path, detail: `Duplicate value: ${JSON.stringify(value)}` };
}

export function notFoundValue(path: string, value: unknown): FieldError {
  return { type: "FieldValueNotFound", field: path, detail: `Not found: ${JSON.stringify(value)}` };
}

export function address(path: string, value: unknown): Errors {
  const text = String(value);
  const parts = text.split(".");
  const isV4 = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  if (isV4 || text.includes(":") && URL.canParse(`http://[${text}]/`)) return none;
  return [invalidValue(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
}

export function cidr(path: string, value: unknown): Errors {
  const [, base, bits] = /^(.*)\/(\d+)$/.exec(String(value)) ?? [];
  const most = base?.includes(":") ? 128 : 32;
  if (base !== undefined && address(path, base).length === 0 && Number(bits) <= most) return none;
  return [invalidValue(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")];
}

/** A quantity that is not negative. @param whole whether only whole numbers will do */
export function quantity(path: string, value: unknown, { whole = false, positive = false } = {}): Errors {
  if (!isQuantity(value)) return none;
  const read = parseQuantity(value);
  const text = canonicalQuantity(value);
  if (positive && read.nano <= 0n) return [invalidValue(path, text, "must be greater than zero")];
  if (read.nano < 0n) return [invalidValue(path, text, "must be greater than or equal to 0")];
  if (whole && read.nano % 1_000_000_000n !== 0n) return [invalidValue(path, text, "must be an integer")];
  return none;
}

/** Whether one quantity is more than another. */
export function isMore(a: unknown, b: unknown): boolean {
  if (!isQuantity(a) || !isQuantity(b)) return false;
  return compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;
}

/** A selector by labels and expressions. */
export function selector(path: string, value: unknown): Errors {
  const { matchLabels, matchExpressions } = objectOf(value);
  return [
    ...labels(`${path}.matchLabels`, matchLabels),
    ...each(`${path}.matchExpressions`, matchExpressions, ({ key, operator, values }, at) => [
      ...operator === "In" || operator === "NotIn"
        ? present(`${at}.values`, values, "must be specified when `operator` is 'In' or 'NotIn'")
        : operator === "Exists" || operator === "DoesNotExist"
        ? listOf(values).length > 0
          ? [
            forbiddenValue(
              `${at}.values`,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          ]
          : none
        : [invalidValue(`${at}.operator`, operator ?? "", "not a valid selector operator")],
      ...checked(`${at}.key`, key, qualifiedNameProblem),
    ]),
  ];
}

/** Whether labels fit a selector that is well formed. */
export function selects(value: unknown, of: unknown): boolean {
  const { matchLabels, matchExpressions } = objectOf(value);
  const there = objectOf(of);
  return Object.entries(objectOf(matchLabels)).every(([key, item]) => there[key] === item) &&
    listOf(matchExpressions).every(({ key, operator, values }) => {
      const has = Object.hasOwn(there, String(key));
      const among = listOf(values).includes(there[String(key)] as JsonObject);
      if (operator === "Exists") return has;
      if (operator === "DoesNotExist") return !has;
      return operator === "In" ? has && among : !has || !among;
    });
}
