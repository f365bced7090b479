/** The state that a plan begins with: as much of it as what is planned can touch. */

import { kinds } from "../../api/mod.ts";
import type { Transport } from "../../kube/transport.ts";
import { stateFrom } from "./folder_state.ts";
import { liveState } from "./live_state.ts";
import type { Manifest } from "../files/manifests.ts";
import { type ClusterState, withNamespaces } from "./state.ts";

export interface StateOptions {
  readonly from?: string;
  readonly namespace?: string;
  readonly nodeGone?: string;
  readonly upgrade?: boolean;
}

/** @returns the state, and the namespace of what names none */
export async function stateFor(
  { from, namespace, nodeGone, upgrade }: StateOptions,
  files: readonly Manifest[],
  connect: () => Promise<{ readonly transport: Transport; readonly namespace: string }>,
): Promise<{ readonly state: ClusterState; readonly namespace: string }> {
  const touchesAll = nodeGone !== undefined || upgrade === true;
  if (from !== undefined) {
    const within = namespace ?? "default";
    const state = await stateFrom(from, touchesAll ? undefined : touched(files, within));
    // Who writes only what matters to them writes no namespaces.
    const named = files.flatMap(({ object: { kind, metadata } }) =>
      kind === "Namespace" ? [] : metadata.namespace ?? []
    );
    withNamespaces(state.cluster, [within, ...named], state.at);
    return { state, namespace: within };
  }
  const { transport, namespace: within } = await connect();
  const namespaces = touchesAll ? undefined : touched(files, within);
  return { state: await liveState(transport, { namespaces, namespace: within, files }), namespace: within };
}

const namespaced = new Set(kinds.filter(({ scope }) => scope === "Namespaced").map(({ kind }) => kind));

/** The namespaces of the files; undefined where one of them is, or may be, of the whole cluster. */
function touched(files: readonly Manifest[], otherwise: string): ReadonlySet<string> | undefined {
  const isOfAll = files.some(({ object }) =>
    !namespaced.has(object.kind) && object.metadata.namespace === undefined
  );
  return isOfAll ? undefined : new Set(files.map(({ object }) => object.metadata.namespace ?? otherwise));
}
