import assert from "node:assert/strict";
import type { ImageMetadata, ModelSpec } from "../../lib/api/mod.ts";
import { findMetadata, metadataSource, templatesExpected } from "./metadata.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { onView } from "../../lib/operator/runner/view_fixture.ts";
import { image, model, pass, registry } from "./model_sample.ts";
import { namespaceScope } from "./scope.ts";

const named: ImageMetadata = { model: { canonicalName: "Qwen/Qwen3-32B" } };
const nameless: ImageMetadata = { model: {} };
const sources = [{ modelId: "a/b", sourceUri: "hf://a/b" }];

interface Row {
  readonly what: string;
  readonly spec: Partial<ModelSpec>;
  readonly before?: ImageMetadata;
  /** `status.observedGeneration`; the model's generation is 3. */
  readonly observed?: number;
  readonly answer?: ImageMetadata;
  readonly source: string;
  readonly after?: ImageMetadata;
  readonly health: string;
}

// models-and-templates.md §3.3: where metadata comes from, what is stored, ImageMetadataReady with its Better line
const rows: Row[] = [
  {
    what: "extraction off stores nothing, even if the spec has metadata",
    spec: { discovery: { extractMetadata: false }, imageMetadata: named },
    source: "extraction is off",
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "extraction off, no metadata at all",
    spec: { discovery: { extractMetadata: false } },
    source: "extraction is off",
    health: "Ready/ImageFound",
  },
  {
    what: "extraction off, of a custom model",
    spec: { discovery: { extractMetadata: false }, imageMetadata: named, modelSources: sources },
    source: "extraction is off",
    health: "Ready/ImageFound",
  },
  {
    what: "the spec's metadata is copied",
    spec: { imageMetadata: named },
    before: nameless,
    source: "spec",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "the spec's metadata without a name",
    spec: { imageMetadata: nameless, discovery: { extractMetadata: true } },
    source: "spec",
    after: nameless,
    health: "Ready/ImageFound",
  },
  {
    what: "the spec's metadata of a custom model",
    spec: { imageMetadata: named, modelSources: sources },
    source: "spec",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "stored metadata stays; Better: with the reason that it gives",
    spec: {},
    before: named,
    source: "status",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "stored metadata of a custom model keeps ImageFound",
    spec: { modelSources: sources },
    before: named,
    source: "status",
    after: named,
    health: "Ready/ImageFound",
  },
  {
    what: "Better: of a status that AIM Engine wrote, which has no generation, stored metadata stays",
    spec: {},
    before: named,
    observed: 0,
    source: "status",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "stored metadata of this generation stays",
    spec: {},
    before: named,
    observed: 3,
    answer: nameless,
    source: "status",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "Better: the spec has changed since, the new is not read yet: the old stays",
    spec: {},
    before: named,
    observed: 2,
    source: "registry",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "Better: the spec has changed since, and the new is read",
    spec: {},
    before: named,
    observed: 2,
    answer: nameless,
    source: "registry",
    after: nameless,
    health: "Ready/ImageFound",
  },
  {
    what: "a changed spec that has metadata asks nobody",
    spec: { imageMetadata: nameless },
    before: named,
    observed: 2,
    source: "spec",
    after: nameless,
    health: "Ready/ImageFound",
  },
  {
    what: "a changed spec whose extraction is off asks nobody",
    spec: { discovery: { extractMetadata: false } },
    before: named,
    observed: 2,
    source: "extraction is off",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "nothing known: the registry is asked",
    spec: {},
    source: "registry",
    health: "Progressing/AwaitingMetadata",
  },
  {
    what: "the registry has answered",
    spec: {},
    answer: named,
    source: "registry",
    after: named,
    health: "Ready/ImageMetadataFound",
  },
  {
    what: "the registry has answered that the image has no labels",
    spec: {},
    answer: { model: {}, oci: {} },
    source: "registry",
    after: { model: {}, oci: {} },
    health: "Ready/ImageFound",
  },
  {
    what: "the registry has answered about a custom model's image",
    spec: { modelSources: sources },
    answer: named,
    source: "registry",
    after: named,
    health: "Ready/ImageFound",
  },
  {
    what: "nothing known of a custom model's image",
    spec: { modelSources: sources },
    source: "registry",
    health: "Progressing/AwaitingMetadata",
  },
];
for (const { what, spec, before, observed, answer, source, after, health } of rows) {
  Deno.test(`metadata: ${what}`, () => {
    const object = model(spec, before && { status: { imageMetadata: before, observedGeneration: observed } });
    assert.equal(metadataSource(object), source);
    const { result: found, reads } = onView(
      [object],
      { kinds: watchedKinds, facts: answer && registry(answer) },
      (view) => findMetadata(object, namespaceScope, view)!,
    );
    assert.deepEqual(found.model.status?.imageMetadata, after);
    assert.equal(`${found.health.state}/${found.health.reason}`, health);
    assert.equal(reads.length, source === "registry" ? 1 : 0, "the registry is asked only if it must be");
  });
}

Deno.test("what waits for the registry names it and the image, and says what would help", () => {
  const rows = [
    [image, "docker.io"],
    ["ghcr.io/silogen/aim-dummy:0.1.8", "ghcr.io"],
    ["10.0.0.1:5000/aim@sha256:aa", "10.0.0.1:5000"],
    ["busybox", "docker.io"],
  ];
  for (const [image, host] of rows) {
    const { status } = pass(model({ image }));
    const { message } = status!.conditions!.find(({ type }) => type === "ImageMetadataReady")!;
    assert.ok(
      message.startsWith(`Waiting for the registry ${host} to tell the labels of ${image}. `),
      message,
    );
    assert.match(message, /spec\.imageMetadata/);
  }
});

const deployments: ImageMetadata = { model: { recommendedDeployments: [{ gpuModel: "MI300X" }] } };
// models-and-templates.md §3.6 "Expected?", first match, with its Better line
const expected: [string, Partial<ModelSpec>, ImageMetadata | undefined, string][] = [
  [
    "creation off",
    { discovery: { createServiceTemplates: false }, imageMetadata: deployments },
    undefined,
    "no",
  ],
  [
    "creation off, custom",
    { discovery: { createServiceTemplates: false }, modelSources: sources },
    undefined,
    "no",
  ],
  ["a custom model", { modelSources: sources }, undefined, "yes"],
  ["no metadata", {}, undefined, "unknown"],
  ["no metadata, with entries", { customTemplates: [{ name: "a" }] }, undefined, "unknown"],
  ["deployments in the spec", { imageMetadata: deployments }, undefined, "yes"],
  ["deployments in the status", {}, deployments, "yes"],
  ["the spec's metadata wins", { imageMetadata: nameless }, deployments, "no"],
  ["entries", { imageMetadata: nameless, customTemplates: [{ name: "a" }] }, undefined, "yes"],
  ["an empty list", { imageMetadata: { model: { recommendedDeployments: [] } } }, undefined, "no"],
  ["Better: extraction off, no metadata", { discovery: { extractMetadata: false } }, undefined, "no"],
  [
    "Better: extraction off, no metadata, with entries",
    { discovery: { extractMetadata: false }, customTemplates: [{ name: "a" }] },
    undefined,
    "yes",
  ],
  ["extraction off, metadata stored before", { discovery: { extractMetadata: false } }, deployments, "yes"],
];
for (const [what, spec, stored, answer] of expected) {
  Deno.test(`templates expected: ${what} → ${answer}`, () => {
    assert.equal(templatesExpected(model(spec, stored && { status: { imageMetadata: stored } })), answer);
  });
}
