/**
 * Pods that are refused before they exist, wherever pods are made: a discovery, a size check, a download, an endpoint.
 * `FailedCreate` stands for several causes; the service names the one that there is, however many objects lie between.
 */

import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/object.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { refusals } from "../../lib/operator/errors/refusal_sample.ts";
import { artifactChildName } from "../../lib/operator/naming/object_names.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { causeOfReady } from "../../tests/causes/code_of_ready.ts";
import { artifactController } from "../artifact/reconcile.ts";
import { modelController } from "../model/reconcile.ts";
import { templateCacheController } from "../template_cache/reconcile.ts";
import { templateController } from "../template/reconcile.ts";
import { cache, inferenceService, model, pass, refusing, service, template } from "./service_sample.ts";

/** The object with the status that a pass of its controller gives it among these. */
function judged<T extends KubeObject>(
  // deno-lint-ignore no-explicit-any
  controller: Controller<T, any>,
  object: T,
  around: readonly KubeObject[],
  now = "2026-01-01T00:00:05Z",
): T {
  const others = around.filter(({ kind }) => kind !== object.kind);
  const { result } = onView(
    [object, ...others],
    { kinds: watchedKinds, now },
    (view) => controller.reconcile(liveObject(object), view),
  );
  return { ...object, status: result.status!(outcomesOf(result)) };
}

const codeOf = (around: readonly KubeObject[], spec = {}) => {
  const { service: { metadata }, status } = pass(service({ spec }), around);
  const { code, fault } = causeOfReady({ metadata, status });
  assert.equal(fault, undefined);
  return code;
};

const jobOf = (name: string, metadata: object = {}): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, namespace: "ns", uid: "job", creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
});

const refusal = (message: string) =>
  ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "refused", namespace: "ns" },
    type: "Warning",
    reason: "FailedCreate",
    message,
    involvedObject: { kind: "Job", uid: "job" },
    lastTimestamp: "2026-01-01T00:00:01Z",
  }) as KubeObject;

/** A template whose discovery has a Job, with all that the Job says. */
function discovery(spec: object) {
  const { status: _, ...awaited } = template({ spec });
  const { result } = onView(
    [awaited, model()],
    { kinds: watchedKinds },
    (view) => templateController.reconcile(liveObject(awaited), view),
  );
  const child = result.children.find(({ ref }) => ref.kind.resource.plural === "jobs");
  const { metadata } = (child as { desired: KubeObject }).desired;
  return {
    awaited,
    job: jobOf(metadata!.name!, { labels: metadata!.labels, ownerReferences: metadata!.ownerReferences }),
  };
}

for (const [by, message, code] of refusals) {
  Deno.test(`pods that ${by} refuses: ${code}, wherever they are made`, async (t) => {
    const wishes = { "": {}, " of a template that has a cache made": { caching: { enabled: true } } };
    for (const [whose, spec] of Object.entries(wishes)) {
      await t.step(`a discovery${whose}, also once its Job has been given up, and through the model`, () => {
        const { awaited, job } = discovery(spec);
        const { status: _, ...fresh } = model();
        const through = (told: typeof awaited) => [told, judged(modelController, fresh, [told])];
        const told = judged(templateController, awaited, [model(), job, refusal(message)]);
        assert.equal(codeOf([told, model()]), code, "chosen");
        assert.equal(codeOf([told, model()], { template: { name: "t1" } }), code, "named");
        assert.equal(codeOf(through(told)), code, "through the model");
        const given = judged(
          templateController,
          told,
          [model(), job, refusal(message)],
          "2026-01-01T00:02:00Z",
        );
        assert.equal(codeOf(through(given)), code, "in the pass that gives it up");
        const gone = judged(templateController, given, [model()], "2026-01-01T00:02:05Z");
        assert.equal(codeOf(through(gone)), code, "the Job is gone");
        const next = jobOf(job.metadata!.name!, {
          ...job.metadata,
          creationTimestamp: "2026-01-01T00:03:00Z",
          uid: "next",
        });
        const again = judged(templateController, gone, [model(), next], "2026-01-01T00:03:01Z");
        assert.equal(codeOf(through(again)), undefined, "nobody refuses the next one");
      });
    }

    const artifact = (size: string) => ({
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMArtifact",
      metadata: { name: "a", namespace: "ns", uid: "uid-a" },
      spec: { sourceUri: "hf://org/m", size },
    });
    const claim = (): KubeObject => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: artifactChildName("a", "cache", "uid-a"), namespace: "ns", uid: "claim" },
      spec: { resources: { requests: { storage: "2Gi" } } },
      status: { phase: "Bound" },
    } as KubeObject);
    for (const [task, size] of [["check-size", "0"], ["download", "1Gi"]] as const) {
      await t.step(task, () => {
        const job = jobOf(artifactChildName("a", task, "uid-a"), {
          annotations: { "aim.eai.amd.com/claim-uid": "claim" },
        });
        const around = [template(), job, refusal(message), ...(task === "download" ? [claim()] : [])];
        const weights = judged(artifactController, artifact(size), around);
        const { status: _, ...bare } = cache();
        const whole = judged(templateCacheController, bare, [...around, weights]);
        assert.equal(codeOf([model(), ...around, weights, whole]), code);
      });
    }

    await t.step("an endpoint", () => {
      const unready = inferenceService({ status: { conditions: [{ type: "Ready", status: "False" }] } });
      assert.equal(codeOf([model(), template(), cache(), unready, refusing(message)]), code);
    });
  });
}
