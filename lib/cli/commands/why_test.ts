import assert from "node:assert/strict";
import type { KubeObject } from "../../kube/object.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import { cacheHolding } from "../../operator/runner/view_fixture.ts";
import {
  clusterTemplate,
  inferenceService,
  model,
  node,
  service,
  template,
} from "../../../controllers/service/service_sample.ts";
import { whyInWords, whyOf } from "./why.ts";

/** A Ready template of model `m` for a GPU. */
const forGpu = (name: string, gpu: string, status = "Ready") =>
  template({
    metadata: { name },
    spec: { hardware: { gpu: { model: gpu, requests: 1 } } },
    status: {
      status,
      profile: { metadata: { type: "optimized", gpu, metric: "latency", precision: "fp8" } },
    } as never,
  });

const why = (objects: readonly KubeObject[], options: { readonly outOfReach?: readonly string[] } = {}) =>
  whyOf(
    {
      cache: cacheHolding(objects, { kinds: watchedKinds, ...options }),
      unseen: options.outOfReach ?? [],
      at: 0,
    },
    "ns",
    "s",
  );

const mi300x = node("74a1");
const mi325x = { ...node("74a5"), metadata: { ...node("74a5").metadata, name: "other" } };

Deno.test("each candidate is told with what decided, and with the smallest change by which it would win", () => {
  const told = why([
    service(),
    model(),
    forGpu("small", "MI300X"),
    forGpu("large", "MI325X"),
    forGpu("absent", "MI355X", "NotAvailable"),
    mi300x,
    mi325x,
  ]);
  assert.equal(told.wouldChoose, "large");
  assert.deepEqual(told.candidates.map(({ name, status, stage }) => [name, status, stage]), [
    ["absent", "rejected", "availability"],
    ["large", "chosen", "score"],
    ["small", "rejected", "score"],
  ]);
  assert.match(told.candidates[0].winsWith!, /^a node with GPU MI355X/);
  assert.equal(told.candidates[1].winsWith, undefined);
});

Deno.test("a service that stands on a template says why it stays, though another would be chosen now", () => {
  const resolvedTemplate = {
    name: "small",
    namespace: "ns",
    scope: "Namespace",
    uid: "uid-AIMServiceTemplate-ns-small",
  };
  const resolvedModel = { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" };
  const told = why([
    service({ status: { resolvedTemplate, resolvedModel } as never }),
    model(),
    forGpu("small", "MI300X"),
    forGpu("large", "MI325X"),
    inferenceService(),
    mi300x,
    mi325x,
  ]);
  assert.deepEqual(told.standsOn, { name: "small", scope: "Namespace" });
  assert.equal(told.wouldChoose, "large");
  const lines = whyInWords(told, {});
  assert.equal(
    lines[0],
    "ns/s stands on AIMServiceTemplate small: the endpoint was made of it, and keeps it whatever else comes.",
  );
  assert.match(lines[2], /^A choice now would fall on large: chosen: GPU MI325X ranks above MI300X of small/);
});

Deno.test("what a change to a better template would cost is told; a service on the best says nothing of one", () => {
  const on = (name: string) =>
    why([
      service({
        status: {
          resolvedTemplate: {
            name,
            namespace: "ns",
            scope: "Namespace",
            uid: `uid-AIMServiceTemplate-ns-${name}`,
          },
          resolvedModel: { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
        } as never,
      }),
      model(),
      forGpu("small", "MI300X"),
      {
        ...forGpu("large", "MI325X"),
        status: {
          ...forGpu("large", "MI325X").status,
          modelSources: [{ modelId: "a/b", sourceUri: "hf://a/b", size: "34Gi" }],
        } as never,
      },
      mi300x,
      mi325x,
    ]);
  const cost = "; 0 pods would restart, 34 GiB would be downloaded (kubectl aim rebind s).";
  assert.match(whyInWords(on("small"), {})[3], /^It would choose large now: GPU MI325X ranks above /);
  assert(whyInWords(on("small"), {})[3].endsWith(cost), whyInWords(on("small"), {})[3]);
  assert.equal(on("large").rebinding, undefined);
});

Deno.test("a service without a template says what the operator says of it", () => {
  const told = why([service(), model(), mi300x]);
  assert.equal(told.wouldChoose, undefined);
  assert.match(whyInWords(told, {})[0], /^ns\/s has no template: No templates found for model "m"/);
  assert.match(whyInWords(why([service()]), {})[0], /has no template: model "m" not found in namespace ns/);
});

Deno.test("what was read is told, of indexes by what was looked for, and what may not be read", () => {
  const objects = [
    service(),
    model(),
    forGpu("small", "MI300X"),
    clusterTemplate({ metadata: { name: "shared" } }),
    mi300x,
  ];
  const lines = whyInWords(why(objects, { outOfReach: ["nodes"] }), {});
  const looked = lines.slice(lines.indexOf("Looked at:") + 1);
  assert(looked.includes("  AIMModel ns/m"), looked.join("\n"));
  assert(looked.includes("  AIMServiceTemplate by namespace and model ns/m: 1"));
  assert(looked.includes("  AIMClusterServiceTemplate by model m: 1"));
  assert.equal(looked.at(-1), "Not seen, since you may not list them: nodes. The operator may know more.");
});

Deno.test("--not tells of one candidate, and of a name that is none which come nearest", () => {
  const told = why([
    service(),
    model(),
    forGpu("small", "MI300X"),
    forGpu("large", "MI325X"),
    mi300x,
    mi325x,
  ]);
  const rows = whyInWords(told, { not: "small" }).filter((line) => /^(small|large) /.test(line));
  assert.equal(rows.length, 1);
  assert.throws(
    () => whyInWords(told, { not: "smal" }),
    /no template of model m "smal": did you mean small\?/,
  );
});

Deno.test("a service that is not there: the names that come nearest, else those that there are", () => {
  const cluster = { cache: cacheHolding([service()], { kinds: watchedKinds }), unseen: [], at: 0 };
  assert.throws(
    () => whyOf(cluster, "ns", "ss"),
    /^CommandFault: there is no AIMService "ss" in namespace ns: did you mean s\?$/,
  );
  assert.throws(() => whyOf(cluster, "ns", "something"), /: there are s$/);
  assert.throws(() => whyOf(cluster, "elsewhere", "s"), /: there is none in namespace elsewhere$/);
});
