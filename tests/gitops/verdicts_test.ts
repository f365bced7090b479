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
import { kinds, type RuntimeConfigSpec } from "../../lib/api/mod.ts";
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

/** They have no word, and before they are looked at no status: their own controllers' statuses are judged below. */
const withoutStatus = ["AIMRuntimeConfig", "AIMClusterRuntimeConfig", "AIMClusterModelSource"];
const withStatus = kinds.map(({ kind }) => kind).filter((kind) => !withoutStatus.includes(kind));

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
  const asked = withStatus.flatMap((kind) => rows.map((row) => ({ kind, row, object: row.object(kind) })));
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

Deno.test("NotAvailable waits for a node: no failure in either", async () => {
  const kind = "AIMServiceTemplate";
  const object = objectOf(kind, 2, statusOf(kind, "NotAvailable", 2));
  const [{ kstatus, argocd }] = await verdictsOn([{ object, check }]);
  assert.deepEqual([kstatus.status, argocd?.status], ["InProgress", "Suspended"]);
});

Deno.test("settings are current and healthy as they are", async () => {
  const answers = await verdictsOn(withoutStatus.map((kind) => ({ object: objectOf(kind, 2), check })));
  for (const { kstatus, argocd } of answers) {
    assert.deepEqual([kstatus.status, argocd?.status], ["Current", "Healthy"]);
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
