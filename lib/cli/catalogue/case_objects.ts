/** The cluster of one test: the short forms as the objects that they stand for. */

import {
  aimClusterModel,
  aimClusterServiceTemplate,
  aimService,
  aimServiceTemplate,
  type Hardware,
  type Kind,
} from "../../api/mod.ts";
import { apiVersion } from "../../api/mod.ts";
import { clusterGpus, deviceIdsOf, normaliseGpuModel } from "../../gpu/mod.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { Node } from "../../operator/objects.ts";
import { gpuHealth } from "../../../controllers/template/gpu.ts";
import type { Template } from "../../../controllers/service/resolve/resolved.ts";
import type { CaseFile, ShortModel, ShortNode, ShortTemplate, TestCase } from "./case_file.ts";

/** What is asked for where a file names no model. */
const unnamedModel = "model";
/** Where the service is, where a file does not say. */
const usualNamespace = "default";
export const serviceName = "service";

/** The objects of a test, and where its service is. */
export interface CaseObjects {
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
}

/**
 * What a test says takes the place of what its file says of the same (nodes, templates, model, service). Manifests and whole
 * objects are all there; of two with one name the last counts.
 */
export function objectsOf(file: CaseFile, test: TestCase, manifests: readonly KubeObject[]): CaseObjects {
  const namespace = file.namespace ?? usualNamespace;
  const whole = [...manifests, ...(file.objects ?? []), ...(test.objects ?? [])] as KubeObject[];
  const model = test.model ?? file.model;
  const modelName = (typeof model === "string" ? model : model?.name) ?? unnamedModel;
  const isThere = whole.some(({ kind, metadata }) =>
    /^AIM(Cluster)?Model$/.test(kind ?? "") && metadata?.name === modelName
  );
  const nodes = [
    ...(test.nodes ?? file.nodes ?? []).map(nodeOf),
    ...whole.filter(({ kind }) => kind === "Node"),
  ] as Node[];
  const gpus = clusterGpus(nodes as Parameters<typeof clusterGpus>[0]);
  const others = whole.filter(({ kind }) => kind !== "Node").map((object) => settled(object, gpus));
  const all = [
    ...nodes,
    ...(isThere && typeof model !== "object" ? [] : [modelOf(model ?? unnamedModel)]),
    ...others,
    ...(test.templates ?? file.templates ?? []).map((each) => templateOf(each, modelName)),
    {
      apiVersion,
      kind: aimService.kind,
      metadata: { name: serviceName, namespace },
      spec: { model: { name: modelName }, ...(test.service ?? file.service) },
    },
  ] as KubeObject[];
  return { objects: [...new Map(all.map((object) => [keyOf(object), object])).values()], namespace };
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;
}

function nodeOf(node: ShortNode, n: number): KubeObject {
  const { gpu, vram, labels } = typeof node === "string" ? { gpu: node } : node;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `node-${n + 1}`,
      labels: {
        ...(gpu !== undefined && gpuLabels(gpu)),
        ...(vram !== undefined && { "amd.com/gpu.vram": vram }),
        ...labels,
      },
    },
  };
}

/** By device id where the model has one that is known, else by its name. */
function gpuLabels(gpu: string): Record<string, string> {
  const [id] = deviceIdsOf(normaliseGpuModel(gpu));
  return id === undefined ? { "amd.com/gpu.family": gpu } : { "amd.com/gpu.device-id": id };
}

function modelOf(model: ShortModel): KubeObject {
  const { name, defaultServiceTemplate } = typeof model === "string" ? { name: model } : model;
  const spec = {
    image: `example.com/${name}:1`,
    ...(defaultServiceTemplate !== undefined && { defaultServiceTemplate }),
  };
  return { apiVersion, kind: aimClusterModel.kind, metadata: { name }, spec, status: ready } as KubeObject;
}

const ready = { status: "Ready" };

function templateOf(short: ShortTemplate, modelName: string): KubeObject {
  const { name, namespace, model = modelName, status = "Ready", lacks, labels } = short;
  const { type = "optimized", gpu, gpuCount, metric, precision } = short;
  const known = Object.entries({ type, gpu, gpuCount, metric, precision }).filter(([, value]) => value);
  const kind: Kind = namespace === undefined ? aimClusterServiceTemplate : aimServiceTemplate;
  return {
    apiVersion,
    kind: kind.kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), ...(labels && { labels }) },
    spec: { modelName: model },
    status: {
      ...(status !== "" && { status }),
      profile: { metadata: Object.fromEntries(known) },
      ...(lacks !== undefined && { conditions: [{ type: "GPUReady", status: "False", message: lacks }] }),
    },
  } as KubeObject;
}

/** A manifest with the status that the operator would give it: a template's profile is what its spec says. */
function settled(object: KubeObject, gpus: ReturnType<typeof clusterGpus>): KubeObject {
  if (object.apiVersion !== apiVersion || (object as { status?: unknown }).status !== undefined) {
    return object;
  }
  switch (object.kind) {
    case "AIMModel":
    case "AIMClusterModel":
      return { ...object, status: ready } as KubeObject;
    case "AIMServiceTemplate":
    case "AIMClusterServiceTemplate":
      return { ...object, status: statusOf(object as Template, gpus) } as KubeObject;
    default:
      return object;
  }
}

function statusOf({ spec }: Template, gpus: ReturnType<typeof clusterGpus>) {
  const { hardware, metric, precision, type } = spec ?? {};
  const { model, requests } = hardware?.gpu ?? {};
  const said = Object.entries({ gpu: model, gpuCount: requests, metric, precision, type });
  const profile = { metadata: Object.fromEntries(said.filter(([, value]) => value)) };
  const health = gpuHealth(hardware as Hardware | undefined, gpus);
  if (health === undefined || health.state === "Ready") return { ...ready, profile };
  const { reason, message } = health;
  return {
    status: "NotAvailable",
    profile,
    conditions: [{ type: "GPUReady", status: "False", reason, message }],
  };
}
