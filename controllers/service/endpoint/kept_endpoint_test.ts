/** What an endpoint keeps while its template cannot be used, or when it was made by an earlier rule (spec/README). */

import assert from "node:assert/strict";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { cache, config, inferenceService, model, pass, pod, service, template } from "../service_sample.ts";
import { isOfAnother } from "./kept_endpoint.ts";

/** An edit of a service whose template is being discovered anew. */
function edited(metadata: { labels?: Record<string, string> }, objects: readonly KubeObject[]) {
  const resolvedTemplate = {
    name: "t1",
    namespace: "ns",
    scope: "Namespace" as const,
    uid: "uid-AIMServiceTemplate-ns-t1",
  };
  const object = service({
    metadata: { ...metadata, generation: 2 },
    spec: { replicas: 3 },
    status: { observedGeneration: 1, resolvedTemplate },
  });
  const unready = template({ status: { status: "Progressing" } });
  return pass(object, [unready, cache(), pod(), ...objects]);
}

Deno.test("labels of GitOps tools that the pods carry stay on a kept endpoint, also after an edit", () => {
  const mark = { "argocd.argoproj.io/instance": "apps" };
  const standing = inferenceService();
  standing.metadata!.labels = { ...standing.metadata!.labels, ...mark };
  const propagating = config({ labelPropagation: { enabled: true, match: ["*/*"] } });
  const kept = edited({ labels: mark }, [model(), standing, propagating]).desired<InferenceService>(
    "InferenceService",
  );
  assert.equal(kept?.spec?.predictor?.maxReplicas, 3);
  assert.equal(kept?.metadata?.labels?.["argocd.argoproj.io/instance"], "apps");
});

Deno.test("resources that the model gave a kept endpoint are no edit that waits", () => {
  const resources = { requests: { cpu: "2" } };
  const standing = inferenceService();
  standing.spec!.predictor!.containers![0].resources = resources;
  const waits = (given: typeof resources) => {
    const made = edited({}, [model({ spec: { resources: given } }), standing]);
    return made.message("InferenceServiceReady")?.includes("spec.resources");
  };
  assert.equal(waits(resources), false);
  assert.equal(waits({ requests: { cpu: "3" } }), true);
});

Deno.test("an endpoint whose template label is cut by an earlier rule is not of another template", () => {
  const name = "t".repeat(70);
  const of = (value: string) =>
    inferenceService({ metadata: { labels: { "aim.eai.amd.com/template": value } } });
  assert.equal(isOfAnother(of("t".repeat(63)), { name }), false);
  assert.equal(isOfAnother(of("other"), { name }), true);
  assert.equal(isOfAnother(undefined, { name }), false);
});
