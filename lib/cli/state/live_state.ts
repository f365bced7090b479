/** The state of a cluster, read once with the user's own rights. Nothing is written. */

import type { StoredObject } from "../../apiserver/store/store.ts";
import { kinds } from "../../api/mod.ts";
import { podSelectors, watchedKinds } from "../../cluster/kinds.ts";
import { operatorNamespace } from "../../cluster/operator_namespace.ts";
import { isStatus } from "../../kube/errors.ts";
import { apiVersionOf, type KubeObject, type Live, type Resource } from "../../kube/object.ts";
import { pathOf } from "../../kube/path.ts";
import type { Transport } from "../../kube/transport.ts";
import { list } from "../../kube/watch/list.ts";
import { get } from "../../kube/write.ts";
import { selects } from "../../kube/cache/selector.ts";
import type { Manifest } from "../files/manifests.ts";
import {
  clusterOf,
  type ClusterState,
  type Definition,
  othersDefinitions,
  ownDefinitions,
  withNamespaces,
} from "./state.ts";

export interface LiveOptions {
  /** The only ones that count; absent: all. */
  readonly namespaces?: ReadonlySet<string>;
  /** Of the context: all that is read where not all may be. */
  readonly namespace: string;
  /** What will be applied: what is there under the same names is read too. */
  readonly files?: readonly Manifest[];
}

const core = (kind: string, plural: string, namespaced = true): Resource => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced,
});
const namespaceKind = core("Namespace", "namespaces", false);
const secretKind = core("Secret", "secrets");
const definitionKind: Resource = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};

/** @throws ApiError, NetworkError, where it is something else than a missing right or kind */
export async function liveState(transport: Transport, options: LiveOptions): Promise<ClusterState> {
  const reader = new Reader(transport, options);
  const at = Date.now();
  const [definitions, secrets, ...lists] = await Promise.all([
    reader.definitions(),
    reader.secrets(),
    reader.all(namespaceKind, { silent: true }),
    ...watchedKinds.map((kind) =>
      kind.resource.plural === "pods" ? reader.pods(kind.resource) : reader.selected(kind)
    ),
  ]);
  const read = lists.flat();
  const asked = await reader.named(options.files ?? [], read);
  const all = new Map([...read, ...secrets ?? [], ...asked].map((object) => [object.metadata.uid, object]));
  const objects = [...all.values()] as StoredObject[];
  const { cluster, strange } = clusterOf(definitions, objects);
  if (!reader.seesNamespaces) {
    withNamespaces(
      cluster,
      [operatorNamespace, options.namespace, ...options.namespaces ?? [], ...objects.flatMap(namespaceOf)],
      at,
    );
  }
  return {
    cluster,
    manifests: [],
    at,
    unseen: [...reader.unseen].sort(),
    remarks: [...reader.remarks, ...strange.map((kind) => `${kind} plays no part`)],
    knowsSecrets: secrets !== undefined,
    source: "the cluster",
  };
}

function namespaceOf({ kind, metadata: { namespace } }: StoredObject): string[] {
  return namespace === undefined || kind === "Namespace" ? [] : [namespace];
}

class Reader {
  readonly unseen = new Set<string>();
  readonly remarks = new Set<string>();
  seesNamespaces = false;

  constructor(private readonly transport: Transport, private readonly options: LiveOptions) {}

  /** What the operator watches of a kind. */
  async selected({ resource, selectors }: (typeof watchedKinds)[number]): Promise<Live<KubeObject>[]> {
    const found = await Promise.all(selectors.map((selector) => this.all(resource, { selector })));
    return found.flat();
  }

  /** Those that the operator watches, and of all others what they take of a node's GPUs. */
  pods(resource: Resource): Promise<Live<KubeObject>[]> {
    return this.all(resource, {
      everywhere: true,
      keep: (pod) => isWatched(pod) || takesGpu(pod),
    });
  }

  /** Names and versions of Secrets, nothing else of them; undefined where they may not be listed. */
  async secrets(): Promise<Live<KubeObject>[] | undefined> {
    const { namespaces } = this.options;
    const read = async (namespace?: string): Promise<Live<KubeObject>[]> => {
      const answer = await this.transport.performRequest({
        method: "GET",
        path: pathOf(secretKind, namespace),
        accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        expectJson: true,
      }) as { items: Live<KubeObject>[] | null };
      return (answer.items ?? []).map(({ metadata: { name, namespace, uid, resourceVersion } }) => ({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace, uid, resourceVersion },
      }));
    };
    try {
      if (namespaces === undefined) return await read();
      return (await Promise.all([...namespaces, operatorNamespace].map(read))).flat();
    } catch (error) {
      if (!isStatus(error, 403)) throw error;
      this.remarks.add("Secrets may not be listed: each that is named is taken to be there");
      return undefined;
    }
  }

  /** The kinds as the cluster has them, where the user may see that, else as this build does. */
  async definitions(): Promise<Definition[]> {
    const [own, others] = [ownDefinitions(), await othersDefinitions()];
    const read = await Promise.all([...own, ...others].map(async (definition) => {
      try {
        const live = await get(this.transport, definitionKind, { name: definition.metadata.name });
        return live as unknown as Definition;
      } catch (error) {
        if (isStatus(error, 403)) return await this.#serves(definition) ? definition : undefined;
        if (isStatus(error, 404)) return own.includes(definition) ? definition : undefined;
        throw error;
      }
    }));
    return read.filter((each) => each !== undefined);
  }

  /** Whether a kind is there, asked by what anybody may ask. */
  async #serves(definition: Definition): Promise<boolean> {
    const { group, versions } = definition.spec as { group: string; versions: { name: string }[] };
    if (kinds.some((kind) => kind.group === group)) return true;
    const served = await Promise.all(versions.map(async ({ name }) => {
      try {
        await this.transport.performRequest({
          method: "GET",
          path: `/apis/${group}/${name}`,
          expectJson: true,
        });
        return true;
      } catch (error) {
        if (isStatus(error, 404) || isStatus(error, 403)) return false;
        throw error;
      }
    }));
    return served.includes(true);
  }

  /** What is there under the names in the files, of kinds that nobody lists. */
  async named(files: readonly Manifest[], read: readonly Live<KubeObject>[]): Promise<Live<KubeObject>[]> {
    const listed = new Set(watchedKinds.map(({ resource }) => `${apiVersionOf(resource)} ${resource.kind}`));
    const there = new Set(read.map((each) => `${each.apiVersion} ${each.kind}`));
    const { cluster } = clusterOf([], []);
    const found = await Promise.all(files.map(async ({ object }) => {
      const type = `${object.apiVersion} ${object.kind}`;
      const kind = cluster.kinds.byKind(object.apiVersion, object.kind);
      if (kind === undefined || there.has(type) && listed.has(type) && !partly.has(object.kind)) return [];
      const { name, namespace = this.options.namespace } = object.metadata;
      try {
        return [await get(this.transport, kind, { name, ...(kind.namespaced && { namespace }) })];
      } catch (error) {
        if (isStatus(error, 404)) return [];
        if (!isStatus(error, 403)) throw error;
        this.unseen.add(nameOf(kind));
        return [];
      }
    }));
    return found.flat();
  }

  /** All of a kind in the namespaces that count; where that is more than the user may list, those of the own one. */
  async all(
    resource: Resource,
    { selector = {}, keep, silent = false, everywhere = false }: {
      readonly selector?: { readonly labelSelector?: string; readonly fieldSelector?: string };
      readonly keep?: (object: Live<KubeObject>) => boolean;
      readonly silent?: boolean;
      readonly everywhere?: boolean;
    } = {},
  ): Promise<Live<KubeObject>[]> {
    const { namespaces, namespace } = this.options;
    const read = async (within?: string) =>
      (await list<KubeObject>(this.transport, resource, {
        ...selector,
        keep,
        ...(within !== undefined && { namespace: within }),
      })).items;
    try {
      if (!resource.namespaced || namespaces === undefined || everywhere) {
        const found = await read();
        if (resource === namespaceKind) this.seesNamespaces = true;
        return found;
      }
      return (await Promise.all([...namespaces, operatorNamespace].map(read))).flat();
    } catch (error) {
      if (isStatus(error, 404)) return [];
      if (!isStatus(error, 403)) throw error;
    }
    if (!silent) this.unseen.add(nameOf(resource));
    if (!resource.namespaced) return [];
    const own = await Promise.all([...namespaces ?? [namespace]].map(async (each) => {
      try {
        return await read(each);
      } catch (error) {
        if (isStatus(error, 403) || isStatus(error, 404)) return undefined;
        throw error;
      }
    }));
    if (own.includes(undefined) || silent) return own.flatMap((each) => each ?? []);
    this.unseen.delete(nameOf(resource));
    this.unseen.add(`${nameOf(resource)} outside of ${[...namespaces ?? [namespace]].join(", ")}`);
    return own.flatMap((each) => each ?? []);
  }
}

/** Kinds of which only those objects are listed that the operator has to do with. */
const partly = new Set([
  "Pod",
  "Job",
  "Deployment",
  "ReplicaSet",
  "PersistentVolumeClaim",
  "Event",
  "RoleBinding",
]);

function isWatched(pod: Live<KubeObject>): boolean {
  return podSelectors.some((selector) => selects(selector, pod));
}

function takesGpu(pod: Live<KubeObject>): boolean {
  const { spec } = pod as { spec?: { nodeName?: string; containers?: unknown[] } };
  return spec?.nodeName !== undefined && JSON.stringify(spec.containers ?? []).includes('"amd.com/');
}

function nameOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return group === "" ? plural : `${plural}.${group}`;
}
