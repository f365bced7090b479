import assert from "node:assert/strict";
import type { ImageMetadata, ModelSpec } from "../../lib/api/mod.ts";
import { metadataHealth, metadataSource, storedMetadata, templatesExpected } from "./metadata.ts";
import { model } from "./model_sample.ts";

const named: ImageMetadata = { model: { canonicalName: "Qwen/Qwen3-32B" } };
const nameless: ImageMetadata = { model: {} };
const sources = [{ modelId: "a/b", sourceUri: "hf://a/b" }];
const about = { component: "ImageMetadata" };

interface Row {
  readonly what: string;
  readonly spec: Partial<ModelSpec>;
  readonly before?: ImageMetadata;
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
    what: "nothing known: the registry would be asked",
    spec: {},
    source: "registry",
    health: "Progressing/AwaitingMetadata",
  },
  {
    what: "nothing known of a custom model's image",
    spec: { modelSources: sources },
    source: "registry",
    health: "Progressing/AwaitingMetadata",
  },
];
for (const { what, spec, before, source, after, health } of rows) {
  Deno.test(`metadata: ${what}`, () => {
    const object = model(spec, before && { status: { imageMetadata: before } });
    assert.equal(metadataSource(object), source);
    assert.deepEqual(storedMetadata(object), after);
    const { state, reason } = metadataHealth(object, about);
    assert.equal(`${state}/${reason}`, health);
  });
}

Deno.test("what waits for the registry says what would help", () => {
  const { message } = metadataHealth(model(), about);
  assert.match(message!, /spec\.imageMetadata/);
  assert.match(message!, /catalogue/);
  assert.match(message!, /aim-qwen-qwen3-32b:0\.8\.5/);
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
