/** api.md §13: the sample manifests are accepted as a user applies them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { AnyObject, Server } from "./server.ts";

const folder = new URL("../../manifests/samples/", import.meta.url);

/** Kinds per file, in order. */
const files: [string, string[]][] = [
  ["air-gapped-mirror.yaml", ["AIMClusterModelSource", "AIMClusterRuntimeConfig"]],
  ["caching-by-hand.yaml", ["AIMTemplateCache", "AIMArtifact"]],
  ["custom-models.yaml", ["AIMService", "AIMClusterModel"]],
  ["first-service.yaml", ["AIMClusterRuntimeConfig", "AIMService"]],
  ["model-source.yaml", ["AIMClusterModelSource"]],
  ["platform-team-source.yaml", ["AIMClusterModelSource"]],
  ["private-authority.yaml", ["AIMClusterModelSource", "AIMClusterRuntimeConfig"]],
  ["routed-autoscaled-service.yaml", ["AIMService"]],
  ["runtime-configs.yaml", ["AIMClusterRuntimeConfig", "AIMRuntimeConfig"]],
  ["tenants.yaml", ["AIMClusterRuntimeConfig", "AIMRuntimeConfig", "AIMRuntimeConfig", "AIMModel"]],
  ["template-by-hand.yaml", ["AIMModel", "AIMServiceTemplate", "AIMService"]],
];

export async function samples(server: Server, test: Deno.TestContext): Promise<void> {
  await test.step("every sample of §13 is there", async () => {
    const there: string[] = [];
    for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".yaml")) there.push(name);
    for (const [name] of files) assert.ok(there.includes(name), name);
  });

  for (const [name, kinds] of files) {
    await test.step(`${name} applies under strict validation`, async () => {
      const file = new URL(name, folder);
      const objects: AnyObject[] = parseAllDocuments(await Deno.readTextFile(file)).map((document) =>
        document.toJS()
      );
      assert.deepEqual(objects.map(({ kind }) => kind), kinds);
      for (const name of new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))) {
        await server.plane.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
      }
      for (const how of [["--server-side"], []]) {
        const applied = await server.plane.kubectl([
          "apply",
          ...how,
          "--validate=strict",
          "-f",
          fileURLToPath(file),
        ]);
        assert.equal(applied.code, 0, applied.stderr);
      }
      for (const object of objects) {
        const stored = await server.get(object);
        for (const key of Object.keys(object.spec)) assert.ok(key in stored.spec, `${name}: ${key}`);
      }
    });
  }
}
