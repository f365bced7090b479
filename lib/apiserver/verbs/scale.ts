/** The `scale` subresource: the number of replicas, wherever a kind keeps it. */
import type { Cluster } from "../cluster.ts";
import { objectOf } from "../body.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import type { Kind, ScalePaths } from "../kinds/kind.ts";
import type { Request } from "../request.ts";
import { invalid, notFound } from "../status.ts";
import { invalidValue } from "../schema/field_error.ts";
import { typedSelector } from "../selectors/typed_selector.ts";
import type { StoredObject } from "../store/store.ts";
import { writeOptions } from "./options.ts";
import { change } from "./replace.ts";
import { checkPatchType, patchedObject, patchOf, type Where } from "./patch.ts";
import { checkVersion, copyOf } from "./storing.ts";

export function scaleOf(kind: Kind, object: JsonObject): JsonObject {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = kind.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object
    .metadata as StoredObject["metadata"];
  const replicas = at(object, ...stepsOf(specReplicasPath));
  const selector = !kind.custom
    ? typedSelector(at(object, "spec", "selector"))
    : labelSelectorPath === undefined
    ? undefined
    : at(object, ...stepsOf(labelSelectorPath));
  const counted = Number(at(object, ...stepsOf(statusReplicasPath)) ?? 0);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: counted, ...(selector ? { selector } : {}) },
  };
}

export function readScale(cluster: Cluster, kind: Kind, where: Where): JsonObject {
  return scaleOf(kind, found(cluster, kind, where));
}

export function writeScale(cluster: Cluster, kind: Kind, where: Where, request: Request): JsonObject {
  const patching = request.method === "PATCH";
  const options = writeOptions(request, patching ? "PatchOptions" : "UpdateOptions");
  const live = found(cluster, kind, where);
  const scale = patching ? patchedScale(kind, live, request) : objectOf(request, { kind: "Scale" });
  checkVersion(kind, live, { resourceVersion: at(scale, "metadata", "resourceVersion") });
  const object = copyOf(live);
  const wanted = at(scale, "spec", "replicas");
  if (!kind.custom && Number(wanted ?? 0) < 0) {
    const scaled = { ...kind, group: "autoscaling", kind: "Scale" };
    throw invalid(scaled, where.name, [
      invalidValue("spec.replicas", wanted, "must be greater than or equal to 0"),
    ]);
  }
  set(object, kind.scale!, wanted ?? 0);
  return scaleOf(kind, change(cluster, kind, live, object, options, "main", "scale"));
}

function patchedScale(kind: Kind, live: StoredObject, request: Request): JsonObject {
  const type = checkPatchType(kind, request);
  return patchedObject(
    { kind: "Scale", schema: undefined },
    scaleOf(kind, live),
    type,
    patchOf(request, type),
  );
}

function found(cluster: Cluster, kind: Kind, { namespace, name }: Where): StoredObject {
  const live = cluster.get(kind, namespace, name);
  if (live === undefined) throw notFound(kind, name);
  return live;
}

function set(object: JsonObject, { specReplicasPath }: ScalePaths, value: unknown): void {
  const steps = stepsOf(specReplicasPath);
  let holder = object;
  for (const step of steps.slice(0, -1)) {
    if (!isObject(holder[step])) holder[step] = {};
    holder = holder[step] as JsonObject;
  }
  holder[steps[steps.length - 1]] = value;
}

function stepsOf(path: string): string[] {
  return path.split(".").slice(1);
}
