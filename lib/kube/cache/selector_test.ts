import assert from "node:assert/strict";
import { type Selector, selects } from "./selector.ts";

const pod = {
  metadata: { name: "p", namespace: "ns", labels: { app: "web", tier: "front" } },
  involvedObject: { kind: "Pod" },
  reason: "FailedMount",
};

const cases: [Selector, boolean][] = [
  [{}, true],
  [{ namespace: "ns" }, true],
  [{ namespace: "other" }, false],
  [{ labelSelector: "app" }, true],
  [{ labelSelector: "!app" }, false],
  [{ labelSelector: "!owner" }, true],
  [{ labelSelector: "app=web" }, true],
  [{ labelSelector: "app==web,tier=back" }, false],
  [{ labelSelector: "app!=web" }, false],
  [{ labelSelector: "app in (db, web),tier" }, true],
  [{ labelSelector: "app in (db,queue)" }, false],
  [{ labelSelector: "owner in (web)" }, false],
  [{ fieldSelector: "metadata.name=p" }, true],
  [{ fieldSelector: "metadata.name=q" }, false],
  [{ fieldSelector: "involvedObject.kind=Pod,reason=FailedMount" }, true],
  [{ fieldSelector: "involvedObject.kind=Pod,reason!=FailedMount" }, false],
  [{ fieldSelector: "no.such.path=x" }, false],
];

for (const [selector, expected] of cases) {
  Deno.test(`the selector ${JSON.stringify(selector)} ${expected ? "takes" : "leaves"} the object`, () => {
    assert.equal(selects(selector, pod), expected);
  });
}

Deno.test("a selector that is not understood is a mistake of ours and says so", () => {
  assert.throws(() => selects({ labelSelector: "app notin (web)" }, pod), /app notin \(web\)/);
});
