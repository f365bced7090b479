/** The order in which images of a filter are taken, so that a limit keeps the newest (model-sources-and-config.md §4.6). Pure. */

// @ts-types="@types/semver"
import semver from "semver";
import { type Version, versionOfTag } from "./version_constraint.ts";

/** Tags, newest version first; those that are no version come last, in their own order. Doubles are left out. */
export function newestFirst(tags: Iterable<string>): string[] {
  const keyed = [...new Set(tags)].map((tag) => ({ tag, version: versionOfTag(tag) }));
  return keyed.sort(compared).map(({ tag }) => tag);
}

interface Keyed {
  readonly tag: string;
  readonly version: Version | undefined;
}

function compared(a: Keyed, b: Keyed): number {
  if (a.version === undefined || b.version === undefined) {
    if (a.version === b.version) return ascending(a.tag, b.tag);
    return a.version === undefined ? 1 : -1;
  }
  return semver.compare(b.version, a.version) || ascending(a.tag, b.tag);
}

/** By UTF-16 units; not by a locale. */
export function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
