import type { AnyKind, Selector } from "../../../lib/kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";

/** Whether the API server's filter lets an object through: labels `a`, `a=b`, `!a`, `a in (b,c)`; fields `a.b=c`, `a.b!=c`. */
function matches(selector: Selector, object: KubeObject): boolean {
  if (selector.namespace !== undefined && selector.namespace !== object.metadata?.namespace) return false;
  const labels = object.metadata?.labels ?? {};
  for (const term of (selector.labelSelector ?? "").split(/,(?![^(]*\))/)) {
    if (term !== "" && !matchesLabels(term.trim(), labels)) return false;
  }
  for (const term of (selector.fieldSelector ?? "").split(",")) {
    if (term === "") continue;
    const unwanted = term.includes("!=");
    const [path, value] = term.split(unwanted ? "!=" : "=");
    const field = path.split(".").reduce<unknown>(
      (at, name) => (at as Record<string, unknown> | undefined)?.[name],
      object,
    );
    if ((field === value) === unwanted) return false;
  }
  return true;
}

/** Whether one of a kind's informers takes an object: the API server sends it, and the kind keeps it. */
export function takes(kind: AnyKind, source: number, object: KubeObject): boolean {
  return matches(kind.selectors[source], object) && kind.keep(object as Live<KubeObject>);
}

function matchesLabels(term: string, labels: Record<string, string>): boolean {
  const among = /^(\S+) in \((.*)\)$/.exec(term);
  if (among !== null) return among[2].split(",").map((each) => each.trim()).includes(labels[among[1]]);
  if (term.startsWith("!")) return !(term.slice(1) in labels);
  const [key, value] = term.split(/==?/);
  return value === undefined ? key in labels : labels[key] === value;
}
