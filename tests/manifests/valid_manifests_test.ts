/** Everything that kustomize and Helm make of the manifests, as the API server and kubeconform judge it. */

import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { clusterRead, namespacedManifests } from "../e2e/namespaced_installation.ts";
import { type Document, documentsOf, manifestsFolder } from "./documents.ts";
import { Helm } from "./helm.ts";
import { findings, writeSchemas } from "./kubeconform.ts";

let plane: ControlPlane;
let schemas: string;
/** What is judged, as text, by what makes it: each document once. */
const made = new Map<string, string>();
const judged = new Set<string>();

function add(title: string, text: string): void {
  const documents = text.split(/^---$/m).map((each) => each.trim()).filter((each) =>
    !judged.has(each) && /^kind: |"kind":/m.test(each) &&
    // Most of the text: once as they are, and once as Helm has them.
    !(title.startsWith("chart aim-engine,") && /^kind: CustomRes/m.test(each))
  );
  for (const each of documents) judged.add(each);
  if (documents.length > 0) made.set(title, documents.join("\n---\n"));
}

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ kserve: {}, gatewayApi: true });
  const neighbours = ["prometheus-operator-crds", "cert-manager-crds"] as const;
  await plane.want({ yaml: neighbours });
  for (const set of neighbours) await plane.apply(await withoutHelmsLabels(plane.yaml(set)));
  await plane.apply(
    ["aim-system", "ml-team", "research", "argocd"].map((name) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    })),
  );
  const kustomize = async (path: string) => {
    const { code, stdout, stderr } = await plane.kubectl(["kustomize", `${manifestsFolder}/${path}`]);
    assert.equal(code, 0, stderr);
    add(`manifests/${path}`, stdout);
  };
  await kustomize(".");
  await kustomize("argocd");
  for (const { name } of Deno.readDirSync(`${manifestsFolder}/overlays`)) await kustomize(`overlays/${name}`);
  const scoped = [...await namespacedManifests(plane, ["ml-team", "research"]), ...await clusterRead(plane)];
  add("an operator of some namespaces", scoped.map((each) => JSON.stringify(each)).join("\n---\n"));
  const helm = await Helm.of(plane.folder);
  const values = [...Deno.readDirSync(`${manifestsFolder}/charts/values`)].map(({ name }) =>
    `--values=values/${name}`
  );
  const everything = [...values, "--set=clusterRuntimeConfig.enable=true,clusterModelSource.enable=true"];
  for (
    const [chart, args] of [["aim-engine-crds", []], ["aim-engine", []], ["aim-engine", everything]] as const
  ) {
    const title = `chart ${chart}, ${args.length > 0 ? "with all that it can have" : "as it is"}`;
    add(title, await helm.run("template", "aim-engine", chart, "--namespace=aim-system", ...args));
  }
  await plane.apply(made.get("manifests/.")!);
  await kindsServed(plane);
  schemas = `${plane.folder}/schemas`;
  await writeSchemas(plane, schemas);
});

Deno.test.afterAll(() => plane?.stop());

/** cert-manager's files are templates of Helm, of which only labels are more than a comment. */
async function withoutHelmsLabels(folder: string): Promise<Document[]> {
  const texts = [...Deno.readDirSync(folder)].map(({ name }) => Deno.readTextFile(`${folder}/${name}`));
  return (await Promise.all(texts)).flatMap(documentsOf).map((crd) => {
    delete crd.metadata!.labels;
    return crd;
  });
}

Deno.test("the API server takes all of it, without a warning", async (t) => {
  for (const [title, text] of made) {
    await t.step(title, async () => {
      const args = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"];
      const { code, stdout, stderr } = await plane.kubectl([...args, "-f", "-"], text);
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "");
      assert.equal(stdout.trim().split("\n").length, text.match(/^(kind: |\{.*"kind":)/gm)!.length);
    });
  }
});

Deno.test("kubeconform takes all of it, by the schemas of that API server", async (t) => {
  for (const [title, text] of made) {
    await t.step(title, async () => {
      const { wrong, valid } = await findings(schemas, text);
      assert.deepEqual(wrong, []);
      assert.ok(valid > 0);
    });
  }
});

Deno.test("both find what is wrong: a field that is not there, a type, a kind that nobody has", async () => {
  const wrong = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: aim-system}
spec: {replica: 1, selector: {}, template: {}}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: b, namespace: aim-system}
spec: {endpoints: none, selector: {}}
---
apiVersion: example.com/v1
kind: Nothing
metadata: {name: c}
`;
  const { wrong: found } = await findings(schemas, wrong);
  assert.equal(found.length, 3, found.join("\n"));
  const { stderr } = await plane.kubectl(
    ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"],
    wrong,
  );
  for (
    const said of [
      /unknown field "spec.replica"|replica.*not declared/,
      /endpoints/,
      /no matches for kind "Nothing"/,
    ]
  ) {
    assert.match(stderr, said);
  }
});
