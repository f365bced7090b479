/** What of an object a field manager owns by server-side apply. */

import type { KubeObject } from "../../lib/kube/object.ts";

type Tree = { readonly [element: string]: Tree };

/** The object cut down to those fields, with its identity; undefined if the manager owns none. */
export function ownedPart(object: KubeObject, manager: string): KubeObject | undefined {
  const entry = object.metadata?.managedFields?.find((each) =>
    each.manager === manager && each.operation === "Apply" && !each.subresource
  );
  if (entry === undefined) return undefined;
  const { name, namespace } = object.metadata!;
  const part = cut(object, entry.fieldsV1 as Tree) as KubeObject;
  return {
    ...part,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...part.metadata, name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

function cut(value: unknown, owned: Tree): unknown {
  const elements = Object.keys(owned).filter((element) => element !== ".");
  if (elements.length === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.filter((item) => elements.some((element) => isItem(item, element)));
  }
  const map = value as Record<string, unknown>;
  return Object.fromEntries(
    elements.filter((element) => element.startsWith("f:"))
      .map((element) => [element.slice(2), cut(map[element.slice(2)], owned[element])]),
  );
}

function isItem(item: unknown, element: string): boolean {
  const key = JSON.parse(element.slice(2));
  if (element.startsWith("v:")) return item === key;
  return Object.entries(key).every(([name, value]) => (item as Record<string, unknown>)[name] === value);
}
