import assert from "node:assert/strict";
import type { InferenceService } from "../../lib/operator/objects.ts";
import { claim, claimName, pass, reporting, verified } from "./artifact_fixture.ts";

const endpoint = (
  name: string,
  creationTimestamp: string,
  mounted = claimName,
  namespace = "ml",
): InferenceService => ({
  apiVersion: "serving.kserve.io/v1beta1",
  kind: "InferenceService",
  metadata: { name, namespace, creationTimestamp },
  spec: { predictor: { volumes: [{ name: "w", persistentVolumeClaim: { claimName: mounted } }] } },
});
const used = (subject = verified(), ...endpoints: InferenceService[]) =>
  pass(subject, [claim(), ...reporting(), ...endpoints]).status?.lastUsed;

Deno.test("§5.10 Better: lastUsed is when the newest endpoint that mounts the volume was made", () => {
  const [first, second] = ["2025-12-30T00:00:00Z", "2025-12-31T00:00:00Z"];
  assert.equal(used(), undefined);
  assert.equal(used(verified(), endpoint("a", second), endpoint("b", first)), second);
  assert.equal(used(verified(), endpoint("a", second, "another")), undefined);
  assert.equal(used(verified(), endpoint("a", second, claimName, "elsewhere")), undefined);
});

Deno.test("lastUsed stays when the endpoints are gone, and never goes back", () => {
  const recorded = "2025-12-31T00:00:00Z";
  const subject = verified();
  const before = { ...subject, status: { ...subject.status, lastUsed: recorded } };
  assert.equal(used(before), recorded);
  assert.equal(used(before, endpoint("a", "2025-12-30T00:00:00Z")), recorded);
  assert.equal(used(before, endpoint("a", "2026-01-01T00:00:00Z")), "2026-01-01T00:00:00Z");
});
