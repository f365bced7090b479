import type { KubeObject } from "../object.ts";

/** One list+watch of a kind. Several of one kind feed one store (a field selector knows no "or"). */
export interface Selector {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/**
 * Whether a list with this selector would carry the object: for responses to own writes, which no server has
 * filtered. Understands what this program selects by: labels `a`, `!a`, `a=b`, `a!=b`, `a in (b,c)`, fields
 * `a.b=c` and `a.b!=c`, and commas between them. Throws on anything else.
 */
export function selects({ namespace, labelSelector, fieldSelector }: Selector, object: KubeObject): boolean {
  if (namespace !== undefined && namespace !== object.metadata?.namespace) return false;
  const labels = object.metadata?.labels ?? {};
  return termsOf(labelSelector).every((term) => holdsForLabels(term, labels)) &&
    termsOf(fieldSelector).every((term) => holds(term, (path) => fieldAt(object, path)));
}

/** The parts of a selector; a comma in brackets divides nothing. */
function termsOf(selector: string | undefined): string[] {
  return (selector ?? "").split(/,(?![^(]*\))/).map((term) => term.trim()).filter((term) => term !== "");
}

function holdsForLabels(term: string, labels: Record<string, string>): boolean {
  const bare = /^(!?)([^\s=!()]+)$/.exec(term);
  if (bare !== null) return (labels[bare[2]] !== undefined) === (bare[1] === "");
  const among = /^(\S+)\s+in\s+\((.*)\)$/.exec(term);
  if (among === null) return holds(term, (name) => labels[name]);
  return among[2].split(",").some((value) => value.trim() === labels[among[1]]);
}

function holds(term: string, valueOf: (name: string) => unknown): boolean {
  const parts = /^([^\s=!]+)\s*(!?)==?\s*([^\s=!]*)$/.exec(term);
  if (parts === null) throw new Error(`cannot tell what the selector ${JSON.stringify(term)} means`);
  return (valueOf(parts[1]) === parts[3]) === (parts[2] === "");
}

function fieldAt(object: KubeObject, path: string): unknown {
  let at: unknown = object;
  for (const name of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[name];
  return at;
}
