import assert from "node:assert/strict";
import fc from "fast-check";
import { anyMatches } from "./key_pattern.ts";
import {
  asChild,
  childLabels,
  controllerNames,
  controllerOf,
  isPaused,
  managerOf,
  marksOfTools,
  ownerReference,
  type Parent,
  parentLabel,
  propagatedLabels,
  type ReconciledKind,
} from "./labels.ts";

Deno.test("key patterns: conventions.md §11.1, services.md §10, model-sources-and-config.md §12", () => {
  const rows: [pattern: string, key: string, matches: boolean][] = [
    ["team-*", "team-alpha", true],
    ["team-*", "team-", true],
    ["org.example/*", "org.example/team", true],
    ["org.my/*", "org.my/a", true],
    ["*", "team", true],
    ["*", "org.my/a", false],
    ["*", "org.example/team", false],
    ["*/*", "org.example/team", true],
    ["org.*", "org.example/team", false],
    ["compliance.*/severity", "compliance.a.b/severity", true],
    ["[", "anything", false],
    ["[", "[", false],
    ["te?m", "team", true],
    ["te?m", "te/m", false],
    ["te?m", "teaam", false],
    ["team", "team-alpha", false],
    ["eam", "team", false],
    ["[a-c]x", "bx", true],
    ["[a-c]x", "dx", false],
    ["[^a-c]x", "dx", true],
    ["[^a-c]x", "bx", false],
    ["[^a]b", "/b", true],
    ["[\\]]x", "]x", true],
    ["[\\-x]", "-", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a.c", "abc", false],
    ["a+(b)$", "a+(b)$", true],
    ["Team", "team", false],
    ["", "", true],
    ["", "a", false],
  ];
  for (const [pattern, key, matches] of rows) {
    assert.equal(anyMatches([pattern], key), matches, `${pattern} on ${key}`);
  }
  for (const bad of ["[", "[]", "[a", "[a-", "[a-]", "[-a]", "[^]", "a\\", "[\\", "[]a]"]) {
    assert.equal(anyMatches([bad], bad), false, bad);
  }
});

Deno.test("property: an escaped key matches itself, and no pattern throws or takes for ever", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (key, other) => {
    const escaped = [...key].map((char) => `\\${char}`).join("");
    assert.equal(anyMatches([escaped], key), true);
    assert.equal(anyMatches([escaped], other), key === other);
    anyMatches([other], key);
  }));
  assert.equal(anyMatches([`${"*a".repeat(100)}b`], "a".repeat(317)), false);
});

const parent: Parent = {
  kind: "AIMService",
  metadata: {
    name: "svc",
    uid: "u-1",
    labels: {
      "aim.eai.amd.com/x": "1",
      "team-alpha": "frontend",
      "cost-center": "cc-12345",
      env: "test",
      "app.kubernetes.io/managed-by": "Helm",
      "app.kubernetes.io/instance": "i",
      "app.kubernetes.io/version": "v",
      "app.kubernetes.io/part-of": "p",
      "helm.sh/chart": "c",
    },
  },
};
const propagation = { enabled: true, match: ["team-*", "cost-center", "["] };

Deno.test("propagation: our prefix always, others by pattern (model-sources-and-config.md §12, §16.4)", () => {
  const ours = { "aim.eai.amd.com/x": "1" };
  const { labels } = parent.metadata;
  assert.deepEqual(propagatedLabels(labels), ours);
  assert.deepEqual(propagatedLabels(labels, { enabled: false, match: ["*"] }), ours);
  assert.deepEqual(propagatedLabels(labels, { match: ["*"] }), ours);
  assert.deepEqual(propagatedLabels(labels, { enabled: true }), ours);
  assert.deepEqual(propagatedLabels(labels, propagation), {
    ...ours,
    "team-alpha": "frontend",
    "cost-center": "cc-12345",
  });
  assert.deepEqual(propagatedLabels(undefined, propagation), {});
  assert.deepEqual(propagatedLabels(labels, { enabled: true, match: ["app.kubernetes.io/*", "helm.sh/*"] }), {
    ...ours,
    "app.kubernetes.io/part-of": "p",
  });
});

/** Labels by which these tools find again what they have applied, as their documentation names them. */
const toolMarks = [
  "app.kubernetes.io/managed-by",
  "app.kubernetes.io/instance",
  "app.kubernetes.io/version",
  "helm.sh/chart",
  "argocd.argoproj.io/instance",
  "kustomize.toolkit.fluxcd.io/name",
  "kustomize.toolkit.fluxcd.io/namespace",
  "helm.toolkit.fluxcd.io/name",
  "resourceset.fluxcd.controlplane.io/name",
  "kpt.dev/owner",
  "config.k8s.io/owning-inventory",
  "cli-utils.sigs.k8s.io/inventory-id",
  "configsync.gke.io/sync-name",
  "applyset.kubernetes.io/part-of",
  "objectset.rio.cattle.io/hash",
  "fleet.cattle.io/bundle-name",
  "kapp.k14s.io/app",
  "crossplane.io/composite",
  "skaffold.dev/run-id",
  "app.oam.dev/name",
  "work.karmada.io/name",
  "projectsveltos.io/reference-name",
];
for (const key of toolMarks) {
  Deno.test(`config §12: ${key} is never propagated, whatever the pattern`, () => {
    for (const pattern of [key, "*/*", `${key.split("/")[0]}/*`]) {
      const all = { enabled: true, match: [pattern] };
      assert.deepEqual(propagatedLabels({ [key]: "x" }, all), {});
      assert.deepEqual(marksOfTools({ [key]: "x" }, all), { [key]: "x" });
    }
    assert.deepEqual(marksOfTools({ [key]: "x" }, { enabled: true, match: ["team-*"] }), {});
  });
}

Deno.test("config §12: what merely resembles the mark of a tool is the user's own", () => {
  const labels = {
    "argocd": "a",
    "myhelm.sh/chart": "b",
    "app.kubernetes.io/part-of": "c",
    "kpt.dev.x/y": "d",
  };
  const all = { enabled: true, match: ["*", "*/*"] };
  assert.deepEqual(propagatedLabels(labels, all), labels);
  assert.deepEqual(marksOfTools(labels, all), {});
});

Deno.test("labels of a child: its own, then the controller's, then what is propagated (§11.1)", () => {
  assert.deepEqual(
    childLabels({ "app.kubernetes.io/managed-by": "aim-engine", "team-alpha": "mine" }, parent, propagation),
    {
      "aim.eai.amd.com/x": "1",
      "team-alpha": "mine",
      "cost-center": "cc-12345",
      "app.kubernetes.io/managed-by": "aim-engine",
      "aim.eai.amd.com/service.name": "svc",
    },
  );
  const inherited = {
    ...parent,
    metadata: { ...parent.metadata, labels: { "aim.eai.amd.com/service.name": "another" } },
  };
  assert.equal(childLabels({}, inherited)["aim.eai.amd.com/service.name"], "svc");
  const long = { ...parent, metadata: { ...parent.metadata, name: "n".repeat(64), labels: {} } };
  assert.match(childLabels({}, long)["aim.eai.amd.com/service.name"], /^n{54}-[0-9a-f]{8}$/);
});

Deno.test("an artifact keeps its template label to itself (spec/README)", () => {
  const labels = { "aim.eai.amd.com/template": "t", "aim.eai.amd.com/template.name": "t" };
  const of = (kind: ReconciledKind) => childLabels({}, { kind, metadata: { name: "x", uid: "u", labels } });
  assert.equal(of("AIMArtifact")["aim.eai.amd.com/template"], undefined);
  assert.equal(of("AIMArtifact")["aim.eai.amd.com/template.name"], "t");
  assert.equal(of("AIMTemplateCache")["aim.eai.amd.com/template"], "t");
});

Deno.test("names of the controllers appear in managers and label keys (conventions.md §2)", () => {
  const names = {
    AIMService: "service",
    AIMModel: "model",
    AIMClusterModel: "cluster-model",
    AIMServiceTemplate: "service-template",
    AIMClusterServiceTemplate: "cluster-service-template",
    AIMTemplateCache: "template-cache",
    AIMArtifact: "artifact",
    AIMClusterModelSource: "cluster-model-source",
    AIMRuntimeConfig: "runtime-config",
    AIMClusterRuntimeConfig: "cluster-runtime-config",
  };
  assert.deepEqual(controllerNames, names);
  for (const [kind, name] of Object.entries(names)) {
    assert.equal(managerOf(kind as ReconciledKind), `aim-${name}-controller`);
    assert.equal(parentLabel(kind as ReconciledKind), `aim.eai.amd.com/${name}.name`);
  }
});

Deno.test("a Job's pods get its labels except who manages it; owned children one owner (§11.1, §8.1)", () => {
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j", labels: { own: "job" } },
    spec: { backoffLimit: 2, template: { metadata: { labels: { own: "pod" } }, spec: { a: 1 } } },
  };
  const child = asChild(job, parent, { owned: true, propagation });
  assert.deepEqual(child.metadata, {
    name: "j",
    labels: {
      own: "job",
      "aim.eai.amd.com/x": "1",
      "team-alpha": "frontend",
      "cost-center": "cc-12345",
      "app.kubernetes.io/managed-by": "aim-service-controller",
      "aim.eai.amd.com/service.name": "svc",
    },
    ownerReferences: [{
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMService",
      name: "svc",
      uid: "u-1",
      controller: true,
    }],
  } as unknown);
  assert.deepEqual(child.spec, {
    backoffLimit: 2,
    template: {
      metadata: {
        labels: {
          own: "pod",
          "aim.eai.amd.com/x": "1",
          "team-alpha": "frontend",
          "cost-center": "cc-12345",
          "aim.eai.amd.com/service.name": "svc",
        },
      },
      spec: { a: 1 },
    },
  } as unknown);
  assert.deepEqual(job.metadata.labels, { own: "job" }, "the given object is left alone");
  const shared = asChild({ kind: "AIMTemplateCache", metadata: { name: "c" } }, parent, { owned: false });
  assert.equal("ownerReferences" in shared.metadata, false);
});

Deno.test("the controller of an object, by kind and group", () => {
  const owned = { metadata: { ownerReferences: [{ ...ownerReference(parent) }] } };
  assert.equal(controllerOf(owned, "AIMService")?.uid, "u-1");
  assert.equal(controllerOf(owned, "AIMModel"), undefined);
  const foreign = [{ ...ownerReference(parent), apiVersion: "other.example/v1" }];
  assert.equal(controllerOf({ metadata: { ownerReferences: foreign } }, "AIMService"), undefined);
  const loose = [{ ...ownerReference(parent), controller: false }];
  assert.equal(controllerOf({ metadata: { ownerReferences: loose } }, "AIMService"), undefined);
});

Deno.test("paused means exactly true", () => {
  const key = "aim.eai.amd.com/reconciliation-paused";
  for (const [value, paused] of [["true", true], ["True", false], ["", false], ["1", false]] as const) {
    assert.equal(isPaused({ metadata: { annotations: { [key]: value } } }), paused);
  }
  assert.equal(isPaused({}), false);
});
