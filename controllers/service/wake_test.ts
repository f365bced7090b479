/**
 * What wakes a service is what its pass has read (core.md), each object by its name or by an index: services.md §13
 * asks for just that, and for no scan.
 */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMServiceStatus } from "../../lib/api/mod.ts";
import {
  clusterModels,
  clusterTemplates,
  httpRoutes,
  inferenceServices,
  models,
  services,
  templateCaches,
  templates,
} from "../../lib/cluster/kinds.ts";
import type { AnyKind } from "../../lib/kube/cache/cached_kind.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  cacheName,
  endpoint,
  model,
  pass,
  ready,
  route,
  routed,
  service,
  template,
} from "./service_sample.ts";

/** A read as the recording view names it: of an object by its key, or of an index by a value. */
const one = ({ id }: AnyKind, key: string) => `o${id}|${key}`;
const by = (kind: AnyKind, index: string, value: string) =>
  `i${kind.indexes.find(({ name }) => name === index)!.id}|${value}`;

interface Row {
  readonly what: string;
  readonly spec?: Partial<AIMServiceSpec>;
  readonly status?: AIMServiceStatus;
  readonly objects: readonly KubeObject[];
  readonly reads: readonly string[];
  readonly not?: readonly string[];
}

const autoSelection = [
  by(templates, "namespace and model", "ns/m"),
  by(clusterTemplates, "model", "m"),
];
const latency = { overrides: { metric: "latency" } } as const;
const settled = pass(service(), ready).status;

const rows: readonly Row[] = [
  {
    what: "a model by its name, in both scopes",
    objects: [],
    reads: [one(models, "ns/m"), one(clusterModels, "/m")],
  },
  {
    what: "a model by its image, without white space",
    spec: { model: { image: " reg.io/m:1 " } },
    objects: [model()],
    reads: [by(models, "namespace and image", "ns/reg.io/m:1"), by(clusterModels, "image", "reg.io/m:1")],
  },
  {
    what: "the templates of the model, while none is settled",
    objects: [model(), template({ status: { status: "Pending" } })],
    reads: autoSelection,
  },
  {
    what: "a named template and the one derived from it",
    spec: { template: { name: "t1" }, ...latency },
    objects: [model()],
    reads: [
      one(templates, "ns/t1"),
      one(templates, "ns/t1-ovr-latency-817c"),
      one(clusterTemplates, "/t1"),
    ],
    not: autoSelection,
  },
  {
    what: "the resolved template, not what there is to choose from",
    status: settled,
    objects: ready,
    reads: [one(templates, "ns/t1"), one(templateCaches, `ns/${cacheName}`)],
    not: autoSelection,
  },
  {
    what: "routes with its gateway and path, and no others",
    spec: { routing: { ...routed, pathTemplate: "/shared" } },
    objects: [...ready, route()],
    reads: [by(httpRoutes, "gateway and path", "gateway.networking.k8s.io Gateway gateways/gw /shared")],
  },
  {
    what: "the cache of the template, and the own InferenceService",
    objects: [model(), template()],
    reads: [
      by(templateCaches, "namespace and template", "ns/t1"),
      one(inferenceServices, `ns/${endpoint}`),
    ],
  },
];

for (const { what, spec, status, objects, reads, not = [] } of rows) {
  Deno.test(`Better §13: a service hears of ${what}`, () => {
    const { reads: made } = pass(service({ spec, status }), objects);
    assert.deepEqual(reads.filter((read) => !made.includes(read)), [], made.join(" "));
    assert.deepEqual(not.filter((read) => made.includes(read)), []);
    // Not of other services, nor of its own status: it is handed itself.
    assert.ok(!made.some((read) => read.startsWith(`o${services.id}|`)));
  });
}
