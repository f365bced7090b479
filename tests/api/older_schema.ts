/** Issue: an object stored under an older CRD that today's schema refuses. `validate` must say what is wrong. */
import assert from "node:assert/strict";
import { crdOf, type CrdSchema } from "../../lib/api/crd.ts";
import { type AIMService, aimService, describeIssue, validate } from "../../lib/api/mod.ts";
import { until } from "../control_plane/until.ts";
import { accepted, type AnyObject, refused, type Server } from "./server.ts";

const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/aimservices.aim.eai.amd.com";

/** A service that names its model twice and has a caching mode of its own: refused today. */
const spec = { model: { name: "a", image: "b" }, caching: { mode: "Sometimes" } };

export async function olderSchema(server: Server, test: Deno.TestContext): Promise<void> {
  const today = crdOf(aimService).spec.versions[0].schema.openAPIV3Schema;
  let object: AnyObject;

  await test.step("an older schema takes the object", async () => {
    await installSchema(server, withoutRules(today));
    object = await until("the object taken", async () => (await server.create("AIMService", spec)).object);
  });

  await test.step("today's schema refuses a new one like it", async () => {
    await installSchema(server, today);
    await until(
      "the object refused",
      async () => (await server.create("AIMService", spec, { dryRun: true })).refusal,
    );
  });

  await test.step("validate names field, value and remedy of what is stored, and leaves it alone", async () => {
    const stored: AIMService = await server.get(object);
    const before = structuredClone(stored);
    const result = validate(aimService, stored);
    assert.ok(!result.ok);
    assert.deepEqual(result.issues.map(describeIssue), [
      "spec.model: exactly one of name, image, custom must be set; keep one of name, image and custom " +
      "(spec.model cannot change: delete the object and create it again)",
      'spec.caching.mode is "Sometimes" but must be one of Dedicated, Shared, Auto, Always, Never; ' +
      "set it to one of Dedicated, Shared, Auto, Always, Never " +
      "(spec.caching cannot change in place: remove it, then add it again)",
    ]);
    assert.deepEqual(stored, before);
  });

  await test.step("its status and finalizers can still be written", async () => {
    accepted(await server.patchStatus(object, { status: "Failed" }));
    accepted(await server.patch(object, { metadata: { finalizers: ["aim.eai.amd.com/test"] } }));
    accepted(await server.patch(object, { metadata: { finalizers: null } }));
  });

  await test.step("the remedies work", async () => {
    accepted(await server.patch(object, { spec: { caching: null } }));
    accepted(await server.patch(object, { spec: { caching: { mode: "Shared" } } }));
    refused(
      await server.patch(object, { spec: { model: { image: null } } }),
      "model cannot change after creation",
    );
  });
}

async function installSchema(server: Server, schema: CrdSchema): Promise<void> {
  const crd = await server.plane.request("GET", crdPath);
  crd.spec.versions[0].schema.openAPIV3Schema = schema;
  await server.plane.request("PUT", crdPath, crd);
}

/** The schema with free strings and without rules. */
function withoutRules(schema: CrdSchema): CrdSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => {
    return key === "enum" || key === "x-kubernetes-validations" ? undefined : value;
  }));
}
