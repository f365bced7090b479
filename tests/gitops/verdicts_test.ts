/**
 * The statuses of ours as kstatus (Flux and others) and Argo CD see them: each tool's own code judges statuses that the
 * status engine makes, for every kind and every word (conventions.md §6.4).
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  clusterRuntimeConfigController,
  runtimeConfigController,
} from "../../controllers/runtime_config/reconcile.ts";
import { listing, pass, source } from "../../controllers/model_source/pass_fixture.ts";
import type { AIMClusterModelSourceStatus, RuntimeConfigSpec } from "../../lib/api/mod.ts";
import { kinds } from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import type { StatusLike } from "../../lib/operator/status/status_changes.ts";
import { holdGeneration } from "../../lib/operator/status/status_changes.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { Outcomes } from "../../lib/operator/core/plan.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { summarize } from "../../lib/operator/status/status.ts";
import { serviceStatus, type StatusWord } from "../../lib/operator/status/status_words.ts";
import { type Question, verdictsOn } from "./verdicts.ts";

const folder = new URL("../../manifests/argocd/", import.meta.url);
const check = await Deno.readTextFile(new URL("health.lua", folder));

/** They have no word: their own controllers' statuses are judged below. */
const withoutWord = ["AIMRuntimeConfig", "AIMClusterRuntimeConfig"];
const withWord = kinds.map(({ kind }) => kind).filter((kind) => !withoutWord.includes(kind));
/** Which of them say that they wait for a node (conventions.md §6.4). */
const withNotAvailable = withWord.filter((kind) => kind !== "AIMService");

type Judged = Live<KubeObject> & { status?: StatusLike };

function objectOf(kind: string, generation: number, status?: StatusLike): Judged {
  const metadata = { name: "a", namespace: "ns", uid: "u", resourceVersion: "1", generation };
  return { apiVersion: "aim.eai.amd.com/v1alpha1", kind, metadata, ...(status && { status }) } as Judged;
}

/** What a controller of that kind would store of an only component in that state. */
function statusOf(kind: string, state: StatusWord, generation: number): StatusLike {
  const { status, conditions } = summarize({
    components: [{ component: "Cache", state, message: `it is ${state}` }],
    generation,
    reached: () => true,
  });
  const word = kind === "AIMService" ? serviceStatus(status, false) : status;
  return { observedGeneration: generation, status: word, conditions };
}

/** What the annotation makes of the status. */
function frozen(object: Judged): Judged {
  const status = paused<StatusLike>(object).status!({} as Outcomes);
  return { ...object, status };
}

interface Row {
  readonly title: string;
  readonly object: (kind: string) => Judged;
  readonly kstatus: string;
  readonly argocd: string;
}

const words: [StatusWord, kstatus: string, argocd: string][] = [
  ["Pending", "InProgress", "Progressing"],
  ["Progressing", "InProgress", "Progressing"],
  ["Ready", "Current", "Healthy"],
  ["Degraded", "InProgress", "Degraded"],
  ["Failed", "Failed", "Degraded"],
];

const rows: readonly Row[] = [
  ...words.map(([word, kstatus, argocd]): Row => ({
    title: word,
    object: (kind) => objectOf(kind, 2, statusOf(kind, word, 2)),
    kstatus,
    argocd,
  })),
  ...words.map(([word]): Row => ({
    title: `${word}, then edited and not acted on`,
    object: (kind) => {
      const before = statusOf(kind, word, 1);
      return objectOf(kind, 2, holdGeneration(before, statusOf(kind, "Ready", 2)));
    },
    kstatus: "InProgress",
    argocd: "Progressing",
  })),
  {
    title: "Ready, then paused",
    object: (kind) => frozen(objectOf(kind, 2, statusOf(kind, "Ready", 2))),
    kstatus: "Current",
    argocd: "Suspended",
  },
  {
    title: "Failed, then paused",
    object: (kind) => frozen(objectOf(kind, 2, statusOf(kind, "Failed", 2))),
    kstatus: "Failed",
    argocd: "Suspended",
  },
  {
    title: "Ready, then paused, then edited",
    object: (kind) => frozen(objectOf(kind, 3, statusOf(kind, "Ready", 2))),
    kstatus: "InProgress",
    argocd: "Suspended",
  },
  {
    title: "paused before anybody looked at it",
    object: (kind) => frozen(objectOf(kind, 1)),
    kstatus: "InProgress",
    argocd: "Suspended",
  },
];

Deno.test("kstatus and Argo CD see every word of every kind as what it is", async () => {
  const asked = withWord.flatMap((kind) => rows.map((row) => ({ kind, row, object: row.object(kind) })));
  const answers = await verdictsOn(asked.map(({ object }) => ({ object, check })));
  for (const [at, { kind, row, object }] of asked.entries()) {
    const { kstatus, argocd } = answers[at];
    assert.deepEqual([kstatus.status, argocd?.status], [row.kstatus, row.argocd], `${kind} ${row.title}`);
    // What has failed and what is on its way say why, in the words of Ready.
    const ready = object.status!.conditions!.at(-1)!;
    const { observedGeneration } = object.status!;
    if (kstatus.status !== "Current" && observedGeneration === object.metadata.generation) {
      assert.equal(kstatus.message, ready.message, `${kind} ${row.title}`);
    }
  }
});

Deno.test("NotAvailable waits for a node: no failure in either, for each kind that says it", async () => {
  const objects = withNotAvailable.map((kind) => objectOf(kind, 2, statusOf(kind, "NotAvailable", 2)));
  const answers = await verdictsOn(objects.map((object) => ({ object, check })));
  for (const [at, { kstatus, argocd }] of answers.entries()) {
    assert.equal(objects[at].status?.status, "NotAvailable");
    const verdicts = [kstatus.status, argocd?.status];
    assert.deepEqual(verdicts, ["InProgress", "Suspended"], withNotAvailable[at]);
  }
  // A service shows Pending instead (conventions.md §6.4), and what is wrong while it serves as Degraded.
  const service = (serving: boolean) => {
    const status = statusOf("AIMService", "NotAvailable", 2);
    return objectOf("AIMService", 2, { ...status, status: serviceStatus("NotAvailable", serving) });
  };
  const said = await verdictsOn([false, true].map((serving) => ({ object: service(serving), check })));
  assert.deepEqual(said.map(({ kstatus, argocd }) => [kstatus.status, argocd?.status]), [
    ["InProgress", "Progressing"],
    ["InProgress", "Degraded"],
  ]);
});

Deno.test("a kind shows the words of its CRD, and each of them has been judged", async () => {
  const allowed = new Map(kinds.map(({ kind, plural }) => [kind as string, plural]));
  const judged = new Set<StatusWord>([...words.map(([word]) => word), "NotAvailable"]);
  for (const kind of withWord) {
    const file = new URL(`../../manifests/crds/${allowed.get(kind)}.yaml`, import.meta.url);
    const { properties } = parse(await Deno.readTextFile(file)).spec.versions[0].schema.openAPIV3Schema;
    const states = kind === "AIMService"
      ? [...judged].map((word) => serviceStatus(word, false))
      : [...judged];
    const shown = new Set<string>(states);
    // The enum of a source has a service's words too, which it never shows.
    const wanted = (properties.status.properties.status.enum as string[]).filter((word) =>
      kind !== "AIMClusterModelSource" || !["Starting", "Running"].includes(word)
    );
    assert.deepEqual([...shown].sort(), wanted.sort(), kind);
  }
});

Deno.test("settings and sources that nobody has looked at are healthy as they are", async () => {
  const asked = [...withoutWord, "AIMClusterModelSource"].map((kind) => ({
    object: objectOf(kind, 2),
    check,
  }));
  for (const { kstatus, argocd } of await verdictsOn(asked)) {
    assert.deepEqual([kstatus.status, argocd?.status], ["Current", "Healthy"]);
  }
});

Deno.test("a model source is what its own controller says of its registries", async () => {
  const found = listing([["docker.io", "org/a", "1.0.0", "2.0.0"]]);
  const failed = { failures: [{ image: "org/*", is: "NotFound", message: "it is not there" }] } as const;
  const rows: [title: string, seen: ReturnType<typeof pass>, kstatus: string, argocd: string][] = [
    ["not answered yet", pass(source()), "InProgress", "Progressing"],
    ["answered", pass(source(), { listing: found }), "Current", "Healthy"],
    ["at its limit", pass(source({ maxModels: 1 }), { listing: found }), "Current", "Healthy"],
    [
      "answered in part",
      pass(source(), { listing: { ...found, filters: 2, ...failed } }),
      "InProgress",
      "Degraded",
    ],
    [
      "not answered at all",
      pass(source(), { listing: { ...listing([]), answered: 0, ...failed } }),
      "Failed",
      "Degraded",
    ],
  ];
  const asked = rows.map(([, { status }]) => ({
    object: { ...source(), status: status as AIMClusterModelSourceStatus },
    check,
  }));
  for (const [at, { kstatus, argocd }] of (await verdictsOn(asked)).entries()) {
    const [title, , ...wanted] = rows[at];
    assert.deepEqual([kstatus.status, argocd?.status], wanted, title);
  }
});

Deno.test("a runtime config is what its condition Ready says", async () => {
  const rows: [spec: RuntimeConfigSpec, observed: number, kstatus: string, argocd: string][] = [
    [{}, 2, "Current", "Healthy"],
    [{ routing: { requestTimeout: "1d" } }, 2, "Failed", "Degraded"],
    [{ storage: { defaultStorageClassName: "missing" } }, 2, "Failed", "Degraded"],
    [{}, 1, "InProgress", "Progressing"],
  ];
  const asked = rows.flatMap(([spec, observed]) =>
    [runtimeConfigController, clusterRuntimeConfigController].map(({ kind, reconcile }) => {
      const object = { ...objectOf(kind.resource.kind, observed), spec } as Judged;
      const { result: plan } = onView(
        [object],
        { kinds: watchedKinds },
        (view) => reconcile(object as never, view),
      );
      const status = plan.status!(outcomesOf(plan));
      return { ...object, metadata: { ...object.metadata, generation: 2 }, status } as Judged;
    })
  );
  const answers = await verdictsOn(asked.map((object) => ({ object, check })));
  for (const [at, { kstatus, argocd }] of answers.entries()) {
    const [spec, , ...wanted] = rows[Math.floor(at / 2)];
    assert.deepEqual([kstatus.status, argocd?.status], wanted, JSON.stringify(spec));
  }
});

/** Argo CD's own format of tests of health checks. */
interface HealthTests {
  readonly tests: readonly {
    readonly inputPath: string;
    readonly healthStatus: { readonly status: string; readonly message: string };
  }[];
}

Deno.test("the health check passes its tests in Argo CD's own format, and every sample is in one", async () => {
  const { tests } = parse(await Deno.readTextFile(new URL("health_test.yaml", folder))) as HealthTests;
  const questions: Question[] = [];
  for (const { inputPath } of tests) {
    questions.push({ object: parse(await Deno.readTextFile(new URL(inputPath, folder))), check });
  }
  const answers = await verdictsOn(questions);
  for (const [at, { inputPath, healthStatus }] of tests.entries()) {
    assert.deepEqual(answers[at].argocd, healthStatus, inputPath);
  }
  const samples = [...Deno.readDirSync(new URL("testdata", folder))].map(({ name }) => `testdata/${name}`);
  assert.deepEqual(tests.map(({ inputPath }) => inputPath).sort(), samples.sort());
});

Deno.test("the kustomization sets the check for every kind, and for nothing else", async () => {
  const text = await Deno.readTextFile(new URL("kustomization.yaml", folder));
  const [{ name, files }] = parse(text).configMapGenerator as { name: string; files: string[] }[];
  const wanted = kinds.map(({ kind }) => `resource.customizations.health.aim.eai.amd.com_${kind}=health.lua`);
  assert.deepEqual([name, files.toSorted()], ["argocd-cm", wanted.toSorted()]);
});
