/** Images that the filters of a source have found, each once (model-sources-and-config.md §6.1). Pure. */

import { ascending } from "../images/filters/order.ts";

/** Images of one repository: their tags or digests. */
export interface FoundImages {
  readonly registry: string;
  readonly repository: string;
  readonly references: readonly string[];
}

/** Images in their order, of which those that came before are left out; and how many that are. */
export function eachOnce(lists: Iterable<readonly FoundImages[]>): { found: FoundImages[]; images: number } {
  const found: FoundImages[] = [];
  /** Most repositories are found by one filter: what is compared is what has come before of the same one. */
  const before = new Map<string, readonly string[]>();
  let images = 0;
  for (const list of lists) {
    for (const each of list) {
      const place = `${each.registry}/${each.repository}`;
      const seen = before.get(place);
      const fresh = seen === undefined ? each : without(each, new Set(seen));
      if (fresh.references.length === 0) continue;
      before.set(place, seen === undefined ? fresh.references : [...seen, ...fresh.references]);
      found.push(fresh);
      images += fresh.references.length;
    }
  }
  return { found, images };
}

function without(images: FoundImages, seen: ReadonlySet<string>): FoundImages {
  return { ...images, references: images.references.filter((each) => !seen.has(each)) };
}

/** What was found first, with what was found later in its place; by name of the repository. */
export function merged(first: readonly FoundImages[], later: readonly FoundImages[]): readonly FoundImages[] {
  if (first.length === 0) return later;
  const all = new Map([...first, ...later].map((each) => [each.repository, each]));
  return [...all.values()].sort((a, b) => ascending(a.repository, b.repository));
}
