import assert from "node:assert/strict";
import { watchedKinds } from "../../cluster/kinds.ts";
import type { KubeObject } from "../../kube/object.ts";
import { cacheHolding } from "../../operator/runner/view_fixture.ts";
import { cache, model, ready, service, template } from "../../../controllers/service/service_sample.ts";
import { gpuNodes, gpuPods } from "../cluster/gpus.ts";
import { boardOf, type BoardSources, detailOf } from "./board.ts";

const sources = (objects: readonly KubeObject[], unseen: readonly string[] = []): BoardSources => ({
  cluster: { cache: cacheHolding(objects, { kinds: watchedKinds }), unseen, at: 0, trouble: "" },
  gpus: { cache: cacheHolding([], { kinds: [gpuNodes, gpuPods] }), unseen: ["pods"], trouble: "" },
  scope: "namespace ns",
});

const artifact = (name: string, percentage: number, message: string) => ({
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMArtifact",
  metadata: { name, namespace: "ns" },
  spec: { sourceUri: `hf://a/${name}` },
  status: { status: "Progressing", progress: { percentage }, download: { message }, displaySize: "34 GiB" },
});

Deno.test("a service in the list says where it breaks, and how far the slowest of its downloads is", () => {
  const waiting = service({
    status: {
      status: "Starting",
      conditions: [
        { type: "ModelReady", status: "True", reason: "ModelResolved", message: "", lastTransitionTime: "" },
        { type: "TemplateReady", status: "True", reason: "Resolved", message: "", lastTransitionTime: "" },
        { type: "CacheReady", status: "False", reason: "CacheNotReady", message: "", lastTransitionTime: "" },
      ],
    } as never,
  });
  const loading = cache({
    status: { status: "Progressing", artifacts: { one: { name: "one" }, two: { name: "two" } } as never },
  });
  const objects = [
    waiting,
    model(),
    template(),
    loading,
    artifact("one", 80, "HTTP: 500 MB/s, 1 min left"),
    artifact("two", 20, ""),
  ];
  const { services, unseen } = boardOf(sources(objects as KubeObject[], ["nodes", "pods"]));
  assert.deepEqual(services, [{
    namespace: "ns",
    name: "s",
    state: "Starting",
    brokenAt: "cache",
    reason: "CacheNotReady",
    percentage: 20,
  }]);
  assert.deepEqual(unseen, ["nodes", "pods"], "each once");
  const detail = detailOf(sources(objects as KubeObject[]), "ns", "s");
  assert(detail.gone === undefined);
  assert.deepEqual(detail.path.links.flatMap(({ download }) => download ?? []), [
    { percentage: 80, says: "of 34 GiB, HTTP: 500 MB/s, 1 min left" },
    { percentage: 20, says: "of 34 GiB" },
  ]);
});

Deno.test("a service that runs says nothing more, and one that has gone is told as that", () => {
  const running = service({ status: { status: "Running" } as never });
  const all = sources([running, ...ready]);
  assert.deepEqual(boardOf(all).services, [{ namespace: "ns", name: "s", state: "Running" }]);
  assert.deepEqual(detailOf(all, "ns", "other"), { gone: true, namespace: "ns", name: "other" });
});
