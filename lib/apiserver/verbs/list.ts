/** GET of many: pages, selectors, and what the versions in a query mean. */
import type { Cluster } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import { type Kind, shelfOf } from "../kinds/kind.ts";
import { badRequest, expired, tooLargeVersion } from "../status.ts";
import { keyOf, type StoredObject } from "../store/store.ts";
import type { ListOptions } from "./list_options.ts";

export interface Page {
  readonly objects: readonly StoredObject[];
  readonly metadata: JsonObject;
}

/** What the mark of the next page holds: the version of the whole list, and the last object of this page. */
interface Mark {
  readonly version: number;
  readonly after: string;
}

export function list(
  cluster: Cluster,
  kind: Kind,
  namespace: string | undefined,
  options: ListOptions,
): Page {
  const mark = options.continue === "" ? undefined : readMark(options);
  const asked = Number(options.resourceVersion || 0);
  if (asked > cluster.store.version) throw tooLargeVersion(asked, cluster.store.version);
  const exact = options.match === "Exact" || options.limit > 0 && asked > 0 && options.match === "";
  const version = mark?.version ?? (exact && asked > 0 ? asked : cluster.store.version);
  const all = cluster.store.listAt(version, shelfOf(kind), kind.namespaced ? namespace : undefined);
  if (all === undefined) {
    throw mark === undefined
      ? expired(`The resourceVersion for the provided list is too old.`)
      : expiredMark();
  }
  const left = mark === undefined ? all : all.filter(({ metadata }) => keyOf(metadata) > mark.after);
  const selected = left.filter(options.selects);
  // The watch cache, which answers for version 0, knows no pages.
  const limit = options.resourceVersion === "0" ? 0 : options.limit;
  const objects = limit > 0 ? selected.slice(0, limit) : selected;
  const rest = selected.length - objects.length;
  const metadata: JsonObject = { resourceVersion: String(version) };
  if (rest > 0) {
    metadata.continue = writeMark({ version, after: keyOf(objects[objects.length - 1].metadata) });
    if (options.everything) metadata.remainingItemCount = rest;
  }
  return { objects, metadata };
}

function writeMark({ version, after }: Mark): string {
  const text = JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start: `${after}\u0000` });
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function readMark(options: ListOptions): Mark {
  if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  let text = "";
  try {
    text = atob(options.continue.replaceAll("-", "+").replaceAll("_", "/"));
    const { rv, start } = JSON.parse(text) as { rv: number; start: string };
    return { version: rv, after: start.slice(0, -1) }; // it ends with a zero
  } catch {
    const first = text === ""
      ? "unexpected end of JSON input"
      : `invalid character '${goCharacter(text)}' looking for beginning of value`;
    throw badRequest(`invalid continue token: continue key is not valid: ${first}`);
  }
}

function goCharacter(text: string): string {
  const code = text.charCodeAt(0);
  return code < 0x20 || code >= 0x7f && code < 0xa0 ? `\\u${code.toString(16).padStart(4, "0")}` : text[0];
}

function expiredMark() {
  return expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
      "the continue parameter.",
  );
}
