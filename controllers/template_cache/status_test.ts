import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/object.ts";
import { toldCode } from "../../lib/operator/status/progress_conditions.ts";
import { artifact, cache, pass, qwen, runtimeConfig, smol, template } from "./cache_fixture.ts";

/** `status | ServiceTemplateReady | ArtifactsReady | Ready`, each without its type. */
function line(others: readonly KubeObject[], spec: Parameters<typeof cache>[0] = {}): string {
  const { status, conditions } = pass(cache(spec), others);
  const of = (type: string) => conditions.find((text) => text.startsWith(`${type} `))?.slice(type.length + 1);
  return [status?.status, of("ServiceTemplateReady"), of("ArtifactsReady"), of("Ready")].join(" | ");
}

Deno.test("§4.4: every situation", () => {
  const noReady = { conditions: [] };
  const rows: [string, KubeObject[], string][] = [
    [
      "template absent",
      [],
      "Failed | False ReferenceNotFound | False NoCaches | False ReferenceNotFound",
    ],
    ...["Pending", "Progressing"].map((word): [string, KubeObject[], string] => [
      `template ${word}`,
      [template([], word, "Why")],
      "Pending | False Why | False NoCaches | False Progressing",
    ]),
    [
      "template Progressing, with sources",
      [template([qwen], "Progressing", "Why")],
      "Pending | False Why | False CreatingCaches | False Progressing",
    ],
    ...["Degraded", "NotAvailable", "Failed"].map((word): [string, KubeObject[], string] => [
      `template ${word}`,
      [template([qwen], word, "Why")],
      `${word} | False Why | False CreatingCaches | False Why`,
    ]),
    [
      "template without a Ready condition",
      [{
        ...template([qwen], "NotAvailable"),
        status: { status: "NotAvailable", modelSources: [qwen] },
      } as KubeObject],
      "NotAvailable | False ResourceFound | False CreatingCaches | False ResourceFound",
    ],
    [
      "template without status",
      [{ ...template([]), status: undefined } as KubeObject],
      "Progressing | True ResourceFound | False NoCaches | False Progressing",
    ],
    [
      "template Ready, no sources",
      [template([])],
      "Progressing | True AllComponentsReady | False NoCaches | False Progressing",
    ],
    [
      "a source without a match",
      [template([qwen])],
      "Progressing | True AllComponentsReady | False CreatingCaches | False Progressing",
    ],
    [
      "a source without a match, the other Ready",
      [template([qwen, smol]), artifact(smol, "Ready")],
      "Progressing | True AllComponentsReady | False CreatingCaches | False Progressing",
    ],
    [
      "a source without a match, the other Pending",
      [template([qwen, smol]), artifact(smol, "Pending")],
      "Pending | True AllComponentsReady | False CreatingCaches | False Progressing",
    ],
    ...["Degraded", "NotAvailable", "Failed"].map((word): [string, KubeObject[], string] => [
      `a source without a match, the other ${word}`,
      [template([qwen, smol]), artifact(smol, word)],
      `${word} | True AllComponentsReady | False CreatingCaches | False CreatingCaches`,
    ]),
    ...["Pending", "Progressing"].map((word): [string, KubeObject[], string] => [
      `all matched, worst ${word}`,
      [template([qwen, smol]), artifact(smol, word), artifact(qwen, "Ready")],
      `${word} | True AllComponentsReady | False Artifact${word} | False Progressing`,
    ]),
    ...["Degraded", "NotAvailable", "Failed"].map((word): [string, KubeObject[], string] => [
      `all matched, worst ${word}`,
      [template([qwen, smol]), artifact(smol, word), artifact(qwen, "Pending")],
      `${word} | True AllComponentsReady | False Artifact${word} | False Artifact${word}`,
    ]),
    [
      "worst artifact without a Ready condition",
      [template([qwen]), artifact(qwen, "Failed", { status: noReady })],
      "Failed | True AllComponentsReady | False CachesNotReady | False CachesNotReady",
    ],
    [
      "all Ready",
      [template([qwen, smol]), artifact(smol, "Ready"), artifact(qwen, "Ready")],
      "Ready | True AllComponentsReady | True AllCachesReady | True AllComponentsReady",
    ],
  ];
  for (const [what, others, wanted] of rows) assert.equal(line(others), wanted, what);
});

Deno.test("§4.4: the runtime config", () => {
  const gone = pass(cache({ runtimeConfigName: "gone" }), [template([qwen])]);
  assert.equal(gone.status?.status, "Failed");
  assert.deepEqual(gone.made, []);
  for (
    const condition of [
      "RuntimeConfigReady False ReferenceNotFound",
      "ConfigValid False ReferenceNotFound",
      "Ready False ReferenceNotFound",
      "ServiceTemplateReady True AllComponentsReady",
    ]
  ) assert.ok(gone.conditions.includes(condition), condition);

  const none = pass(cache(), [template([qwen])]);
  assert.ok(none.conditions.includes("RuntimeConfigReady True DefaultConfigNotFound"));
  assert.equal(none.status?.resolvedRuntimeConfig, undefined);
  const found = pass(cache(), [template([qwen]), runtimeConfig({})]);
  assert.ok(found.conditions.includes("RuntimeConfigReady True ConfigFound"));
  assert.equal(found.status?.resolvedRuntimeConfig?.scope, "Namespace");
});

Deno.test("§4.4 Better: what is awaited is said", () => {
  assert.match(pass(cache()).messages.ServiceTemplateReady, /AIMServiceTemplate tpl/);
  assert.match(pass(cache()).messages.ArtifactsReady, /Waiting for the template/);
  assert.match(
    pass(cache(), [template([])]).messages.ArtifactsReady,
    /template tpl to list its model sources/,
  );
  const creating = pass(cache(), [template([qwen])]).messages.ArtifactsReady;
  assert.match(creating, /hf---qwen-qwen3-32b-c00b812b59 for hf:\/\/Qwen\/Qwen3-32B/);
  const failed = pass(cache(), [template([qwen]), artifact(qwen, "Failed")]).messages;
  assert.match(failed.ArtifactsReady, /made-of-qwen-qwen3-32b is Failed: said by the artifact: Failed/);
  assert.match(failed.Ready, /said by the artifact: Failed/);
});

Deno.test("merely waiting is no Warning event, failing is one", () => {
  const eventsOf = (others: KubeObject[]) => {
    const { plan, status } = pass(cache(), others);
    const outcomes = { of: () => ({ result: "unchanged" as const }), troubles: () => [] };
    return plan.events!(undefined, status!, outcomes).map(({ type, reason }) => `${type} ${reason}`);
  };
  assert.deepEqual(eventsOf([template([])]), []);
  assert.deepEqual(eventsOf([template([qwen])]), []);
  assert.deepEqual(eventsOf([template([qwen]), artifact(qwen, "Failed")]), [
    "Warning ArtifactFailed",
    "Warning ArtifactFailed",
  ]);
  assert.deepEqual(eventsOf([template([qwen]), artifact(qwen, "Ready")]), ["Normal AllComponentsReady"]);
});

Deno.test("§4.4: status.artifacts, kept fresh while others are lacking, dropped with what is deleted", () => {
  const before = {
    artifacts: { gone: { uid: "g", name: "gone", model: "org/gone", status: "Ready" } },
  };
  const others = [template([qwen, smol]), artifact(smol, "Pending")];
  const { status } = pass(cache({}, {}, before), others);
  assert.deepEqual(status?.artifacts, {
    "made-of-org-smollm": {
      uid: "uid-made-of-org-smollm",
      name: "made-of-org-smollm",
      model: "org/SmolLM",
      status: "Pending",
      persistentVolumeClaim: "made-of-org-smollm-cache",
    },
  });
  const unclaimed = artifact(smol, "Progressing", { status: { persistentVolumeClaim: undefined } });
  const entry = pass(cache(), [template([smol]), unclaimed]).status!.artifacts!["made-of-org-smollm"];
  assert.ok(!("persistentVolumeClaim" in entry));
  assert.equal(pass(cache({}, {}, before), [template([])]).status?.artifacts, undefined);
  assert.equal(status?.observedGeneration, 2);
});

Deno.test("the progress of a download is nothing that a cache looks at", () => {
  const passWith = (percentage: number) =>
    pass(cache(), [
      template([qwen]),
      artifact(qwen, "Progressing", { status: { progress: { percentage } } }),
    ]);
  assert.deepEqual(passWith(1).status, passWith(99).status);
});

Deno.test("the finalizer is there also where the cache is paused, which it says, and nothing else then", () => {
  const finalizer = { name: "aim.eai.amd.com/artifactcleanup", action: "ensure" };
  assert.deepEqual(pass(cache(), [template([qwen])]).plan.finalizer, finalizer);
  const frozen = { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } };
  const first = pass(cache({}, frozen), [template([qwen])]);
  assert.deepEqual([first.plan.children, first.plan.removals, first.plan.finalizer], [[], [], finalizer]);
  assert.deepEqual(first.conditions, ["Paused True Paused", "Ready False Paused"]);
  const later = pass({ ...cache({}, frozen), status: first.status }, [template([qwen])]);
  assert.deepEqual(later.plan, { children: [], removals: [], finalizer });
});

Deno.test("a cache without a spec says so", () => {
  const { status, messages, made } = pass({ ...cache(), spec: undefined });
  assert.equal(status?.status, "Failed");
  assert.match(messages.Ready, /spec is missing/);
  assert.deepEqual(made, []);
});

Deno.test("a cache hands on the cause of its template, and of its worst artifact", () => {
  const lastTransitionTime = "2025-12-31T00:00:00Z";
  const failed = (code: string) => ({
    conditions: [{ type: "Stalled", status: "True" as const, reason: code, message: "", lastTransitionTime }],
  });
  const told = (...others: KubeObject[]) => toldCode(pass(cache(), others).status?.conditions);
  const ill = { ...template([], "Failed"), status: { status: "Failed", ...failed("AIM0801") } };
  assert.equal(told(ill as KubeObject), "AIM-0801");
  const full = artifact(qwen, "Failed", { status: failed("AIM0316") });
  const waits = artifact(smol, "Progressing", { status: failed("AIM0402") });
  assert.equal(told(template([qwen, smol]), waits, full), "AIM-0316");
  assert.equal(told(template([qwen, smol]), full), "AIM-0316", "while another is being made");
});
