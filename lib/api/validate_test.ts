import assert from "node:assert/strict";
import {
  aimArtifact,
  aimClusterModelSource,
  aimModel,
  aimService,
  aimServiceTemplate,
  aimTemplateCache,
  describeIssue,
  type Kind,
  type KubeObject,
  validate,
} from "./mod.ts";

/** An object of any shape, as it may come out of a watch. */
function stored(spec: unknown): KubeObject {
  return { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "Any", metadata: { name: "x" }, spec } as KubeObject;
}

const source = { modelId: "a/b", sourceUri: "hf://a/b" };
const longText = (length: number) => "\u{1F600}".repeat(length);

const accepted: [string, Kind, unknown][] = [
  ["no spec", aimService, undefined],
  ["a model by name", aimService, { model: { name: "m" } }],
  ["an empty model name", aimService, { model: { name: "" } }],
  ["negative replicas", aimService, { model: { name: "m" }, replicas: -1 }],
  ["a duration that is none", aimService, { model: { name: "m" }, routing: { requestTimeout: "soon" } }],
  ["a quantity as a number", aimService, { model: { name: "m" }, resources: { limits: { cpu: 2 } } }],
  ["unknown fields", aimService, { model: { name: "m", ref: "n" }, extra: { deep: [1] } }],
  ["minVram with an empty model", aimServiceTemplate, {
    modelName: "m",
    hardware: { gpu: { minVram: "1Gi", model: "" } },
  }],
  ["64 characters beyond the basic plane", aimServiceTemplate, {
    modelName: "m",
    hardware: { gpu: { model: longText(64) } },
  }],
  ["sources without hardware and templates", aimModel, { image: "i", modelSources: [source] }],
  ["sources and hardware in every template", aimModel, {
    image: "i",
    modelSources: [source],
    customTemplates: [{ hardware: { cpu: { requests: 1 } } }],
  }],
  ["a filter without image text", aimClusterModelSource, { filters: [{ image: "" }] }],
  ["a size beyond 2^53", aimArtifact, { sourceUri: "hf://a/b", size: 2 ** 60 }],
];
for (const [what, kind, spec] of accepted) {
  Deno.test(`${kind.kind} with ${what} is valid and comes back untouched`, () => {
    const object = stored(spec);
    const before = structuredClone(object);
    const result = validate(kind, object);
    assert.ok(result.ok);
    assert.equal(result.value, object);
    assert.deepEqual(object, before);
  });
}

const refused: [Kind, unknown, string][] = [
  [aimService, "text", 'spec is "text" but must be an object; replace it by an object'],
  [aimService, {}, "spec.model is required; set it"],
  [
    aimService,
    { model: {} },
    "spec.model: exactly one of name, image, custom must be set; keep one of name, image and custom (spec.model cannot change: delete the object and create it again)",
  ],
  [
    aimService,
    { model: { name: "a", image: "b" } },
    "spec.model: exactly one of name, image, custom must be set; keep one of name, image and custom (spec.model cannot change: delete the object and create it again)",
  ],
  [
    aimService,
    { model: { custom: { baseImage: "b", modelSources: [], hardware: { gpu: {} } } } },
    "spec.model.custom.modelSources: must have at least 1 item; add an item (spec.model cannot change: delete the object and create it again)",
  ],
  [
    aimService,
    { model: { custom: { modelSources: [source], hardware: { gpu: {} } } } },
    "spec.model.custom.baseImage is required; set it (spec.model cannot change: delete the object and create it again)",
  ],
  [
    aimService,
    { model: { name: "m" }, caching: { mode: "Sometimes" } },
    'spec.caching.mode is "Sometimes" but must be one of Dedicated, Shared, Auto, Always, Never; ' +
    "set it to one of Dedicated, Shared, Auto, Always, Never (spec.caching cannot change in place: remove it, then add it again)",
  ],
  [
    aimService,
    { model: { name: "m" }, minReplicas: 0 },
    "spec.minReplicas is 0 but must be at least 1; set it to 1 or more",
  ],
  [
    aimService,
    { model: { name: "m" }, replicas: 1.5 },
    "spec.replicas is 1.5 but must be a whole number; round it to a whole number",
  ],
  [
    aimService,
    { model: { name: "m" }, replicas: "2" },
    'spec.replicas is "2" but must be a whole number; replace it by a whole number',
  ],
  [
    aimService,
    { model: { name: "m" }, resources: { limits: { memory: "16 GB" } } },
    'spec.resources.limits.memory is "16 GB" but must be a quantity; write it like 4, 500m, 16Gi or 2.5G',
  ],
  [
    aimService,
    { model: { name: "m" }, resources: { limits: { memory: true } } },
    "spec.resources.limits.memory is true but must be a quantity; replace it by a number or a string like 16Gi",
  ],
  [
    aimService,
    { model: { name: "m" }, env: [{ name: "A", value: "s3cret" }, { name: "A" }] },
    'spec.env: has more than one item with name "A"; keep one of them',
  ],
  [
    aimService,
    { model: { name: "m" }, overrides: { hardware: {} } },
    "spec.overrides.hardware: gpu or cpu must be set; set gpu or cpu (spec.overrides.hardware cannot change in place: remove it, then add it again)",
  ],
  [
    aimServiceTemplate,
    { modelName: "m", hardware: { gpu: { model: "MI300X", minVram: "1Gi" } } },
    "spec.hardware.gpu: model and minVram exclude each other: name a GPU model or a minimum of memory; " +
    "remove model or minVram (spec.hardware cannot change in place: remove it, then add it again)",
  ],
  [
    aimServiceTemplate,
    { modelName: "m", hardware: { gpu: { model: longText(65) } } },
    `spec.hardware.gpu.model is "${longText(39)}… ` +
    "but must have at most 64 characters; shorten it to 64 characters (spec.hardware cannot change in place: remove it, then add it again)",
  ],
  [
    aimModel,
    { image: "i", modelSources: [source], customTemplates: [{ name: "t" }] },
    "spec: with modelSources, hardware must come from custom.hardware or from every item of customTemplates; " +
    "set custom.hardware, or hardware in every item of customTemplates",
  ],
  [aimModel, { image: "" }, 'spec.image is "" but must have at least 1 character; give it a value'],
  [
    aimModel,
    { image: "i", modelSources: [source, source] },
    "spec.modelSources: must have at most 1 item; keep 1 of them",
  ],
  [aimTemplateCache, { templateName: "t" }, "spec.templateScope is required; set it"],
  [
    aimArtifact,
    { sourceUri: "HF://a/b" },
    'spec.sourceUri is "HF://a/b" but must match ^(hf|s3)://[^ \\t\\r\\n]+$; ' +
    "write it in the form hf://org/name or s3://bucket/folder (spec.sourceUri cannot change: delete the object and create it again)",
  ],
  [
    aimClusterModelSource,
    { filters: [{ image: "a/b", exclude: [7] }] },
    "spec.filters[0].exclude[0] is 7 but must be a string; replace it by a string",
  ],
];
for (const [kind, spec, sentence] of refused) {
  Deno.test(`${kind.kind}: ${sentence}`, () => {
    const object = stored(spec);
    const before = structuredClone(object);
    const result = validate(kind, object);
    assert.ok(!result.ok);
    assert.equal(describeIssue(result.issues[0]), sentence);
    assert.deepEqual(object, before);
  });
}

Deno.test("every fault is reported", () => {
  const result = validate(aimService, stored({ model: { name: 1 }, minReplicas: 0, caching: { mode: "x" } }));
  assert.ok(!result.ok);
  assert.deepEqual(result.issues.map(({ path, value }) => [path, value]), [
    ["spec.model.name", 1],
    ["spec.caching.mode", "x"],
    ["spec.minReplicas", 0],
  ]);
});
