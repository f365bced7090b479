/** The charts against the kustomize tree, object by object, and their values (conventions.md §15). */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { runKubectl } from "../control_plane/servers/kubectl.ts";
import { namespacedManifests, rendered } from "../e2e/namespaced_installation.ts";
import { fittingKubectl } from "../embedded/kubectl.ts";
import { type Document, documentsOf, manifestsFolder, named } from "./documents.ts";
import { chartsFolder, Helm } from "./helm.ts";

let folder: string;
let helm: Helm;
/** kubectl without a cluster. */
const kustomizer = {
  kubectl: async (args: readonly string[]) =>
    await runKubectl(args, {
      program: await fittingKubectl(),
      kubeconfig: "/dev/null",
      cacheFolder: folder,
      stdin: "",
    }),
};

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "aim-charts-" });
  helm = await Helm.of(folder);
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

async function kustomized(path: string, withKinds = true): Promise<Document[]> {
  const { code, stdout, stderr } = await kustomizer.kubectl(["kustomize", path]);
  assert.equal(code, 0, stderr);
  // The kinds are most of the text.
  const wanted = stdout.split(/^---$/m).filter((text) => withKinds || !/^kind: CustomRes/m.test(text));
  return documentsOf(wanted.join("---"));
}

/** Lists whose entries have names have no order, as the API server merges them. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    const entries = value.map(unordered);
    const name = (each: unknown) => (each as { name?: string } | null)?.name;
    return entries.every((each) => name(each) !== undefined)
      ? entries.sort((a, b) => name(a)! < name(b)! ? -1 : 1)
      : entries;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unordered(each)]));
}

/** Objects by kind, namespace and name. */
function byName(documents: readonly Document[]): Record<string, unknown> {
  const keyOf = ({ kind, metadata }: Document) => `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;
  const keys = documents.map(keyOf);
  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), [], "objects that are there twice");
  return Object.fromEntries(documents.map((each) => [keyOf(each), unordered(each)]));
}

/** Without what a chart has no part in: its namespace; and what Helm is told of a kind. */
function comparable(documents: readonly Document[]): Record<string, unknown> {
  const objects = byName(documents.filter(({ kind }) => kind !== "Namespace"));
  for (const object of Object.values(objects) as Document[]) {
    const { "helm.sh/resource-policy": _, ...annotations } = object.metadata?.annotations ?? {};
    if (Object.keys(annotations).length === 0) delete object.metadata!.annotations;
    else object.metadata!.annotations = annotations;
  }
  return objects;
}

Deno.test("the chart with its defaults is kubectl apply -k manifests", async () => {
  const objects = comparable(await helm.rendered("aim-engine"));
  assert.ok(Object.keys(objects).length > 50);
  assert.deepEqual(objects, comparable(await kustomized(manifestsFolder)));
});

const overlays = [...Deno.readDirSync(`${manifestsFolder}/overlays`)].map(({ name }) => name).sort();
/** These are composed in a kustomization of the user's; the chart has a value for them. */
const composed = ["namespaced", "namespaced-operator"];

for (const overlay of overlays.filter((name) => !composed.includes(name))) {
  Deno.test(`charts/values/${overlay}.yaml makes of the chart what the overlay makes of the manifests`, async () => {
    const withoutKinds = "--set=crd.enable=false";
    const objects = comparable(
      await helm.rendered("aim-engine", `--values=values/${overlay}.yaml`, withoutKinds),
    );
    const plain = comparable(await helm.rendered("aim-engine", withoutKinds));
    assert.notDeepEqual(objects, plain, "the values change nothing");
    assert.deepEqual(objects, comparable(await kustomized(`${manifestsFolder}/overlays/${overlay}`, false)));
  });
}

Deno.test("every file of values belongs to an overlay", () => {
  const files = [...Deno.readDirSync(`${chartsFolder}/values`)].map(({ name }) =>
    name.replace(/\.yaml$/, "")
  );
  assert.deepEqual([...files, ...composed].sort(), overlays);
});

Deno.test("scope.namespaces is the overlay of an operator whose rights end at some namespaces", async () => {
  const namespaces = ["ml-team", "research"];
  const scoped = ["--set=crd.enable=false", `--set=scope.namespaces={${namespaces.join(",")}}`];
  const wanted = await namespacedManifests(kustomizer, namespaces);
  assert.deepEqual(comparable(await helm.rendered("aim-engine", ...scoped)), comparable(wanted));
  const reading = await rendered(kustomizer, {
    "": (manifests) => `components: [${manifests}/cluster-read]\n`,
  });
  assert.deepEqual(
    comparable(await helm.rendered("aim-engine", ...scoped, "--set=scope.readCluster=true")),
    comparable([...wanted, ...reading]),
  );
});

Deno.test("aim-engine-crds has the kinds, kept unless they are not to be", async () => {
  const kinds = await helm.rendered("aim-engine-crds");
  assert.equal(kinds.length, 10);
  assert.deepEqual(comparable(kinds), comparable(await kustomized(`${manifestsFolder}/crds`)));
  for (const chart of ["aim-engine-crds", "aim-engine"]) {
    const policyOf = async (...args: string[]) =>
      (await helm.rendered(chart, ...args)).filter(({ kind }) => kind === "CustomResourceDefinition")
        .map(({ metadata }) => metadata?.annotations?.["helm.sh/resource-policy"]);
    assert.deepEqual(await policyOf(), Array(10).fill("keep"));
    assert.deepEqual(await policyOf("--set=crd.keep=false"), Array(10).fill(undefined));
  }
  const none = await helm.rendered("aim-engine", "--set=crd.enable=false");
  assert.deepEqual(none.filter(({ kind }) => kind === "CustomResourceDefinition"), []);
});

Deno.test("all objects are in the release's namespace and speak of no other", async () => {
  const on = [...overlays.filter((name) => !composed.includes(name))].map((name) =>
    `--values=values/${name}.yaml`
  );
  const text = await helm.run(
    ...["template", "other", "aim-engine", "--namespace=elsewhere", "--set=crd.enable=false"],
    ...on,
  );
  assert.ok(documentsOf(text).length > 50);
  assert.doesNotMatch(text.replaceAll(/^\s*#.*$/gm, ""), /aim-system/);
});

/** The values by which users of AIM Engine's chart install: key, default (conventions.md §15). */
const documented: readonly (readonly [key: string, value: unknown])[] = [
  ["manager.replicas", 1],
  ["manager.image.pullPolicy", "IfNotPresent"],
  ["manager.imagePullSecrets", []],
  ["manager.args", ["--leader-elect"]],
  ["manager.env", []],
  ["manager.podSecurityContext", { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }],
  ["manager.securityContext", {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
  }],
  ["manager.resources", {
    requests: { cpu: "100m", memory: "256Mi" },
    limits: { cpu: "500m", memory: "4Gi" },
  }],
  ["rbacHelpers.enable", true],
  ["crd.enable", true],
  ["crd.keep", true],
  ["metrics.enable", true],
  ["metrics.port", 8443],
  ["certManager.enable", false],
  ["prometheus.enable", false],
  ["clusterRuntimeConfig.enable", false],
  ["clusterRuntimeConfig.name", "default"],
  ["clusterRuntimeConfig.spec", {}],
  ["clusterModelSource.enable", false],
  ["clusterModelSource.name", "amd-aim-model-source"],
  ["clusterModelSource.spec", {
    registry: "docker.io",
    filters: [{ image: "amdenterpriseai/aim-*", versions: [">=0.8.4"] }],
    syncInterval: "1h",
    maxModels: 500,
  }],
];

const valuesOf = async (chart: string) =>
  parse(await Deno.readTextFile(`${chartsFolder}/${chart}/values.yaml`));

Deno.test("the values have the keys and defaults of AIM Engine's chart", async () => {
  const values = await valuesOf("aim-engine");
  for (const [path, wanted] of documented) {
    const found = path.split(".").reduce((at, key) => at?.[key], values);
    assert.deepEqual(found, wanted, path);
  }
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

/** Paths of the values that a schema or a file of values has; below those without known keys none. */
function pathsOf(schema: Schema, values: unknown, path = ""): { schema: string[]; values: string[] } {
  if (schema.properties === undefined) return { schema: [path], values: [path] };
  const below = Object.entries(schema.properties).filter(([key]) => key !== "global").map(([key, each]) =>
    pathsOf(each, (values as Record<string, unknown>)?.[key], `${path}.${key}`)
  );
  const known = Object.keys((values ?? {}) as object).map((key) => `${path}.${key}`);
  return {
    schema: [
      ...Object.keys(schema.properties).filter((key) => key !== "global").map((key) => `${path}.${key}`),
    ]
      .concat(below.flatMap(({ schema }) => schema)),
    values: known.concat(below.flatMap(({ values }) => values)),
  };
}

for (const chart of ["aim-engine", "aim-engine-crds"]) {
  Deno.test(`the schema of ${chart} knows every value, and no other is taken`, async () => {
    const schema = JSON.parse(await Deno.readTextFile(`${chartsFolder}/${chart}/values.schema.json`));
    const paths = pathsOf(schema, await valuesOf(chart));
    assert.deepEqual(paths.schema.sort(), paths.values.sort());
    await assert.rejects(helm.rendered(chart, "--set=crd.kept=true"), /'kept' not allowed/);
  });
}

Deno.test("what the schema refuses is told by the place of the value", async () => {
  const rows: [set: string, said: RegExp][] = [
    ["manager.relicas=3", /at '\/manager': additional properties 'relicas' not allowed/],
    ["manager.replicas=many", /at '\/manager\/replicas': got string, want integer/],
    ["metrics.port=0", /at '\/metrics\/port': minimum/],
    ["manager.image.pullPolicy=Sometimes", /at '\/manager\/image\/pullPolicy': value must be one of/],
    ["scope.namespaces={Team}", /at '\/scope\/namespaces\/0': 'Team' does not match pattern/],
  ];
  for (const [set, said] of rows) {
    await assert.rejects(helm.rendered("aim-engine", `--set=${set}`), said, set);
  }
});

Deno.test("every value that changes the operator's pod is in it", async () => {
  const sets = [
    "manager.replicas=3",
    "manager.image.repository=registry.example.com/aim-operator",
    "manager.image.tag=7",
    "manager.image.pullPolicy=Always",
    "manager.imagePullSecrets[0].name=pull",
    "manager.args={--zap-devel}",
    "manager.env[0].name=POD_NAME",
    "manager.env[0].value=me",
    "manager.terminationGracePeriodSeconds=30",
    "manager.nodeSelector.disk=ssd",
    "manager.tolerations[0].operator=Exists",
    "manager.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution=null",
    "manager.priorityClassName=system-cluster-critical",
    "manager.pod.annotations.a=b",
    "manager.pod.labels.c=d",
    "serviceAccount.create=false",
    "serviceAccount.name=robot",
    "metrics.port=9443",
    "metrics.secure=false",
    "prometheus.enable=true",
  ];
  const documents = await helm.rendered(
    "aim-engine",
    ...["crd.enable=false", ...sets].map((set) => `--set=${set}`),
  );
  const { replicas, strategy, template } =
    named(documents, "Deployment", "aim-engine-controller-manager").spec;
  assert.deepEqual([replicas, strategy.type], [3, "RollingUpdate"]);
  assert.equal(template.metadata.annotations.a, "b");
  assert.equal(template.metadata.labels.c, "d");
  const { containers: [container], ...pod } = template.spec;
  assert.equal(container.image, "registry.example.com/aim-operator:7");
  assert.equal(container.imagePullPolicy, "Always");
  assert.deepEqual(container.args, [
    "--metrics-bind-address=:9443",
    "--metrics-secure=false",
    "--health-probe-bind-address=:8081",
    "--zap-devel",
  ]);
  assert.deepEqual(container.env.filter(({ name }: { name: string }) => name === "POD_NAME"), [
    { name: "POD_NAME", value: "me" },
  ]);
  assert.deepEqual(pod.imagePullSecrets, [{ name: "pull" }]);
  assert.equal(pod.terminationGracePeriodSeconds, 30);
  assert.deepEqual(pod.nodeSelector, { disk: "ssd" });
  assert.deepEqual(pod.tolerations, [{ operator: "Exists" }]);
  assert.equal(pod.priorityClassName, "system-cluster-critical");
  assert.equal(pod.serviceAccountName, "robot");
  assert.deepEqual(documents.filter(({ kind }) => kind === "ServiceAccount"), []);
  for (const { kind, metadata, subjects } of documents) {
    if (kind?.endsWith("Binding")) assert.equal(subjects[0].name, "robot", metadata?.name);
  }
  // By HTTP nobody is asked who he is.
  assert.deepEqual(documents.filter(({ metadata }) => /metrics-(auth|reader)/.test(metadata!.name!)), []);
  const service = named(documents, "Service", "aim-engine-controller-manager-metrics-service");
  assert.deepEqual(service.spec.ports.map(({ name, port }: Document) => [name, port]), [["http", 9443]]);
  const [endpoint] = named(documents, "ServiceMonitor", "aim-engine-controller-manager-metrics-monitor")
    .spec.endpoints;
  const { path, port, scheme, ...more } = endpoint;
  assert.deepEqual([path, port, scheme], ["/metrics", "http", "http"]);
  for (const key of ["tlsConfig", "bearerTokenFile"]) assert.ok(!(key in more), key);
});

Deno.test("metrics off: no Service, no rights, and the flag says so", async () => {
  const documents = await helm.rendered(
    "aim-engine",
    "--set=crd.enable=false,metrics.enable=false,prometheus.enable=true",
  );
  assert.deepEqual(documents.filter(({ metadata }) => /metrics/.test(metadata!.name!)), []);
  const [container] = named(documents, "Deployment", "aim-engine-controller-manager").spec.template.spec
    .containers;
  assert.ok(container.args.includes("--metrics-bind-address=0"));
});

Deno.test("objects of our kinds: settings and a source, with what the values say", async () => {
  const specs = async (...args: string[]) =>
    (await helm.rendered("aim-engine", "--set=crd.enable=false", ...args)).filter(({ apiVersion }) =>
      apiVersion?.startsWith("aim.")
    )
      .map(({ kind, metadata, spec }) => [kind, metadata?.name, spec]);
  assert.deepEqual(await specs(), []);
  const both = "--set=clusterRuntimeConfig.enable=true,clusterModelSource.enable=true";
  const source = documented.find(([key]) => key === "clusterModelSource.spec")![1];
  assert.deepEqual(await specs(both), [
    ["AIMClusterModelSource", "amd-aim-model-source", source],
    ["AIMClusterRuntimeConfig", "default", {}],
  ]);
  const empty = await specs("--set=clusterRuntimeConfig.enable=true,clusterRuntimeConfig.spec=null");
  assert.deepEqual(empty, [["AIMClusterRuntimeConfig", "default", {}]]);
});

Deno.test("charts have the program's version, lint without a word, and a packaged one renders the same", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const deployment = named(await kustomized(manifestsFolder), "Deployment", "aim-engine-controller-manager");
  assert.equal(deployment.spec.template.spec.containers[0].image, `aim-operator:${version}`);
  for (const chart of ["aim-engine", "aim-engine-crds"]) {
    const described = parse(await Deno.readTextFile(`${chartsFolder}/${chart}/Chart.yaml`));
    assert.deepEqual([described.version, described.appVersion], [version, version]);
    assert.equal((await helm.run("lint", "--quiet", "--strict", chart)).trim(), "");
    await helm.run("package", chart, "--destination", folder);
    const packaged = await helm.run("template", "a", `${folder}/${chart}-${version}.tgz`);
    assert.equal(packaged, await helm.run("template", "a", chart));
  }
});
