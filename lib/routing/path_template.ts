/** The path under which a gateway serves an endpoint (services.md §9.1). */

import { evaluate, JsonPathError } from "./json_path.ts";

/** The part of an AIMService that a template may speak of. */
export interface Templated {
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The path, or what is wrong with the template. `capturesAll`: it is `/`, which takes all of the gateway. */
export type RoutePath =
  | { readonly path: string; readonly capturesAll: boolean; readonly error?: undefined }
  | { readonly path?: undefined; readonly error: string };

/** Longest path, in bytes. */
const longest = 200;

/** What the template says for this service; without one `/<namespace>/<uid>`. Never throws. */
export function routePath(template: string | undefined, service: Templated): RoutePath {
  const { namespace = "", uid = "" } = service.metadata;
  try {
    const text = template || `/${namespace}/${uid}`;
    const path = normalized(
      text.replace(/\{([^{}]+)\}/g, (_, expression: string) => valueOf(expression, service)),
    );
    return { path, capturesAll: path === "/" };
  } catch (error) {
    if (error instanceof JsonPathError) return { error: error.message };
    throw error;
  }
}

/** `.metadata.labels['k']`: looked up directly, so that keys may contain dots and slashes. */
const direct = /^\.metadata\.(labels|annotations)\[(?:'([^']*)'|"([^"]*)")\]$/;

function valueOf(written: string, service: Templated): string {
  const expression = written.trim();
  try {
    const [, field, single, double] = direct.exec(expression) ?? [];
    if (field === "annotations" || /^\.metadata\.annotations\b/.test(expression)) {
      return field === undefined
        ? text(only(evaluate(expression, service))).trim()
        : lookUp("annotation", service.metadata.annotations, single ?? double).trim();
    }
    const value = field === "labels"
      ? lookUp("label", service.metadata.labels, single ?? double)
      : text(only(evaluate(expression, service)));
    return segment(value.trim());
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new JsonPathError(`failed to evaluate route template "${expression}": ${error.message}`);
  }
}

function lookUp(what: string, values: Readonly<Record<string, string>> | undefined, key: string): string {
  if (values !== undefined && Object.hasOwn(values, key)) return values[key];
  throw new JsonPathError(`jsonpath evaluation error: ${what} "${key}" not found`);
}

function only(values: readonly unknown[]): unknown {
  if (values.length === 0) throw new JsonPathError("jsonpath returned no results");
  if (values.length > 1) throw new JsonPathError("jsonpath returned multiple results");
  return values[0];
}

function text(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    throw new JsonPathError(
      `jsonpath returned ${Array.isArray(value) ? "a list" : "an object"}, not a single value`,
    );
  }
  return value === null || value === undefined ? "" : String(value);
}

/** A value as one path segment: services.md §1.1 rule 1, except that nothing stays nothing. */
export function segment(value: string): string {
  return value.toLowerCase().replace(/[^a-z0-9-]/gu, "-").replace(/^-+|-+$/g, "").slice(0, 63).replace(
    /-+$/,
    "",
  );
}

function normalized(raw: string): string {
  const trimmed = raw.trim();
  if (trimmed === "") throw new JsonPathError("route template produced an empty path");
  const rooted = `${trimmed.startsWith("/") ? "" : "/"}${trimmed}`.replace(/\/+$/, "") || "/";
  checkLength(rooted);
  const path = `/${rooted.split("/").map(segment).filter((part) => part !== "").join("/")}`;
  checkLength(path);
  return path;
}

function checkLength(path: string): void {
  if (new TextEncoder().encode(path).length > longest) {
    throw new JsonPathError(`route path "${path}" exceeds ${longest} characters`);
  }
}
