/** For tests: random catalogues as objects of the API, and changes that `why` prints carried out on them. */

import fc from "fast-check";
import { metrics, precisions, profileTypes } from "../../api/mod.ts";
import type { KubeObject } from "../../kube/object.ts";
import { API_VERSION } from "../../operator/naming/labels.ts";
import type { Edit } from "../../selection/mod.ts";
import type { Candidate } from "./why.ts";

/** An object of which anything may be read. */
// deno-lint-ignore no-explicit-any
export type AnyObject = KubeObject & Record<string, any>;

/** One service, the templates of its model, and the nodes of the cluster. */
export interface Catalogue {
  readonly namespace: string;
  readonly service: string;
  readonly objects: readonly AnyObject[];
}

const place = fc.boolean();
const gpus = ["MI325X", "MI300X", "MI250X", "W7900"];

/** What a template says of itself, each in its spec or in its profile. */
const templates = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    isOwn: fc.boolean(),
    status: fc.constantFrom("Ready", "Ready", "Ready", "Ready", "Pending", "NotAvailable", "Failed"),
    type: fc.constantFrom(...profileTypes, "optimized", "optimized", undefined),
    gpu: fc.constantFrom("MI325X", "MI325X", "AMD Instinct MI300X", "MI250X", "W7900", ""),
    count: fc.constantFrom(1, 1, 8),
    metric: fc.constantFrom(...metrics, "latency", undefined),
    precision: fc.constantFrom(...precisions, "fp8", "fp8", "fp4", undefined),
    inSpec: fc.record({ metric: place, precision: place, gpu: place }),
  }),
  { selector: ({ name, isOwn }) => `${name} ${isOwn}`, minLength: 1, maxLength: 8 },
);

const services = fc.record({
  template: fc.constantFrom(undefined, undefined, {}, { allowUnoptimized: true }, {
    allowUnoptimized: false,
  }),
  overrides: fc.option(
    fc.record({
      metric: fc.constantFrom(...metrics, undefined, undefined),
      precision: fc.constantFrom("fp8", "fp32", undefined, undefined),
      hardware: fc.constantFrom(
        undefined,
        undefined,
        { cpu: { requests: "4" } },
        { gpu: { model: "mi300x" } },
        { gpu: { requests: 8 } },
        { gpu: { model: "MI325X", requests: 2 } },
      ),
    }),
    { nil: undefined, freq: 2 },
  ),
});

/**
 * Catalogues that an API server takes. Cluster templates and nodes of several would mix: their names carry one.
 *
 * @param name of the namespace, and of what has none
 */
export function catalogues(name: string): fc.Arbitrary<Catalogue> {
  return fc.record({
    templates,
    service: services,
    nodes: fc.subarray(gpus),
    defaultTemplate: fc.constantFrom(undefined, undefined, undefined, "a", "b", "nowhere"),
  }).map(({ templates, service, nodes, defaultTemplate }) => ({
    namespace: name,
    service: "s",
    objects: JSON.parse(JSON.stringify([
      {
        apiVersion: API_VERSION,
        kind: "AIMModel",
        metadata: { name: `m-${name}`, namespace: name },
        spec: {
          image: "registry.example.com/m:1",
          ...(defaultTemplate !== undefined && { defaultServiceTemplate: `${defaultTemplate}-${name}` }),
        },
        status: { status: "Ready" },
      },
      {
        apiVersion: API_VERSION,
        kind: "AIMService",
        metadata: { name: "s", namespace: name },
        spec: { model: { name: `m-${name}` }, ...service },
      },
      ...templates.map((each) => templateObject(name, each)),
      ...nodes.map((gpu) => node(`${name}-${gpu.toLowerCase()}`, gpu)),
    ])),
  }));
}

type Given = typeof templates extends fc.Arbitrary<(infer One)[]> ? One : never;

function templateObject(
  catalogue: string,
  { name, isOwn, status, type, gpu, count, metric, precision, inSpec }: Given,
): KubeObject {
  return {
    apiVersion: API_VERSION,
    kind: isOwn ? "AIMServiceTemplate" : "AIMClusterServiceTemplate",
    // Names that rank as they do in the namespace, and that are namesakes of those there.
    metadata: isOwn
      ? { name: `${name}-${catalogue}`, namespace: catalogue }
      : { name: `${name}-${catalogue}` },
    spec: {
      modelName: `m-${catalogue}`,
      ...(inSpec.metric && { metric }),
      ...(inSpec.precision && { precision }),
      hardware: { gpu: { requests: count, ...(inSpec.gpu && { model: gpu }) } },
    },
    status: {
      status,
      profile: {
        metadata: {
          type,
          ...(!inSpec.gpu && { gpu }),
          ...(!inSpec.metric && { metric }),
          ...(!inSpec.precision && { precision }),
        },
      },
    },
  } as KubeObject;
}

function node(name: string, gpu: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "amd.com/gpu.family": gpu } },
  } as KubeObject;
}

/** The objects after what would make the candidate win. */
export function changed(
  { namespace, objects }: Catalogue,
  candidate: Pick<Candidate, "name" | "namespace" | "edits">,
): AnyObject[] {
  return (candidate.edits ?? []).reduce<AnyObject[]>(
    (objects, edit) => edited(objects, edit, candidate, namespace),
    structuredClone([...objects]),
  );
}

/** Name and namespace of the candidate after what would make it win: it may be moved. */
export function placeAfter(
  { namespace }: Catalogue,
  candidate: Pick<Candidate, "name" | "namespace" | "edits">,
): [name: string, namespace: string | undefined] {
  const isMoved = candidate.edits?.some((edit) =>
    edit.of === "candidate" && edit.field === "metadata.namespace"
  );
  return [candidate.name, isMoved ? namespace : candidate.namespace];
}

function edited(
  objects: AnyObject[],
  edit: Edit,
  candidate: Pick<Candidate, "name" | "namespace">,
  catalogue: string,
): AnyObject[] {
  const isTemplate = ({ kind, metadata }: AnyObject, of: Pick<Candidate, "name" | "namespace">) =>
    kind?.endsWith("ServiceTemplate") && metadata?.name === of.name && metadata?.namespace === of.namespace;
  switch (edit.of) {
    case "rival":
      return objects.filter((each) => !isTemplate(each, edit));
    case "nodes":
      return [...objects, node(`${catalogue}-new`, edit.value)];
    case "service":
      set(objects.find(({ kind }) => kind === "AIMService")!, `spec.${edit.field}`, edit.value);
      return objects;
    case "candidate": {
      // A step before may have moved it.
      const target = objects.find((each) => isTemplate(each, candidate)) ??
        objects.find((each) => isTemplate(each, { ...candidate, namespace: catalogue }))!;
      set(target, edit.field, edit.value);
      if (edit.field === "metadata.namespace") target.kind = "AIMServiceTemplate";
      return objects;
    }
  }
}

/** Sets a field by its path; null takes it away. */
function set(object: AnyObject, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce<AnyObject>((at, key) => at[key] ??= {}, object);
  if (value === null) delete parent[last];
  else parent[last] = value;
}
