import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../kube/object.ts";
import { isOurs } from "./hidden.ts";

const manager = "aim-service-controller";
const parent = { metadata: { name: "chat", namespace: "ns", uid: "uid-chat" } } as Live<KubeObject>;
const owner = (uid: string, controller?: boolean) => ({
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMService",
  name: "any",
  uid,
  ...(controller === undefined ? {} : { controller }),
});
const written = (manager: string, operation: "Apply" | "Update") => ({ manager, operation });

// An object under a child's name that the cache does not see: taken over only if it is the parent's all the same.
const rows: [what: string, metadata: object, ours: boolean][] = [
  ["nobody's", {}, false],
  ["owned by the parent", { ownerReferences: [owner("uid-chat", true)] }, true],
  ["owned by the parent among others", { ownerReferences: [owner("x"), owner("uid-chat")] }, true],
  ["owned by a parent of before, with another UID", { ownerReferences: [owner("uid-old", true)] }, false],
  ["applied by our hand, without an owner", { managedFields: [written(manager, "Apply")] }, true],
  ["applied by our hand, its owner no controller", {
    ownerReferences: [owner("x")],
    managedFields: [written(manager, "Apply")],
  }, true],
  ["applied by our hand, now another's", {
    ownerReferences: [owner("x", true)],
    managedFields: [written(manager, "Apply")],
  }, false],
  ["updated under our name, not applied", { managedFields: [written(manager, "Update")] }, false],
  ["applied by another hand", { managedFields: [written("kubectl", "Apply")] }, false],
];
for (const [what, metadata, ours] of rows) {
  Deno.test(`an object that is ${what} is ${ours ? "" : "not "}ours`, () => {
    assert.equal(isOurs({ metadata } as KubeObject, parent, manager), ours);
  });
}
