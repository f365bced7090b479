import assert from "node:assert/strict";
import type { Profile } from "../../lib/api/mod.ts";
import { createMergePatch } from "../../lib/kube/json/merge_patch.ts";
import { known, log61, onMi300x, ours, succeeded, world } from "./discovery/discovery_sample.ts";
import { withType } from "./profile_type.ts";
import { ended, pass, podOf, printed, stored, storedJob, template } from "./template_sample.ts";

const found: Profile = { engine_args: { a: 1 }, metadata: { engine: "vllm", type: "optimized" } };

Deno.test("api.md TemplateSpecCommon: the type of the spec wins over the discovered one, which returns with its removal", () => {
  const over = withType(found, "preview");
  assert.equal(over.metadata!.type, "preview");
  assert.equal(over.metadata!.engine, "vllm");
  assert.equal(withType(over, "unoptimized").metadata!.type, "unoptimized");
  assert.deepEqual(withType(withType(over, "unoptimized"), undefined), found);
  assert.deepEqual(withType(found, undefined), found);
  assert.deepEqual(withType(found, "optimized"), found);
  assert.deepEqual(withType(over, "preview"), over, "nothing to write");
  assert.deepEqual(withType(withType({}, "preview"), undefined), { metadata: {} }, "none was discovered");
});

Deno.test("where no type was discovered, what is stored of that is what was sent: a merge patch stores no null", () => {
  const sent = withType({ metadata: { engine: "vllm" } }, "preview");
  const patched = { profile: createMergePatch({}, { ...sent }) };
  assert.doesNotMatch(JSON.stringify(patched), /null/);
  assert.deepEqual(withType(sent, "preview"), sent, "nothing to write");
  assert.deepEqual(withType(sent, undefined), { metadata: { engine: "vllm" } });
  const odd = { ...sent, originalDiscoveryOutput: { metadata: null } } as Profile;
  assert.equal(withType(odd, "preview").metadata!.type, "preview");
});

Deno.test("a discovered template has the type of its spec, at once and when it is edited later", () => {
  const object = template({ ...onMi300x, type: "preview" });
  const job = storedJob(object, world, { status: ended("Complete") });
  const pod = podOf(job, succeeded);
  const first = pass(object, [...world, job, pod], {}, { facts: printed(pod, known(log61)) });
  assert.equal(first.status!.profile!.metadata!.type, "preview");

  const edited = pass(template({ ...onMi300x, type: "unoptimized" }, { status: ours() }), world);
  assert.equal(edited.status!.profile!.metadata!.type, "unoptimized");
  assert.equal(edited.status!.status, "Ready");
  const back = pass(template(onMi300x, { status: stored(edited.status!) }), world);
  assert.deepEqual(back.status!.profile, ours().profile);
});
