import assert from "node:assert/strict";
import { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject } from "../../kube/object.ts";
import { Uninstalled, Unsynced } from "../core/view.ts";
import { onView } from "./view_fixture.ts";

const resource = { group: "toy.test", version: "v1", kind: "Toy", plural: "toys", namespaced: true };
const required = new CachedKind<KubeObject, false>({ resource, optional: false });
const optional = new CachedKind<KubeObject, true>({ resource, optional: true });
const all = { required: required.index("all", () => [""]), optional: optional.index("all", () => [""]) };

Deno.test("an optional kind that is not installed is answered so, a required one parks the pass", () => {
  const without = { uninstalled: ["toys"] };
  const seen = onView([], { kinds: [optional as never], ...without }, (view) => [
    view.get(optional, "ns", "a"),
    view.list(all.optional, ""),
    view.any(all.optional, ""),
  ]).result;
  assert.deepEqual(seen, [Uninstalled, Uninstalled, Uninstalled]);
  const kinds = [required as never];
  assert.throws(() => onView([], { kinds, ...without }, (view) => view.get(required, "ns", "a")), Unsynced);
  assert.throws(() => onView([], { kinds, ...without }, (view) => view.list(all.required, "")), Unsynced);
  assert.throws(() => onView([], { kinds, ...without }, (view) => view.any(all.required, "")), Unsynced);
});
