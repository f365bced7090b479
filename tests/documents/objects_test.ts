/** The YAML of the documents, applied as a reader applies it. What is no object says so in a comment above it. */

import assert from "node:assert/strict";
import type { Cluster } from "../control_plane/cluster.ts";
import { startScenarioServer } from "../e2e/half.ts";
import { installManifests } from "../embedded/installation.ts";
import { documentsOf } from "../manifests/documents.ts";
import { documentAt, documents } from "./markdown.ts";

let plane: Cluster;

Deno.test.beforeAll(async () => {
  plane = await startScenarioServer({ neighbours: true });
  await installManifests(plane);
});

Deno.test.afterAll(() => plane.stop());

const yaml = documents.flatMap((file) => documentAt(file).blocks)
  .filter(({ language, mark }) => ["yaml", "yml"].includes(language) && mark === undefined);

Deno.test("every object of the documents is accepted under strict validation", async (t) => {
  assert.ok(yaml.length > 10);
  const namespaces = new Set(
    yaml.flatMap(({ text }) => documentsOf(text)).flatMap(({ metadata }) => metadata?.namespace ?? []),
  );
  for (const name of namespaces) {
    await plane.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
  }
  for (const { file, heading, text } of yaml) {
    const titles = documentsOf(text).map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
    await t.step(`${file}, ${heading}: ${titles.join(", ")}`, async () => {
      assert.doesNotMatch(
        titles.join(),
        /undefined/,
        "no whole object: mark it with `<!-- not run: why -->`",
      );
      const { code, stderr } = await plane.kubectl(
        ["apply", "--dry-run=server", "--validate=strict", "-f", "-"],
        text,
      );
      assert.equal(code, 0, stderr);
    });
  }
});

Deno.test("each of the ten kinds has an example", () => {
  const shown = new Set(yaml.flatMap(({ text }) => documentsOf(text)).map(({ kind }) => kind));
  assert.deepEqual(
    [
      ...["AIMArtifact", "AIMClusterModel", "AIMClusterModelSource", "AIMClusterRuntimeConfig"],
      ...["AIMClusterServiceTemplate", "AIMModel", "AIMRuntimeConfig", "AIMService"],
      ...["AIMServiceTemplate", "AIMTemplateCache"],
    ].filter((kind) => !shown.has(kind)),
    [],
  );
});
