/** Remedies that messages name, carried out: each begins another attempt at once (models-and-templates.md §5.5, §5.7). */

import assert from "node:assert/strict";
import type { AIMModel, ServiceTemplateSpec } from "../../../lib/api/mod.ts";
import { mi300x, model, pass, stored, storedJob, template } from "../template_sample.ts";
import { onMi300x, ours, pulling, textOf, world } from "./discovery_sample.ts";
import { jobIn } from "../template_sample.ts";

/** A template whose image nobody could pull: its Job was given up, and the next attempt is a minute away. */
function refused() {
  const job = storedJob(template(onMi300x), world);
  const pod = pulling(job, "ErrImagePull", "unauthorized: authentication required");
  const first = pass(template(onMi300x), [...world, job, pod], {}, { now: "2026-01-01T00:00:05Z" });
  const told = stored(first.status!, undefined, "2026-01-01T00:00:05Z");
  const given = pass(template(onMi300x, { status: told }), [...world, job, pod], {}, {
    now: "2026-01-01T00:02:05Z",
  });
  assert.equal(given.plan.removals.length, 1);
  return stored(given.status!, told, "2026-01-01T00:02:05Z");
}

const attempt = (owner: AIMModel, spec: Partial<ServiceTemplateSpec> = {}) =>
  jobIn(pass(template({ ...onMi300x, ...spec }, { status: refused() }), [owner, mi300x], {}, {
    now: "2026-01-01T00:02:06Z",
  }))?.spec?.template?.spec;
const withAccess = (spec: Partial<AIMModel["spec"]>) =>
  ({ ...model(), spec: { ...model().spec!, ...spec } }) as AIMModel;

Deno.test("the message of a failed attempt names what begins another one at once", () => {
  assert.match(
    textOf(refused(), "Discovered"),
    /or once the spec of the template changes, or image, pull secrets or account of the model: /,
  );
});

Deno.test("nothing is tried before its time while nothing has changed", () => {
  assert.equal(attempt(model()), undefined);
});

Deno.test("a pull secret that is added to the model is used at once", () => {
  const pod = attempt(withAccess({ imagePullSecrets: [{ name: "right" }] }));
  assert.deepEqual(pod?.imagePullSecrets, [{ name: "right" }]);
});

Deno.test("an account that is added to the model is used at once", () => {
  assert.equal(attempt(withAccess({ serviceAccountName: "puller" }))?.serviceAccountName, "puller");
});

Deno.test("a pull secret or account that is added to the template is used at once", () => {
  const pod = attempt(model(), { imagePullSecrets: [{ name: "right" }], serviceAccountName: "puller" });
  assert.deepEqual([pod?.imagePullSecrets, pod?.serviceAccountName], [[{ name: "right" }], "puller"]);
});

Deno.test("a corrected image of the model is asked at once", () => {
  assert.equal(attempt(withAccess({ image: "reg.example/m:2" }))?.containers[0].image, "reg.example/m:2");
});

Deno.test("a Ready template is not discovered anew because of access that it has no need of", () => {
  const owner = withAccess({ imagePullSecrets: [{ name: "more" }], serviceAccountName: "puller" });
  const { status, plan } = pass(template(onMi300x, { status: ours() }), [owner, mi300x]);
  assert.equal(status!.status, "Ready");
  assert.equal(jobIn({ plan } as never), undefined);
});
