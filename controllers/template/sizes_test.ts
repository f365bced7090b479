/** Sources of a template that say no size learn it from the artifacts that measured it. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/object.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { clusterTemplate, model, pass, template } from "./template_sample.ts";

const gibi = 2 ** 30;
const bare = { modelId: "org/m", sourceUri: "hf://org/m" };

function measured(
  bytes: number | undefined,
  { namespace = "ns", sourceUri = bare.sourceUri, env = [] as object[] } = {},
): KubeObject {
  return {
    apiVersion: API_VERSION,
    kind: "AIMArtifact",
    metadata: { name: `a-${namespace}-${bytes}`, namespace },
    spec: { sourceUri, env },
    status: { discoveredSizeBytes: bytes },
  } as KubeObject;
}

const rows: [
  what: string,
  artifacts: KubeObject[],
  size: string | undefined,
  inCluster: string | undefined,
][] = [
  ["nothing was measured", [measured(undefined)], undefined, undefined],
  ["an artifact of the namespace", [measured(3 * gibi)], "3Gi", "3Gi"],
  ["bytes that are no round number", [measured(9_094_593_249)], "9094593249", "9094593249"],
  ["the largest of several", [measured(3 * gibi), measured(5 * gibi), measured(gibi)], "5Gi", "5Gi"],
  ["one of another namespace", [measured(3 * gibi, { namespace: "other" })], undefined, "3Gi"],
  ["another source", [measured(3 * gibi, { sourceUri: "hf://org/other" })], undefined, undefined],
  [
    "some of its files",
    [measured(gibi, { env: [{ name: "AIM_DOWNLOADER_INCLUDE", value: "*.json" }] })],
    undefined,
    undefined,
  ],
];

Deno.test("what a source without a size learns, in a namespace and in the cluster", () => {
  for (const [what, artifacts, size, inCluster] of rows) {
    const spec = { modelSources: [bare] };
    const own = pass(template(spec), [model(), ...artifacts]).status?.modelSources;
    assert.deepEqual(own, [{ ...bare, ...(size && { size }) }], what);
    const all = pass(clusterTemplate(spec), [model("AIMClusterModel"), ...artifacts]).status?.modelSources;
    assert.deepEqual(all, [{ ...bare, ...(inCluster && { size: inCluster }) }], `${what}, cluster`);
  }
});

Deno.test("a size that is said stays; one that was learnt stays when its artifact goes, until its source does", () => {
  const said = { ...bare, size: "1Gi" };
  const of = (source: object, before?: object) =>
    pass(
      template({ modelSources: [source as typeof bare] }, {
        status: before && { modelSources: [before as typeof bare] },
      }),
      [model()],
    ).status?.modelSources;
  assert.deepEqual(
    pass(template({ modelSources: [said] }), [model(), measured(3 * gibi)]).status?.modelSources,
    [said],
  );
  assert.deepEqual(of(bare, { ...bare, size: "3Gi" }), [{ ...bare, size: "3Gi" }]);
  assert.deepEqual(of({ ...bare, size: "0" }, { ...bare, size: "3Gi" }), [{ ...bare, size: "3Gi" }]);
  assert.deepEqual(of({ ...bare, sourceUri: "hf://org/new" }, { ...bare, size: "3Gi" }), [
    { ...bare, sourceUri: "hf://org/new" },
  ]);
});
