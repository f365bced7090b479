/** What the query of a list or a watch says. */
import type { Kind } from "../kinds/kind.ts";
import { type FieldError, forbiddenValue, unsupportedValue } from "../schema/field_error.ts";
import { type FieldMatcher, fieldMatcher } from "../selectors/field_selector.ts";
import { labelMatcher, type Matcher } from "../selectors/label_selector.ts";
import { badRequest, Refusal } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { flag } from "./options.ts";
import { invalidOptions } from "./option_errors.ts";

export interface ListOptions {
  readonly selects: (object: StoredObject) => boolean;
  /** Whether everything is selected. */
  readonly everything: boolean;
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly match: string;
  readonly sendInitialEvents: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

export function isWatch(query: URLSearchParams): boolean {
  return flag(query, "watch");
}

/** @throws Refusal 400 or 422 */
export function listOptions(query: URLSearchParams, kind: Kind, watch: boolean): ListOptions {
  const limit = integer(query, "limit") ?? 0;
  const timeoutSeconds = integer(query, "timeoutSeconds");
  const initial = query.has("sendInitialEvents") ? flag(query, "sendInitialEvents") : undefined;
  const resourceVersion = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const proceed = query.get("continue") ?? "";
  const labels: Matcher = labelMatcher(query.get("labelSelector") ?? undefined);
  const fields: FieldMatcher = fieldMatcher(query.get("fieldSelector") ?? undefined, kind);
  const errors = watch
    ? watchErrors(initial, match)
    : listErrors(initial !== undefined, resourceVersion, match, proceed);
  if (errors.length > 0) throw invalidOptions("ListOptions", errors);
  checkVersionText(resourceVersion, watch);
  return {
    selects: (object) => labels(object.metadata.labels ?? {}) && fields(object),
    everything: !query.get("labelSelector") && !query.get("fieldSelector"),
    limit: Math.max(0, limit),
    continue: proceed,
    resourceVersion,
    match,
    sendInitialEvents: initial === true,
    bookmarks: flag(query, "allowWatchBookmarks"),
    timeoutSeconds,
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  if (!/^-?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return Number(value);
}

/** @throws Refusal if a version is no number */
export function checkVersionText(version: string, watch: boolean, single = false): void {
  if (version === "" || /^\d+$/.test(version)) return;
  const why = `resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${
    JSON.stringify(version)
  }: invalid syntax`;
  if (watch || single) throw new Refusal(500, undefined, why);
  throw badRequest(`invalid resource version: ${why}`);
}

function listErrors(initial: boolean, version: string, match: string, proceed: string): FieldError[] {
  if (initial) return [forbiddenValue("sendInitialEvents", "sendInitialEvents is forbidden for list")];
  if (match === "") return [];
  const errors: FieldError[] = [];
  if (version === "") {
    errors.push(
      forbiddenValue(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden unless resourceVersion is provided",
      ),
    );
  }
  if (proceed !== "") {
    errors.push(
      forbiddenValue("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"),
    );
  }
  if (!["Exact", "NotOlderThan"].includes(match)) {
    errors.push(unsupportedValue("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
  }
  if (match === "Exact" && version === "0") {
    errors.push(
      forbiddenValue(
        "resourceVersionMatch",
        'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ),
    );
  }
  return errors;
}

function watchErrors(initial: boolean | undefined, match: string): FieldError[] {
  const errors: FieldError[] = [];
  if (initial !== undefined && match !== "NotOlderThan") {
    errors.push(
      forbiddenValue(
        "resourceVersionMatch",
        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
      ),
    );
    if (match !== "") errors.push(unsupportedValue("resourceVersionMatch", match, ["NotOlderThan"]));
  } else if (initial === undefined && match !== "") {
    errors.push(
      forbiddenValue(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      ),
    );
  }
  return errors;
}
