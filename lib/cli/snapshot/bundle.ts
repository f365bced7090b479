/** Makes a support bundle: what the operator sees of a cluster, without secrets. */

import { version } from "../../program/version.ts";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import type { KubeObject, Live, Resource } from "../../kube/object.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import { isObject } from "../../kube/json/json.ts";
import { shelfOf } from "../../apiserver/kinds/kind.ts";
import type { Bundle } from "../state/bundle_state.ts";
import type { ClusterState } from "../state/state.ts";
import { Redaction } from "./redaction.ts";

/** Annotations whose values are known; of others the value is taken out. */
const knownAnnotations =
  /^(?:[\w.-]*aim\.eai\.amd\.com|serving\.kserve\.io|storageclass\.kubernetes\.io|deployment\.kubernetes\.io)\//;

/** Of each kind what the operator reads, which is little of what is not its own. */
export function bundleOf({ cluster, at, unseen, knowsSecrets }: ClusterState): Bundle {
  const redaction = new Redaction();
  const items = watchedKinds.flatMap((kind) =>
    cluster.kinds.find(kind.resource.group, kind.resource.version, kind.resource.plural) === undefined
      ? []
      : selected(kind, cluster.store.list(shelfOf(kind.resource))).map((object) => partOf(kind, object))
  );
  redaction.learn(items);
  return {
    apiVersion: "v1",
    kind: "List",
    snapshot: {
      by: `kubectl-aim ${version}`,
      at: new Date(at).toISOString(),
      unseen,
      uninstalled: watchedKinds.map(({ resource }) => resource)
        .filter(({ group, version, plural }) => cluster.kinds.find(group, version, plural) === undefined)
        .map(nameOf),
      ...(knowsSecrets && {
        secrets: Object.fromEntries(
          cluster.store.list("secrets").map(({ metadata: { namespace, name, resourceVersion } }) => [
            `${namespace}/${name}`,
            resourceVersion,
          ]),
        ),
      }),
    },
    items: items.map((object) => clean(object, redaction)),
  };
}

/** The bundle as text, an object a line: to be looked through before it is sent. */
export function bundleInLines(state: ClusterState): string[] {
  const { items, ...head } = bundleOf(state);
  const objects = items.map((item, n) => JSON.stringify(item) + (n === items.length - 1 ? "" : ","));
  return [`${JSON.stringify(head).slice(0, -1)},"items":[`, ...objects, "]}"];
}

function selected(kind: CachedKind<KubeObject>, objects: readonly StoredObject[]): Live<KubeObject>[] {
  return (objects as unknown as Live<KubeObject>[]).filter((object) => kind.selectedBy(object) !== 0);
}

/** The operator's own projection, with what a pod and a node say of GPUs. */
function partOf(kind: CachedKind<KubeObject>, object: Live<KubeObject>): KubeObject {
  const { metadata: { managedFields: _, ...metadata }, ...rest } = kind.project(object);
  return { ...rest, metadata, ...gpuPart(kind.resource, object, rest) };
}

function gpuPart({ kind }: Resource, object: KubeObject, kept: object): object {
  const { spec, status } = object as { spec?: { containers?: unknown[] }; status?: Record<string, unknown> };
  const { spec: keptSpec, status: keptStatus } = kept as { spec?: object; status?: object };
  if (kind === "Node") return { status: { ...keptStatus, allocatable: status?.allocatable } };
  if (kind !== "Pod") return {};
  const containers = (spec?.containers ?? []).map((each) =>
    isObject(each) ? { name: each.name, resources: each.resources } : {}
  );
  return { spec: { ...keptSpec, containers } };
}

function clean(object: KubeObject, redaction: Redaction): KubeObject {
  const { metadata: { annotations, ...metadata } = {}, ...rest } = object;
  const redacted = annotations && Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [
      redaction.text(key),
      knownAnnotations.test(key) ? redaction.text(value) : redaction.value(value),
    ]),
  );
  return {
    ...redaction.tree(rest),
    metadata: { ...redaction.tree(metadata), ...(redacted && { annotations: redacted }) },
  };
}

function nameOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return group === "" ? plural : `${plural}.${group}`;
}
