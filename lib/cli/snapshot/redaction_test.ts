import assert from "node:assert/strict";
import { Redaction } from "./redaction.ts";
import { tokens } from "./tokens_fixture.ts";

Deno.test("a token of each usual shape is taken out, alone and within a text", () => {
  const redaction = new Redaction();
  for (const [shape, make] of Object.entries(tokens)) {
    for (let n = 0; n < 50; n++) {
      const [secret, text] = make();
      for (const around of [text, `before ${text} after`, `${text}\nnext line`]) {
        assert.ok(!redaction.text(around).includes(secret), `${shape}: ${redaction.text(around)}`);
      }
    }
  }
});

Deno.test("values of the environment go wherever they stand; what nobody has to hide stays", () => {
  const redaction = new Redaction();
  const pod = {
    containers: [{
      image: "registry.example.com/org/model:1.0",
      env: [{ name: "A", value: "my own words" }, { name: "N", value: "8" }, {
        name: "T",
        valueFrom: { secretKeyRef: { name: "hf", key: "token" } },
      }],
    }],
    message: "it was started with my own words",
  };
  redaction.learn(pod);
  const clean = redaction.tree(pod);
  const [own, number, reference] = clean.containers[0].env;
  assert.match(own.value!, /^redacted-[0-9a-f]{12}$/);
  assert.equal(clean.message, `it was started with ${own.value}`);
  assert.equal(number.value, "8");
  assert.deepEqual(reference, pod.containers[0].env[2]);
  assert.equal(clean.containers[0].image, pod.containers[0].image);
});

Deno.test("names, images, sources, digests, identities and messages of an operator are left as they are", () => {
  const redaction = new Redaction();
  for (
    const text of [
      "hf://Qwen/Qwen3-235B-A22B-Instruct-2507",
      "registry.example.com/amdenterpriseai/aim-qwen-qwen3-32b:0.8.5",
      `registry.example.com/org/model@sha256:${"0123456789abcdef".repeat(4)}`,
      "3d7e2b1a-90c4-4f1e-8a53-1c2d3e4f5a6b",
      "registry-example-com-org-1-0-1x-mi300x-lat-fp16-2ed80c1a",
      "AIMModel qwen3-32b-0-8-5-f3ef8b60 and AIMServiceTemplate t are resolved; chosen: GPU MI325X ranks above MI300X",
      "ReconcileInferenceServiceHealthCheckFailedBecauseItIsNotThere",
      "2026-01-01T00:00:00Z",
    ]
  ) assert.equal(redaction.text(text), text);
});

Deno.test("what is equal stays equal in a bundle, and is another word in the next", () => {
  const [here, there] = [new Redaction(), new Redaction()];
  assert.equal(here.value("my own words"), here.value("my own words"));
  assert.notEqual(here.value("my own words"), here.value("your own words"));
  assert.notEqual(here.value("my own words"), there.value("my own words"));
});
