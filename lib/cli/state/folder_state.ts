/** The state that a folder of manifests describes: as written in a repository, or as `kubectl get -o yaml` prints it. */

import type { StoredObject } from "../../apiserver/store/store.ts";
import { API_GROUP, API_VERSION } from "../../operator/naming/labels.ts";
import { CommandFault } from "../faults.ts";
import { type Bundle, bundleState, isBundle } from "./bundle_state.ts";
import { textIn } from "../files/folders.ts";
import { type Manifest, readManifests } from "../files/manifests.ts";
import {
  clusterOf,
  type ClusterState,
  type Definition,
  othersDefinitions,
  ownDefinitions,
  withNamespaces,
} from "./state.ts";

/** What a cluster has stored says so. */
const isStored = ({ object: { metadata } }: Manifest) =>
  metadata.uid !== undefined && metadata.resourceVersion !== undefined;

/**
 * Of a folder, or a file: of manifests, or a support bundle.
 *
 * @param namespaces the only ones that count; absent: all
 * @throws CommandFault for what cannot be read, and for definitions of other kinds than this build has
 */
export async function stateFrom(path: string, namespaces?: ReadonlySet<string>): Promise<ClusterState> {
  const bundle = await bundleAt(path);
  return bundle === undefined ? await folderState(path, namespaces) : await bundleState(bundle, path);
}

async function bundleAt(path: string): Promise<Bundle | undefined> {
  try {
    if ((await Deno.stat(path)).isDirectory) return undefined;
    const value: unknown = JSON.parse(await textIn(path));
    return isBundle(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function folderState(folder: string, namespaces?: ReadonlySet<string>): Promise<ClusterState> {
  const all = await readManifests([folder], { recursive: true });
  const at = Date.now();
  const definitions = all.filter(({ object }) => object.kind === "CustomResourceDefinition");
  const remarks = definitions.flatMap(checkDefinition);
  const counts = ({ object: { metadata: { namespace } } }: Manifest) =>
    namespaces === undefined || namespace === undefined || namespaces.has(namespace);
  const objects = all.filter((each) => !definitions.includes(each) && counts(each));
  const { cluster, strange } = clusterOf(
    [
      ...ownDefinitions(),
      ...await othersDefinitions(),
      ...definitions.map(({ object }) => object as unknown as Definition),
    ],
    objects.filter(isStored).map(({ object }) => object as unknown as StoredObject),
  );
  withNamespaces(cluster, [...standard, ...namespacesOf(objects)], at);
  const has = (kind: string) => objects.some(({ object }) => object.kind === kind);
  return {
    cluster,
    manifests: objects.filter((each) => !isStored(each)),
    at,
    unseen: [],
    remarks: [
      ...remarks,
      ...strange.map((kind) => `${kind} plays no part: it is no kind that the operator works with`),
      ...(has("Node")
        ? []
        : [`${folder} has no nodes: no template that needs a GPU is available (kubectl get nodes -o yaml)`]),
    ],
    knowsSecrets: false,
    source: `folder ${folder}`,
  };
}

const standard = ["default", "kube-system", "kube-public", "kube-node-lease"];

function namespacesOf(objects: readonly Manifest[]): string[] {
  return objects.flatMap(({ object: { kind, metadata } }) =>
    metadata.namespace !== undefined && kind !== "Namespace" ? [metadata.namespace] : []
  );
}

/** A definition of ours must serve the version that this build speaks; another schema of it is told. */
function checkDefinition({ object, file, line }: Manifest): string[] {
  const { group, versions = [] } = object.spec as { group?: string; versions?: { name: string }[] };
  if (group !== API_GROUP) return [];
  const { name } = object.metadata;
  const version = API_VERSION.split("/")[1];
  const served = versions.map((each) => each.name);
  if (!served.includes(version)) {
    throw new CommandFault(
      `${file}:${line}: CustomResourceDefinition ${name} serves ${
        served.join(", ") || "no version"
      }, and this program knows ${version} only: take the program of that release, or the definitions of this one`,
    );
  }
  const own = ownDefinitions().find(({ metadata }) => metadata.name === name);
  if (own === undefined) return [`${file}:${line}: ${name} is no kind of this build`];
  const schemaOf = (definition: unknown) =>
    JSON.stringify(
      (definition as { spec: { versions: { name: string; schema?: unknown }[] } }).spec.versions
        .find((each) => each.name === version)?.schema,
    );
  return schemaOf(object) === schemaOf(own)
    ? []
    : [`${file}:${line}: ${name} is of another release than this program; what is applied is checked by it`];
}
