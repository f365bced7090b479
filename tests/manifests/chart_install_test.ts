/** The charts on a real API server: installed, upgraded, rolled back, uninstalled, and what stays. */

import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { until } from "../control_plane/until.ts";
import { blocksRunBy } from "../documents/markdown.ts";
import { type Document, documentsOf, manifestsFolder } from "./documents.ts";
import { Helm } from "./helm.ts";

let plane: ControlPlane;
let helm: Helm;

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true });
  helm = await Helm.of(plane.folder, plane.adminKubeconfig);
});

Deno.test.afterAll(() => plane?.stop());

const namespace = "--namespace=aim-system";

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** All objects of the kustomize tree that the cluster has, but the namespace, which no chart makes. */
async function live(): Promise<Document[]> {
  const { stdout } = await plane.kubectl([
    ...["get", "-k", manifestsFolder, "--ignore-not-found", "-o", "json"],
  ]);
  if (stdout === "") return [];
  const found = JSON.parse(stdout);
  // One object is no list.
  const items: Document[] = found.kind === "List" ? found.items : [found];
  return items.filter(({ kind }) => kind !== "Namespace");
}

const isKind = ({ kind }: Document) => kind === "CustomResourceDefinition";
const releaseOf = ({ metadata }: Document) => metadata?.annotations?.["meta.helm.sh/release-name"];
const deployment = async () => (await live()).find(({ kind }) => kind === "Deployment")!;
const served = () => kindsServed(plane);

/** Deletes all kinds, or all of the kustomize tree with them. */
async function deleteTree(tree: string): Promise<void> {
  await served();
  await kubectl("delete", "-k", tree, "--ignore-not-found", "--timeout=5m");
}

/** What every write changes. */
const versions = async () => (await live()).map(({ kind, metadata }) => [kind, metadata!.resourceVersion]);

const blocksOf = (document: string) =>
  blocksRunBy(import.meta.url).filter(({ file }) => file === document).map(({ text }) => text);

Deno.test("the lines of manifests/README.md, as they are written there", async () => {
  const [install, upgrade, uninstall, ...others] = blocksOf("manifests/README.md");
  assert.deepEqual(others, []);
  await helm.typed(install, plane.toolsFolder);
  await served();
  const { image } = (await deployment()).spec.template.spec.containers[0];
  assert.equal(image, "registry.example.com/aim-operator:0.1.0");
  await helm.typed(upgrade, plane.toolsFolder);
  const history = JSON.parse(await helm.run("history", "aim-engine", namespace, "--output=json"));
  assert.deepEqual(history.map(({ revision }: { revision: number }) => revision), [1, 2, 3]);
  assert.equal((await deployment()).spec.template.spec.containers[0].image, image);
  await helm.typed(uninstall, plane.toolsFolder);
  await until("all but the kinds is gone", async () => (await live()).every(isKind));
  assert.equal((await live()).length, 10);
  await deleteTree(`${manifestsFolder}/crds`);
  await kubectl("delete", "namespace", "aim-system", "--timeout=60s");
});

Deno.test("kinds first, then the operator: each chart has its own, and nothing is missing", async () => {
  await helm.run("install", "aim-engine-crds", "aim-engine-crds", namespace, "--create-namespace");
  await served();
  const objects = "--set=clusterRuntimeConfig.enable=true,clusterModelSource.enable=true";
  const notes = await helm.run("install", "aim-engine", "aim-engine", namespace, objects);
  assert.match(notes, /kubectl rollout status deployment\/aim-engine-controller-manager -n aim-system/);
  const all = await live();
  assert.deepEqual([...new Set(all.filter(isKind).map(releaseOf))], ["aim-engine-crds"]);
  const others = all.filter((each) => !isKind(each));
  assert.deepEqual([...new Set(others.map(releaseOf))], ["aim-engine"]);
  const wanted = (await kubectl("kustomize", manifestsFolder)).match(/^kind: /gm)!.length;
  assert.equal(all.length, wanted - 1);
  assert.equal(await kubectl("get", "aimclusterruntimeconfig", "default", "-o", "jsonpath={.spec}"), "{}");
  const source = ["get", "aimclustermodelsource", "amd-aim-model-source", "-o", "jsonpath={.spec.maxModels}"];
  assert.equal(await kubectl(...source), "500");
});

Deno.test("an upgrade changes what its values change, and one without a change writes nothing", async () => {
  const before = await versions();
  await helm.run("upgrade", "aim-engine", "aim-engine", namespace, "--reset-then-reuse-values");
  await helm.run("upgrade", "aim-engine-crds", "aim-engine-crds", namespace);
  assert.deepEqual(await versions(), before);
  await helm.run("upgrade", "aim-engine", "aim-engine", namespace, "--values=values/high-availability.yaml");
  const { spec } = await deployment();
  assert.deepEqual([spec.replicas, spec.strategy.type], [2, "RollingUpdate"]);
  await kubectl("get", "poddisruptionbudget", "aim-engine-controller-manager", "-n", "aim-system");
  // What the values no longer say is gone.
  assert.equal(await kubectl("get", "aimclustermodelsources", "-o", "name"), "");
});

Deno.test("a rollback puts back what was", async () => {
  await helm.run("rollback", "aim-engine", "1", namespace);
  const { spec } = await deployment();
  assert.equal(spec.replicas, 1);
  assert.deepEqual(spec.strategy, { type: "Recreate" });
  assert.equal(await kubectl("get", "poddisruptionbudgets", "-n", "aim-system", "-o", "name"), "");
  assert.match(await kubectl("get", "aimclustermodelsources", "-o", "name"), /amd-aim-model-source/);
});

const service: Document = {
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMService",
  metadata: { name: "kept", namespace: "default" },
  spec: { model: { name: "none" } },
};

Deno.test("uninstalled, both charts leave the kinds and everybody's objects, and find them again", async () => {
  await plane.apply([service]);
  await helm.run("uninstall", "aim-engine", namespace);
  await until("all but the kinds is gone", async () => (await live()).every(isKind));
  await helm.run("uninstall", "aim-engine-crds", namespace);
  assert.equal((await live()).length, 10);
  assert.equal(
    await kubectl("get", "aimservices", "-n", "default", "-o", "name"),
    "aimservice.aim.eai.amd.com/kept",
  );
  await helm.run("install", "aim-engine-crds", "aim-engine-crds", namespace);
  await helm.run("install", "aim-engine", "aim-engine", namespace);
  assert.equal(
    await kubectl("get", "aimservices", "-n", "default", "-o", "name"),
    "aimservice.aim.eai.amd.com/kept",
  );
  await helm.run("uninstall", "aim-engine", "aim-engine-crds", namespace);
  await deleteTree(`${manifestsFolder}/crds`);
  await until("nothing is left", async () => (await live()).length === 0);
});

Deno.test("one chart alone brings the kinds, upgrades them, and leaves those that somebody else has made", async () => {
  await helm.run("install", "aim-engine", "aim-engine", namespace);
  await served();
  assert.deepEqual([...new Set((await live()).map(releaseOf))], ["aim-engine"]);

  const newer = `${plane.folder}/newer`;
  await helm.run("package", "aim-engine", `--destination=${newer}`);
  const [{ name: archive }] = [...Deno.readDirSync(newer)];
  const tar = await new Deno.Command("tar", { args: ["-xzf", archive], cwd: newer }).output();
  assert.ok(tar.success);
  const file = `${newer}/aim-engine/kustomize/crds/aimservices.yaml`;
  const text = await Deno.readTextFile(file);
  const column = "        - name: Status\n";
  assert.ok(text.includes(column));
  await Deno.writeTextFile(file, text.replace(column, "        - name: State\n"));
  await helm.run("upgrade", "aim-engine", `${newer}/aim-engine`, namespace);
  const columns = async () =>
    await kubectl(
      ...["get", "crd", "aimservices.aim.eai.amd.com"],
      ...["-o", "jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}"],
    );
  assert.match(await columns(), /\bState\b/);

  await helm.run("uninstall", "aim-engine", namespace);
  await until("all but the kinds is gone", async () => (await live()).every(isKind));
  await helm.run("install", "other", "aim-engine", namespace);
  assert.match(await columns(), /\bState\b/, "kinds of another release are left as they are");
  await helm.run("uninstall", "other", namespace);
  assert.equal((await live()).filter(isKind).length, 10);
  await deleteTree(`${manifestsFolder}/crds`);
});

Deno.test("what kubectl has installed, a release takes over, and its kinds with it if they are asked for", async () => {
  await kubectl("delete", "namespace", "aim-system", "--ignore-not-found", "--timeout=60s");
  await kubectl("apply", "-k", manifestsFolder);
  await served();
  await assert.rejects(helm.run("install", "aim-engine", "aim-engine", namespace), /cannot be imported/);
  const taking = ["--take-ownership", "--force-conflicts"];
  const [uid] = [(await deployment()).metadata!.uid];
  await helm.run("install", "aim-engine-crds", "aim-engine-crds", namespace, ...taking);
  await helm.run("install", "aim-engine", "aim-engine", namespace, ...taking);
  const after = await deployment();
  assert.equal(after.metadata!.uid, uid);
  assert.equal(releaseOf(after), "aim-engine");
  assert.deepEqual(
    [...new Set((await live()).filter(isKind).map(releaseOf))],
    ["aim-engine-crds"],
  );
});

/**
 * A chart like AIM Engine's, of objects under its names: CRDs apart, as templates or in Helm's own folder for them; the operator with its
 * image, wider rights, and a ConfigMap that we do not have.
 */
async function enginesCharts(folder: string, crdsIn: "templates" | "crds"): Promise<void> {
  const chart = async (name: string, files: Readonly<Record<string, readonly Document[]>>) => {
    const metadata = { apiVersion: "v2", name, version: "0.9.0" };
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}/Chart.yaml`, JSON.stringify(metadata));
    for (const [path, documents] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}/${path}`);
      const text = documents.map((each) => JSON.stringify(each)).join("\n---\n");
      await Deno.writeTextFile(`${folder}/${name}/${path}/all.yaml`, text);
    }
  };
  const crds = documentsOf(await kubectl("kustomize", `${manifestsFolder}/crds`));
  await chart("aim-engine-crds", { [crdsIn]: crds });
  const own = documentsOf(await kubectl("kustomize", manifestsFolder))
    .filter((each) => !isKind(each) && each.kind !== "Namespace")
    .map((each) => {
      if (each.kind === "Deployment") {
        each.spec.template.spec.containers[0].image = "docker.io/amdenterpriseai/aim-engine:0.9.0";
        return each;
      }
      if (each.metadata?.name !== "aim-engine-manager-role") return each;
      return { ...each, rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] }] };
    });
  const left = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "of-the-engine" }, data: {} };
  await chart("aim-engine", { templates: [...own, left as Document] });
}

for (const crdsIn of ["templates", "crds"] as const) {
  Deno.test(`AIM Engine's own releases, with its kinds in ${crdsIn}: docs/migration.md leads to ours and back`, async () => {
    // Those of the tests before.
    for (const release of ["aim-engine", "aim-engine-crds"]) {
      await helm.run("uninstall", release, namespace, "--ignore-not-found");
    }
    await deleteTree(manifestsFolder);
    await until("nothing is left", async () => (await live()).length === 0);
    const folder = await Deno.makeTempDir({ prefix: "aim-engine-charts-", dir: plane.folder });
    await enginesCharts(folder, crdsIn);
    await helm.run(
      "install",
      "aim-engine-crds",
      `${folder}/aim-engine-crds`,
      namespace,
      "--create-namespace",
    );
    await served();
    await helm.run("install", "aim-engine", `${folder}/aim-engine`, namespace);
    await plane.apply([service]);
    const before = await deployment();
    assert.match(before.spec.template.spec.containers[0].image, /amdenterpriseai/);
    const identity = await kubectl("get", "aimservice", "kept", "-o", "jsonpath={.metadata.uid}");

    const [there, ...others] = blocksOf("docs/migration.md");
    assert.deepEqual(others, []);
    await helm.typed(there, plane.toolsFolder);

    const after = await deployment();
    assert.equal(after.metadata!.uid, before.metadata!.uid);
    assert.equal(after.spec.template.spec.containers[0].image, "registry.example.com/aim-operator:0.1.0");
    const all = await live();
    assert.deepEqual([...new Set(all.filter(isKind).map(releaseOf))], ["aim-engine-crds"]);
    assert.deepEqual([...new Set(all.filter((each) => !isKind(each)).map(releaseOf))], ["aim-engine"]);
    const role = await kubectl("get", "clusterrole", "aim-engine-manager-role", "-o", "json");
    const [wanted] = documentsOf(await kubectl("kustomize", manifestsFolder))
      .filter(({ metadata }) => metadata?.name === "aim-engine-manager-role");
    assert.deepEqual(JSON.parse(role).rules, wanted.rules);
    assert.equal(
      await kubectl("get", "configmap", "of-the-engine", "-n", "aim-system", "--ignore-not-found"),
      "",
    );

    await helm.run("rollback", "aim-engine", "1", namespace, "--force-conflicts");
    const back = await deployment();
    assert.equal(back.metadata!.uid, before.metadata!.uid);
    assert.deepEqual(back.spec.template.spec.containers, before.spec.template.spec.containers);
    await kubectl("get", "configmap", "of-the-engine", "-n", "aim-system");
    assert.equal(await kubectl("get", "aimservice", "kept", "-o", "jsonpath={.metadata.uid}"), identity);
  });
}
