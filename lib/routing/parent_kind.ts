/** What a route can attach to (services.md §9, model-sources-and-config.md §9). */

/** By API group: the kinds of the Gateway API that take routes, and the Service of a mesh. */
const parentKinds: Readonly<Record<string, readonly string[]>> = {
  "gateway.networking.k8s.io": ["Gateway", "ListenerSet"],
  "gateway.networking.x-k8s.io": ["XListenerSet"],
  "": ["Service"],
};

/**
 * Why no route attaches to a reference of that group and kind; undefined if one may. The text goes on where the kind
 * stands. A group of somebody else is taken as it is: its controller knows its kinds.
 */
export function parentKindFault(
  { group = "gateway.networking.k8s.io", kind = "Gateway" }: {
    readonly group?: string;
    readonly kind?: string;
  },
): string | undefined {
  const known = parentKinds[group];
  if (known === undefined ? group.includes(".") : known.includes(kind)) return undefined;
  return known === undefined
    ? `is of group ${
      JSON.stringify(group)
    }, which is no API group; remove group, or write gateway.networking.k8s.io`
    : `is no kind of group ${JSON.stringify(group)} that a route attaches to; write ${known.join(" or ")}` +
      (group === "gateway.networking.k8s.io" ? ", or remove kind" : "");
}
