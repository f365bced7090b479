/** api.md §5, §10.2 and §12: what the schemas take and what they refuse. */
import assert from "node:assert/strict";
import { accepted, namespace, refused, type Server } from "./server.ts";

const model = { name: "m" };
const source = { modelId: "a/b", sourceUri: "hf://a/b" };
const custom = { baseImage: "i", modelSources: [source], hardware: { gpu: { requests: 1 } } };
const template = (rest: object) => ({ modelName: "m", ...rest });
const letters = (count: number) => "a".repeat(count);

const takes: [string, string, unknown][] = [
  ["no spec (§10.2)", "AIMService", undefined],
  ["no spec (§10.2)", "AIMClusterModelSource", undefined],
  ["an empty model name (§10.2)", "AIMService", { model: { name: "" } }],
  ["an empty image (§10.2)", "AIMService", { model: { image: "" } }],
  ["no replicas (§10.2)", "AIMService", { model, replicas: 0 }],
  ["negative replicas (§10.2)", "AIMService", { model, replicas: -1 }],
  ["more replicas than 32 bits hold", "AIMService", { model, replicas: 2 ** 31 }],
  ["a minimum above the maximum (§10.2)", "AIMService", { model, minReplicas: 3, maxReplicas: 1 }],
  ["a metric without podmetric (§10.2)", "AIMService", {
    model,
    autoScaling: { metrics: [{ type: "PodMetric" }] },
  }],
  ["a target that is no number (§10.2)", "AIMService", {
    model,
    autoScaling: {
      metrics: [{ type: "PodMetric", podmetric: { metric: {}, target: { type: "Value", value: "abc" } } }],
    },
  }],
  ["a target without its value (§10.2)", "AIMService", {
    model,
    autoScaling: {
      metrics: [{ type: "PodMetric", podmetric: { metric: {}, target: { type: "Utilization" } } }],
    },
  }],
  ["a duration that is none (§10.2)", "AIMService", { model, routing: { requestTimeout: "soon" } }],
  ["an interval that is none (§10.2)", "AIMClusterModelSource", {
    filters: [{ image: "a/b" }],
    syncInterval: "1d",
  }],
  ["sources without any hardware (§10.2)", "AIMModel", { image: "i", modelSources: [source] }],
  ["no CPU at all (§10.2)", "AIMServiceTemplate", template({ hardware: { cpu: { requests: 0 } } })],
  ["less than no CPU (§10.2)", "AIMServiceTemplate", template({ hardware: { cpu: { requests: "-1" } } })],
  [
    "a CPU limit below the request (§10.2)",
    "AIMServiceTemplate",
    template({
      hardware: { cpu: { requests: 4, limits: "100m" } },
    }),
  ],
  ["a filter without image text (§10.2)", "AIMClusterModelSource", { filters: [{ image: "" }] }],
  ["two custom templates of one name (§10.2)", "AIMModel", {
    image: "i",
    customTemplates: [{ name: "t" }, { name: "t" }],
  }],
  ["a custom template name that is no label value (§10.2)", "AIMModel", {
    image: "i",
    customTemplates: [{ name: "-a b/c" }],
  }],
  ["recommended deployments with unknown words (§10.2)", "AIMModel", {
    image: "i",
    imageMetadata: { model: { recommendedDeployments: [{ precision: "fp1", metric: "fast" }] } },
  }],
  [
    "a minimum of memory with an empty model",
    "AIMServiceTemplate",
    template({
      hardware: { gpu: { minVram: "1Gi", model: "" } },
    }),
  ],
  ["an empty GPU", "AIMServiceTemplate", template({ hardware: { gpu: {} } })],
  ["several model sources in a template", "AIMServiceTemplate", template({ modelSources: [source, source] })],
  ["sources and hardware in every template", "AIMClusterModel", {
    image: "i",
    modelSources: [source],
    customTemplates: [{ hardware: { gpu: {} } }, { hardware: { cpu: { requests: 1 } } }],
  }],
  [
    "a GPU model of 64 characters",
    "AIMServiceTemplate",
    template({ hardware: { gpu: { model: letters(64) } } }),
  ],
  ["an empty size", "AIMArtifact", { sourceUri: "s3://b/k", size: 0 }],
  ["an empty download image", "AIMArtifact", { sourceUri: "s3://b/k", modelDownloadImage: "" }],
  ["headroom below zero in the deprecated field", "AIMRuntimeConfig", { pvcHeadroomPercent: -1 }],
  ["an image filter of 512 characters", "AIMClusterModelSource", { filters: [{ image: letters(512) }] }],
  // api.md §10.1.6: all of these must work
  ["allowUnoptimized written out as false (§10.1.6)", "AIMService", {
    model,
    template: { allowUnoptimized: false },
  }],
  ["a GPU request of 0 (§10.1.6)", "AIMService", {
    model: { custom: { ...custom, hardware: { gpu: { requests: 0 } } } },
  }],
  ["a CPU request as a number (§10.1.6)", "AIMService", {
    model: { custom: { ...custom, hardware: { cpu: { requests: 2 } } } },
  }],
  ["a size that is not canonical (§10.1.6)", "AIMService", {
    model: { custom: { ...custom, modelSources: [{ ...source, size: "1024Mi" }] } },
  }],
  ["an empty value of a variable (§10.1.6)", "AIMService", {
    model: { custom: { ...custom, modelSources: [{ ...source, env: [{ name: "A", value: "" }] }] } },
  }],
];

const refuses: [string, string, unknown, ...(string | RegExp)[]][] = [
  ["no model", "AIMService", {}, "spec.model: Required value"],
  ["no way to find the model (R-ONEOF)", "AIMService", { model: {} }, "exactly one of name, image, custom"],
  [
    "two ways to find the model (R-ONEOF)",
    "AIMService",
    { model: { name: "a", image: "b" } },
    "spec.model",
    "exactly one of name, image, custom",
  ],
  [
    "three ways to find the model (R-ONEOF)",
    "AIMService",
    { model: { name: "a", image: "b", custom } },
    "exactly one of name, image, custom",
  ],
  ["a custom model without base image", "AIMService", {
    model: { custom: { modelSources: [source], hardware: { gpu: {} } } },
  }, "spec.model.custom.baseImage: Required value"],
  ["a custom model without sources (R-SRC1)", "AIMService", {
    model: { custom: { ...custom, modelSources: [] } },
  }, "spec.model.custom.modelSources"],
  ["a custom model with two sources", "AIMService", {
    model: { custom: { ...custom, modelSources: [source, { ...source, modelId: "a/c" }] } },
  }, "spec.model.custom.modelSources: Too many"],
  [
    "a custom model without hardware",
    "AIMService",
    { model: { custom: { ...custom, hardware: undefined } } },
    "spec.model.custom.hardware: Required value",
  ],
  ["empty hardware (R-HW)", "AIMServiceTemplate", template({ hardware: {} }), "gpu or cpu must be set"],
  [
    "empty hardware in overrides (R-HW)",
    "AIMService",
    { model, overrides: { hardware: {} } },
    "spec.overrides.hardware",
    "gpu or cpu must be set",
  ],
  [
    "a GPU model with a minimum of memory (R-GPU)",
    "AIMClusterServiceTemplate",
    template({
      hardware: { gpu: { model: "MI300X", minVram: "1Gi" } },
    }),
    "model and minVram exclude each other",
  ],
  [
    "sources with a template without hardware (R-MODELHW)",
    "AIMModel",
    {
      image: "i",
      modelSources: [source],
      customTemplates: [{ hardware: { gpu: {} } }, { name: "t" }],
    },
    "custom.hardware",
    "customTemplates",
  ],
  ["the same in the cluster (R-MODELHW)", "AIMClusterModel", {
    image: "i",
    modelSources: [source],
    custom: { type: "preview" },
    customTemplates: [{}],
  }, "custom.hardware"],
  ["an unknown metric", "AIMServiceTemplate", template({ metric: "fast" }), '"latency", "throughput"'],
  [
    "an unknown precision",
    "AIMServiceTemplate",
    template({ precision: "fp64" }),
    '"auto", "fp4", "fp8", "fp16", "fp32", "bf16", "int4", "int8"',
  ],
  [
    "an unknown caching mode",
    "AIMService",
    { model, caching: { mode: "Sometimes" } },
    '"Dedicated", "Shared", "Auto", "Always", "Never"',
  ],
  ["a model id with a dot before the slash (P-ModelId)", "AIMArtifact", {
    sourceUri: "hf://a/b",
    modelId: "a.b/c",
  }, "spec.modelId"],
  [
    "a model id with two slashes (P-ModelId)",
    "AIMArtifact",
    { sourceUri: "hf://a/b", modelId: "a/b/c" },
    "spec.modelId",
  ],
  ["an empty model id (P-ModelId)", "AIMArtifact", { sourceUri: "hf://a/b", modelId: "" }, "spec.modelId"],
  ["a scheme in upper case (P-SourceUri)", "AIMArtifact", { sourceUri: "HF://a/b" }, "spec.sourceUri"],
  ["a source with a space (P-SourceUri)", "AIMArtifact", { sourceUri: "hf://a b" }, "spec.sourceUri"],
  ["an unknown scheme (P-SourceUri)", "AIMArtifact", { sourceUri: "https://a/b" }, "spec.sourceUri"],
  [
    "a quantity that is none",
    "AIMService",
    { model, resources: { limits: { memory: "16 GB" } } },
    "spec.resources.limits.memory",
  ],
  [
    "a quantity with a fraction as a number",
    "AIMService",
    { model, resources: { limits: { cpu: 0.5 } } },
    "spec.resources.limits.cpu",
  ],
  ["a minimum of no replicas", "AIMService", { model, minReplicas: 0 }, "spec.minReplicas"],
  ["a maximum of no replicas", "AIMService", { model, maxReplicas: 0 }, "spec.maxReplicas"],
  ["replicas as text", "AIMService", { model, replicas: "2" }, "spec.replicas"],
  [
    "a GPU request below zero",
    "AIMServiceTemplate",
    template({ hardware: { gpu: { requests: -1 } } }),
    "spec.hardware.gpu.requests",
  ],
  [
    "a GPU model of 65 characters",
    "AIMServiceTemplate",
    template({ hardware: { gpu: { model: letters(65) } } }),
    "spec.hardware.gpu.model",
  ],
  [
    "headroom below zero",
    "AIMClusterRuntimeConfig",
    { storage: { pvcHeadroomPercent: -1 } },
    "spec.storage.pvcHeadroomPercent",
  ],
  ["an empty image", "AIMModel", { image: "" }, "spec.image"],
  [
    "17 custom templates",
    "AIMModel",
    { image: "i", customTemplates: Array(17).fill({}) },
    "spec.customTemplates",
  ],
  ["65 variables of a custom template", "AIMModel", {
    image: "i",
    customTemplates: [{ env: Array.from({ length: 65 }, (_, index) => ({ name: `A${index}` })) }],
  }, "spec.customTemplates[0].env"],
  ["a custom template name of 64 characters", "AIMModel", {
    image: "i",
    customTemplates: [{ name: letters(64) }],
  }, "spec.customTemplates[0].name"],
  ["no template name", "AIMTemplateCache", { templateScope: "Cluster" }, "spec.templateName: Required value"],
  [
    "an empty template name",
    "AIMTemplateCache",
    { templateName: "", templateScope: "Cluster" },
    "spec.templateName",
  ],
  [
    "no template scope (§10.2)",
    "AIMTemplateCache",
    { templateName: "t" },
    "spec.templateScope: Required value",
  ],
  [
    "a variable twice (§10.2)",
    "AIMService",
    { model, env: [{ name: "A" }, { name: "A" }] },
    'Duplicate value: {"name":"A"}',
  ],
  [
    "a gateway without name",
    "AIMService",
    { model, routing: { gatewayRef: { namespace: "n" } } },
    "spec.routing.gatewayRef.name: Required value",
  ],
  [
    "a gateway port of 0",
    "AIMService",
    { model, routing: { gatewayRef: { name: "g", port: 0 } } },
    "spec.routing.gatewayRef.port",
  ],
  ["no filters", "AIMClusterModelSource", { filters: [] }, "spec.filters"],
  ["101 filters", "AIMClusterModelSource", { filters: Array(101).fill({ image: "a/b" }) }, "spec.filters"],
  [
    "a filter of 513 characters",
    "AIMClusterModelSource",
    { filters: [{ image: letters(513) }] },
    "spec.filters[0].image",
  ],
  [
    "more models than 10000",
    "AIMClusterModelSource",
    { filters: [{ image: "a/b" }], maxModels: 10001 },
    "spec.maxModels",
  ],
];

// api.md §10.2 and §12: a strict client is refused, others lose the field and are warned
const unknown: [string, string, object][] = [
  ["spec.model.ref", "AIMService", { model: { name: "m", ref: "n" } }],
  ["spec.hardware", "AIMService", { model, hardware: { gpu: {} } }],
  ["spec.routingAnnotations", "AIMService", { model, routingAnnotations: {} }],
  ["spec.hardware.gpu.models", "AIMServiceTemplate", template({ hardware: { gpu: { models: ["MI300X"] } } })],
  ["spec.custom.templates", "AIMModel", { image: "i", custom: { templates: [] } }],
  ["spec.modelSources[0].sizeBytes", "AIMModel", { image: "i", modelSources: [{ ...source, sizeBytes: 1 }] }],
  ["spec.imagePullSecrets", "AIMRuntimeConfig", { imagePullSecrets: [] }],
];

export async function acceptance(server: Server, test: Deno.TestContext): Promise<void> {
  for (const [what, kind, spec] of takes) {
    await test.step(`${kind} takes ${what} as it is written`, async () => {
      const object = accepted(await server.create(kind, spec));
      assertContains(object.spec, spec);
    });
  }
  for (const [what, kind, spec, ...words] of refuses) {
    await test.step(`${kind} refuses ${what}`, async () =>
      refused(await server.create(kind, spec), ...words));
  }
  for (const [index, [field, kind, spec]] of unknown.entries()) {
    await test.step(`${kind} does not know ${field}`, async () => {
      const object = {
        apiVersion: "aim.eai.amd.com/v1alpha1",
        kind,
        metadata: { name: `unknown-${index}`, namespace },
        spec,
      };
      const strict = await server.plane.kubectl(["apply", "-f", "-"], JSON.stringify(object));
      assert.notEqual(strict.code, 0);
      assert.match(strict.stderr, new RegExp(`unknown field "${RegExp.escape(field)}"`));
      const warned = await server.plane.kubectl(
        ["apply", "--validate=warn", "-f", "-"],
        JSON.stringify(object),
      );
      assert.equal(warned.code, 0, warned.stderr);
      assert.match(warned.stderr, new RegExp(`Warning: unknown field "${RegExp.escape(field)}"`));
      const stored = JSON.stringify((await server.get(object)).spec);
      assert.ok(!stored.includes(field.split(".").at(-1)!), stored);
    });
  }
}

/** Asserts that everything in `part` is in `whole`, unchanged; the API server adds defaults. */
function assertContains(whole: unknown, part: unknown): void {
  if (typeof part !== "object" || part === null) return assert.equal(whole, part);
  for (const [key, value] of Object.entries(part)) {
    assertContains((whole as Record<string, unknown>)[key], value);
  }
}
