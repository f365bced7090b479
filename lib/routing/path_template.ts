/** The path of a route, rendered from the user's template (services.md §9.1). */
import { aimService, apiVersion, fieldOf } from "../api/mod.ts";
import {
  type Budget,
  evaluateJsonPath,
  JsonPathError,
  JsonPathSyntaxError,
  parseJsonPath,
  type Step,
} from "./json_path.ts";
import { printed } from "./printed.ts";
import { shown } from "./shown.ts";

/** What a template can see of a service. */
export interface Templated {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The path, or why there is none. */
export type RoutePath =
  | { readonly path: string; readonly error?: undefined }
  | { readonly path?: undefined; readonly error: string };

class TemplateError extends Error {}

const placeholder = /\{([^{}]+)\}/g;
const lookup = /^\.metadata\.(labels|annotations)\[(?:'([^']*)'|"([^"]*)")\]$/;
const annotation = /^\.metadata\.annotations\b/;
const longestPath = 200;
const longestSegment = 63;
/** A template whose path fits visits a few hundred. */
const visitsPerTemplate = 100_000;

/**
 * The path under which a service is served: from its template, or `/<namespace>/<uid>` where that is undefined
 * or empty. It is made of `[a-z0-9/-]`, starts with `/` and is at most 200 bytes long.
 */
export function routePath(template: string | undefined, service: Templated): RoutePath {
  try {
    const path = template === undefined || template === ""
      ? defaultPath(service)
      : normalized(rendered(template, service));
    return { path };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

/**
 * Why the template gives no service a path, whatever the service says; undefined if it gives one to some. What depends
 * on the service (a label that is not there, a value that is too long) is no fault of the template.
 */
export function templateFault(template: string): string | undefined {
  if (template === "") return undefined;
  try {
    let placeholders = 0;
    const shortest = template.replace(placeholder, (_, inner: string) => {
      placeholders++;
      demandField(inner.trim());
      return "";
    });
    if (placeholders === 0 || shortest.trim() !== "") normalized(shortest);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

/** Whether the template gives all services one path: it has no placeholder. */
export function isOnePath(template: string): boolean {
  return template !== "" && template.search(placeholder) < 0;
}

/** The expressions of a template, with their braces. */
export function placeholders(template: string): string[] {
  return template.match(placeholder) ?? [];
}

/** Whether there is a brace that belongs to no placeholder: it is text (`{}` too), and as such no part of a path. */
export function hasLooseBraces(template: string): boolean {
  return /[{}]/.test(template.replace(placeholder, ""));
}

/** Throws where an expression does not read, or goes to a field that a service cannot have. */
function demandField(expression: string): void {
  explained(expression, () => {
    if (lookup.test(expression)) return;
    const steps = parseJsonPath(expression);
    const end = steps.findIndex(({ step }) => step !== "field");
    const names = fieldNames(end < 0 ? steps : steps.slice(0, end));
    const found = fieldOf(aimService, names);
    if (found === "absent") throw new JsonPathError(`no ${aimService.kind} has a field .${names.join(".")}`);
    if (end < 0 && (found === "object" || found === "list")) throw notSingle(found);
  });
}

function fieldNames(steps: readonly Step[]): string[] {
  return steps.flatMap((each) => each.step === "field" ? [each.name] : []);
}

function defaultPath({ metadata: { namespace, uid } }: Templated): string {
  if (!namespace || !uid) {
    throw new TemplateError("the default route path needs the namespace and the UID of the service");
  }
  return normalized(`/${namespace}/${uid}`);
}

/** Rules 1 and 2: the template with its placeholders replaced; `{}` is none. */
function rendered(template: string, service: Templated): string {
  const budget = { values: visitsPerTemplate };
  return template.replace(placeholder, (_, inner: string) => {
    const expression = inner.trim();
    const { value, isAnnotation } = evaluated(expression, service, budget);
    return isAnnotation ? value.trim() : sanitized(value.trim());
  });
}

function evaluated(
  expression: string,
  service: Templated,
  budget: Budget,
): { value: string; isAnnotation: boolean } {
  return explained(expression, () => {
    const [, map, single, double] = lookup.exec(expression) ?? [];
    const value = map === "labels" || map === "annotations"
      ? lookedUp(map, single ?? double, service)
      : onlyResult(evaluateJsonPath(parseJsonPath(expression), visible(service), budget));
    return { value, isAnnotation: annotation.test(expression) };
  });
}

/** What fails says of which expression. */
function explained<R>(expression: string, evaluate: () => R): R {
  const fail = (fault: string) =>
    new TemplateError(`failed to evaluate route template "${shown(expression)}": ${shown(fault)}`);
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof TemplateError) throw fail(error.message);
    if (error instanceof JsonPathSyntaxError) throw fail(`invalid jsonpath expression: ${error.message}`);
    if (error instanceof JsonPathError) throw fail(`jsonpath evaluation error: ${error.message}`);
    throw error;
  }
}

/** Keys are taken as they are: they may contain `.` and `/`. */
function lookedUp(map: "labels" | "annotations", key: string, { metadata }: Templated): string {
  const entries = metadata[map];
  if (!entries || !Object.hasOwn(entries, key) || typeof entries[key] !== "string") {
    throw new JsonPathError(`${map === "labels" ? "label" : "annotation"} "${key}" not found`);
  }
  return entries[key];
}

/** A list from the API server gives its items no type of their own. */
function visible({ metadata, spec, status, ...type }: Templated): Record<string, unknown> {
  return {
    apiVersion: type.apiVersion ?? apiVersion,
    kind: type.kind ?? aimService.kind,
    metadata,
    spec,
    status,
  };
}

function onlyResult(results: unknown[]): string {
  if (results.length > 1) throw new TemplateError("jsonpath returned multiple results");
  const [result] = results;
  if (result === undefined || result === null) throw new TemplateError("jsonpath returned no results");
  const text = printed(result);
  if (text === undefined) {
    throw notSingle(Array.isArray(result) ? "list" : "object");
  }
  return text;
}

function notSingle(what: "list" | "object"): TemplateError {
  return new TemplateError(
    `jsonpath returned ${what === "list" ? "a list" : "an object"}, not a single value`,
  );
}

/** Rule 3: lower-case segments between single slashes. */
function normalized(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new TemplateError("route template produced an empty path");
  const path = withoutEnds(trimmed.startsWith("/") ? trimmed : `/${trimmed}`, "/", { start: false });
  demandShort(path);
  const segments = path.split("/").map(sanitized).filter((segment) => segment !== "");
  const clean = `/${segments.join("/")}`;
  demandShort(clean);
  return clean;
}

function demandShort(path: string): void {
  if (new TextEncoder().encode(path).length > longestPath) {
    throw new TemplateError(`route path "${shown(path)}" exceeds 200 characters`);
  }
}

/**
 * A text as (part of) a segment: services.md §1.1 rule 1, but nothing where nothing is left.
 */
function sanitized(text: string): string {
  const dashed = lowerCase(text).replace(/[^a-z0-9-]/gu, "-");
  const cut = withoutEnds(dashed, "-", { start: true }).slice(0, longestSegment);
  return withoutEnds(cut, "-", { start: false });
}

/** Lower case, one character for one: `İ` must not become two. */
function lowerCase(text: string): string {
  return text.replaceAll("İ", "i").toLowerCase();
}

/** Without the `char` at the end, and at the start; a regular expression takes the square of the time. */
function withoutEnds(text: string, char: string, { start }: { start: boolean }): string {
  let [from, to] = [0, text.length];
  while (start && from < to && text[from] === char) from++;
  while (to > from && text[to - 1] === char) to--;
  return text.slice(from, to);
}
