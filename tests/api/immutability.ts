/** api.md §10.1: which fields cannot change, and how. */
import { accepted, refused, type Server } from "./server.ts";

const source = { modelId: "a/b", sourceUri: "hf://a/b" };
const custom = { baseImage: "i", modelSources: [source], hardware: { gpu: { requests: 1 } } };

/** Kind, field, the rest of the spec, one value of the field, another one. */
const changes: [string, string, object, unknown, unknown][] = [
  ["AIMService", "template", { model: { name: "m" } }, { name: "t" }, { name: "u" }],
  ["AIMService", "caching", { model: { name: "m" } }, { mode: "Always" }, { mode: "Shared" }],
  ["AIMServiceTemplate", "metric", { modelName: "m" }, "latency", "throughput"],
  ["AIMServiceTemplate", "precision", { modelName: "m" }, "fp8", "fp16"],
  ["AIMServiceTemplate", "hardware", { modelName: "m" }, { gpu: { minVram: "1Gi" } }, {
    gpu: { minVram: "1024Mi" },
  }],
  ["AIMClusterServiceTemplate", "metric", { modelName: "m" }, "latency", "throughput"],
  ["AIMClusterServiceTemplate", "precision", { modelName: "m" }, "fp8", "fp16"],
  ["AIMClusterServiceTemplate", "hardware", { modelName: "m" }, { gpu: { requests: 1 } }, {
    gpu: { requests: 2 },
  }],
];

const overrides: [string, unknown, unknown][] = [
  ["metric", "latency", "throughput"],
  ["precision", "fp8", "fp16"],
  ["hardware", { gpu: { model: "MI300X" } }, { gpu: { model: "MI325X" } }],
];

/** Required fields: kind, field, a spec, the field changed. */
const fixed: [string, string, object, unknown][] = [
  ["AIMService", "model", { model: { name: "m" } }, { name: "n" }],
  ["AIMService", "model", { model: { name: "m" } }, { name: null, image: "i" }],
  ["AIMService", "model", { model: { custom } }, { custom: { baseImage: "j" } }],
  ["AIMServiceTemplate", "modelName", { modelName: "m" }, "n"],
  ["AIMClusterServiceTemplate", "modelName", { modelName: "m" }, "n"],
  ["AIMArtifact", "sourceUri", { sourceUri: "hf://a/b" }, "hf://a/c"],
];

export async function immutability(server: Server, test: Deno.TestContext): Promise<void> {
  for (const [kind, field, rest, one, other] of changes) {
    await test.step(`${kind}.spec.${field} can be added and removed, not changed`, async () => {
      const object = await server.created(kind, rest);
      const change = (value: unknown) => server.patch(object, { spec: { [field]: value } });
      accepted(await change(one));
      refused(await change(other), `spec.${field}`, `${field} cannot change after creation`);
      accepted(await change(one));
      accepted(await change(null));
      accepted(await change(other));
    });
  }
  for (const [field, one, other] of overrides) {
    await test.step(`AIMService.spec.overrides.${field} can be added and removed, not changed`, async () => {
      const object = await server.created("AIMService", { model: { name: "m" } });
      const change = (value: unknown) => server.patch(object, { spec: { overrides: { [field]: value } } });
      accepted(await change(one));
      refused(await change(other), `spec.overrides.${field}`, `${field} cannot change after creation`);
      accepted(await server.patch(object, { spec: { overrides: null } }));
      accepted(await change(other));
    });
  }
  for (const [kind, field, spec, changed] of fixed) {
    await test.step(`${kind}.spec.${field} is fixed: ${JSON.stringify(changed)}`, async () => {
      const object = await server.created(kind, spec);
      refused(
        await server.patch(object, { spec: { [field]: changed } }),
        `${field} cannot change after creation`,
      );
      refused(await server.patch(object, { spec: { [field]: null } }), `spec.${field}: Required value`);
    });
  }
  await test.step("a required field can be given anew when the whole spec was removed", async () => {
    const object = await server.created("AIMService", { model: { name: "m" } });
    accepted(await server.patch(object, { spec: null }));
    accepted(await server.patch(object, { spec: { model: { name: "n" } } }));
  });
  await test.step("nothing of a cache is fixed", async () => {
    const object = await server.created("AIMTemplateCache", { templateName: "t", templateScope: "Cluster" });
    const changed = {
      templateName: "u",
      templateScope: "Namespace",
      mode: "Dedicated",
      storageClassName: "s",
    };
    accepted(await server.patch(object, { spec: changed }));
  });
}
