import assert from "node:assert/strict";
import fc from "fast-check";
import { imageMetadata, type ModelMetadata } from "../api/mod.ts";
import { imageMetadataOf, LabelError, largestMetadata } from "./image_labels.ts";

const ours = "com.amd.aim.";
const older = "org.amd.silogen.";

Deno.test("models-and-templates.md §3.4: no labels at all are valid", () => {
  assert.deepEqual(imageMetadataOf({}), { model: {}, oci: {} });
});

Deno.test("models-and-templates.md §3.4: the standard labels, each under its key", () => {
  const keys = "title description licenses vendor authors source documentation created revision version"
    .split(" ");
  const labels = Object.fromEntries(keys.map((key) => [`org.opencontainers.image.${key}`, `the ${key}`]));
  const oci = Object.fromEntries(keys.map((key) => [key, `the ${key}`]));
  assert.deepEqual(imageMetadataOf(labels), { model: {}, oci, originalLabels: labels });
});

const fields: [string, string, string, Partial<ModelMetadata>][] = [
  ["canonicalName", "model.canonicalName", "Qwen/Qwen3-32B", { canonicalName: "Qwen/Qwen3-32B" }],
  ["source", "model.source", "https://x", { source: "https://x" }],
  ["title", "title", " A title ", { title: " A title " }],
  ["descriptionFull", "description.full", "long\ntext", { descriptionFull: "long\ntext" }],
  ["releaseNotes", "release.notes", "new", { releaseNotes: "new" }],
  ["tags", "model.tags", " a, ,b,,c d ", { tags: ["a", "b", "c d"] }],
  ["versions", "model.versions", "1", { versions: ["1"] }],
  ["variants", "model.variants", "x,y", { variants: ["x", "y"] }],
  ["no tags", "model.tags", " , ", {}],
  ["recommendedDeployments", "model.recommendedDeployments", "{'gpuCount': 1}", {
    recommendedDeployments: [{ gpuCount: 1 }],
  }],
  ["no recommendedDeployments", "model.recommendedDeployments", "[]", {}],
  ...["1", "t", "T", "TRUE", "true", "True"].map((
    word,
  ): [string, string, string, Partial<ModelMetadata>] => [
    `hfTokenRequired ${word}`,
    "hfToken.required",
    word,
    {
      hfTokenRequired: true,
    },
  ]),
  ...["0", "f", "F", "FALSE", "false", "False", "yes", "tRUE", " true", "2"].map((
    word,
  ): [string, string, string, Partial<ModelMetadata>] => [
    `no hfTokenRequired ${word}`,
    "hfToken.required",
    word,
    {},
  ]),
];
for (const [what, suffix, value, model] of fields) {
  for (const prefix of [ours, older]) {
    Deno.test(`models-and-templates.md §3.4: ${what} from ${prefix}${suffix}`, () => {
      const labels = { [prefix + suffix]: value };
      assert.deepEqual(imageMetadataOf(labels), { model, oci: {}, originalLabels: labels });
    });
  }
}

Deno.test("models-and-templates.md §3.4: com.amd.aim comes before org.amd.silogen, unless it is empty", () => {
  const both = { [`${ours}title`]: "ours", [`${older}title`]: "older" };
  assert.equal(imageMetadataOf(both).model?.title, "ours");
  assert.equal(imageMetadataOf({ ...both, [`${ours}title`]: "" }).model?.title, "older");
  const token = { [`${ours}hfToken.required`]: "no", [`${older}hfToken.required`]: "true" };
  assert.equal(imageMetadataOf(token).model?.hfTokenRequired, undefined);
});

Deno.test("models-and-templates.md §3.4, Better: com.amd.aim.model.deployments is the last fallback", () => {
  const count = (labels: Record<string, string>) =>
    imageMetadataOf(labels).model?.recommendedDeployments?.[0].gpuCount;
  const all = {
    [`${ours}model.recommendedDeployments`]: "{'gpuCount': 1}",
    [`${older}model.recommendedDeployments`]: "{'gpuCount': 2}",
    [`${ours}model.deployments`]: "{'gpuCount': 3}",
    [`${older}model.deployments`]: "{'gpuCount': 4}",
  };
  assert.equal(count(all), 1);
  assert.equal(count({ ...all, [`${ours}model.recommendedDeployments`]: "" }), 2);
  const fallback = { ...all, [`${ours}model.recommendedDeployments`]: "" };
  assert.equal(count({ ...fallback, [`${older}model.recommendedDeployments`]: "" }), 3);
  assert.equal(count({ [`${older}model.deployments`]: "{'gpuCount': 4}" }), undefined);
});

Deno.test("models-and-templates.md §3.4, Better: an entry that does not read is named with its label", () => {
  const labels = [
    `${ours}model.recommendedDeployments`,
    `${older}model.recommendedDeployments`,
    `${ours}model.deployments`,
  ];
  for (const label of labels) {
    assert.throws(() => imageMetadataOf({ [label]: "[{'gpuCount': 1}, {'gpuCount': '2'}]" }), (error) => {
      assert.ok(error instanceof LabelError);
      assert.deepEqual([error.label, error.entry, error.column], [label, 1, 32]);
      assert.equal(
        error.message,
        `image label ${label}, entry [1], column 32: gpuCount must be a whole number but is '2'; ` +
          "write a bare number, without quotes, e.g. 1 and push the image under another tag, or set spec.imageMetadata",
      );
      return true;
    });
  }
});

Deno.test("labels that do not fit into an object are refused, the largest of them by name", () => {
  const labels = { small: "x", large: "x".repeat(largestMetadata) };
  assert.throws(() => imageMetadataOf(labels), (error) => {
    assert.ok(error instanceof LabelError);
    assert.equal(error.label, "large");
    assert.match(error.message, /bytes of metadata, and no more than 1048576 fit/);
    return true;
  });
  imageMetadataOf({ ...labels, large: "x".repeat(largestMetadata - 200) });
});

Deno.test("labels count twice with their names: the API server keeps beside them who owns each", () => {
  const labels = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`com.example.label-${n}`, ""]));
  const many = Math.floor(largestMetadata / 40);
  assert.ok(JSON.stringify(labels(many)).length < largestMetadata, "by themselves they would fit");
  assert.throws(() => imageMetadataOf(labels(many)), LabelError);
  imageMetadataOf(labels(Math.floor(many / 2)));
});

Deno.test("labels named like what every object has are labels", () => {
  const labels = JSON.parse('{"__proto__": "a", "constructor": "b", "org.opencontainers.image.title": "c"}');
  const { oci, originalLabels } = imageMetadataOf(labels);
  assert.deepEqual(oci, { title: "c" });
  assert.deepEqual(Object.entries(originalLabels!), [
    ["__proto__", "a"],
    ["constructor", "b"],
    ["org.opencontainers.image.title", "c"],
  ]);
  assert.deepEqual(imageMetadataOf({ a: "\ud800" }).originalLabels, { a: "\ufffd" });
});

Deno.test("a label that is no text is named", () => {
  const labels = { good: "x", bad: 1 } as unknown as Record<string, string>;
  assert.throws(() => imageMetadataOf(labels), /^LabelError: image label bad: its value is not text/);
});

Deno.test("whatever labels say, the metadata is as the schema has it", () => {
  const suffixes = [
    "title",
    "model.tags",
    "hfToken.required",
    "model.recommendedDeployments",
    "model.source",
  ];
  const name = fc.oneof(
    fc.tuple(fc.constantFrom(ours, older, "org.opencontainers.image."), fc.constantFrom(...suffixes))
      .map(([prefix, suffix]) => prefix + suffix),
    fc.string().filter((text) => text !== "__proto__"), // zod leaves it out of what it has parsed; see above
  );
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("true", "a,b", "[{'gpuCount': 3}]"));
  fc.assert(fc.property(fc.dictionary(name, value), (labels) => {
    let metadata;
    try {
      metadata = imageMetadataOf(labels);
    } catch (error) {
      assert.ok(error instanceof LabelError);
      return;
    }
    assert.deepEqual(imageMetadata.parse(metadata), metadata);
    assert.deepEqual(JSON.parse(JSON.stringify(metadata)), metadata);
    assert.deepEqual(metadata.originalLabels ?? {}, { ...labels });
  }));
});
