/** api.md §10.3 and the status tables: which words a status takes, and its default. */
import assert from "node:assert/strict";
import { accepted, refused, type Server } from "./server.ts";

const specs: Record<string, object> = {
  AIMService: { model: { name: "m" } },
  AIMModel: { image: "i" },
  AIMClusterModel: { image: "i" },
  AIMServiceTemplate: { modelName: "m" },
  AIMClusterServiceTemplate: { modelName: "m" },
  AIMTemplateCache: { templateName: "t", templateScope: "Cluster" },
  AIMArtifact: { sourceUri: "hf://a/b" },
  AIMClusterModelSource: { filters: [{ image: "a/b" }] },
};

const common = ["Pending", "Progressing", "Ready", "Degraded", "Failed", "NotAvailable"];
const words: Record<string, string[]> = {
  AIMService: ["Pending", "Starting", "Running", "Degraded", "Failed"],
  AIMModel: common,
  AIMClusterModel: common,
  AIMServiceTemplate: common,
  AIMClusterServiceTemplate: common,
  AIMTemplateCache: common,
  AIMArtifact: common,
  AIMClusterModelSource: [...common, "Starting", "Running"],
};
const allWords = [...common, "Starting", "Running", "Unknown", ""];

export async function statusValues(server: Server, test: Deno.TestContext): Promise<void> {
  for (const [kind, spec] of Object.entries(specs)) {
    await test.step(`${kind} takes the status words ${words[kind].join(", ")} and no others`, async () => {
      const object = await server.created(kind, spec);
      for (const status of allWords) {
        const answer = await server.patchStatus(object, { status });
        if (words[kind].includes(status)) assert.equal(accepted(answer).status.status, status);
        else refused(answer, "status.status: Unsupported value");
      }
    });
    await test.step(`${kind} has no status until one is written, then ${kind in defaults ? "none" : "Pending"}`, async () => {
      const object = await server.created(kind, { ...spec });
      assert.equal(object.status, undefined);
      const { status } = accepted(await server.patchStatus(object, { observedGeneration: 1 }));
      assert.equal(status.status, kind in defaults ? undefined : "Pending");
    });
  }

  await test.step("a status given at creation is dropped", async () => {
    const object = await server.plane.request(
      "POST",
      "/apis/aim.eai.amd.com/v1alpha1/aimclustermodels",
      {
        apiVersion: "aim.eai.amd.com/v1alpha1",
        kind: "AIMClusterModel",
        metadata: { name: "with-status" },
        spec: { image: "i" },
        status: { status: "Ready" },
      },
    );
    assert.equal(object.status, undefined);
  });

  await test.step("hardware in a status is checked like hardware in a spec", async () => {
    const object = await server.created("AIMServiceTemplate", { modelName: "m" });
    refused(await server.patchStatus(object, { resolvedHardware: {} }), "gpu or cpu must be set");
    refused(
      await server.patchStatus(object, { resolvedHardware: { gpu: { model: "MI300X", minVram: "1Gi" } } }),
      "model and minVram exclude each other",
    );
  });

  await test.step("free JSON of a profile is kept as it is", async () => {
    const object = await server.created("AIMServiceTemplate", { modelName: "m" });
    const profile = {
      engine_args: { a: [1, { b: false }], c: "d" },
      env_vars: { E: "f" },
      originalDiscoveryOutput: [1],
    };
    const { status } = accepted(await server.patchStatus(object, { profile }));
    assert.deepEqual(status.profile, profile);
  });

  await test.step("conditions have one entry per type, with a reason", async () => {
    const object = await server.created("AIMService", { model: { name: "m" } });
    const condition = {
      type: "Ready",
      status: "True",
      reason: "AllComponentsReady",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    accepted(await server.patchStatus(object, { conditions: [condition] }));
    refused(await server.patchStatus(object, { conditions: [condition, condition] }), "Duplicate value");
    refused(await server.patchStatus(object, { conditions: [{ ...condition, reason: "" }] }), "reason");
    refused(
      await server.patchStatus(object, { conditions: [{ ...condition, lastTransitionTime: "now" }] }),
      "date-time",
    );
  });
}

/** Kinds whose status has no default word. */
const defaults = { AIMClusterModelSource: undefined };
