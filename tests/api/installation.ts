/** api.md §14.1: the CRDs install as a user installs them, without complaints about schema or cost. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { kinds } from "../../lib/api/mod.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { until } from "../control_plane/until.ts";
import type { Server } from "./server.ts";

const folder = fileURLToPath(new URL("../../manifests/crds", import.meta.url));

/** Applies manifests/crds client-side, which also fails when a CRD is too large for its annotation. */
export async function installCrds(plane: Cluster): Promise<void> {
  const { code, stderr } = await plane.kubectl(["apply", "-k", folder]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  await until("all ten kinds served", async () => {
    const { resources } = await plane.request("GET", "/apis/aim.eai.amd.com/v1alpha1");
    return kinds.every(({ plural }) => resources.some(({ name }: { name: string }) => name === plural));
  });
}

export async function installation({ plane }: Server, test: Deno.TestContext): Promise<void> {
  for (const kind of kinds) {
    await test.step(`${kind.kind} is served and its schema is structural`, async () => {
      const crd = await plane.request(
        "GET",
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind.plural}.${kind.group}`,
      );
      const conditions = crd.status.conditions.map(({ type, status }: Record<string, string>) =>
        `${type}=${status}`
      );
      assert.deepEqual(conditions.sort(), ["Established=True", "NamesAccepted=True"]);
      assert.deepEqual(crd.status.acceptedNames.shortNames, kind.shortNames);
    });
  }

  await test.step("applying them once more changes nothing", async () => {
    const { code, stdout } = await plane.kubectl(["apply", "-k", folder]);
    assert.equal(code, 0);
    const lines = stdout.trim().split("\n");
    assert.equal(lines.length, 10);
    for (const line of lines) assert.match(line, /unchanged$/);
  });
}
