/** A state as a cluster that can be asked: it answers lists, and takes no writes. */

import { inProcessTransport } from "../../apiserver/doors/in_process.ts";
import { type Answer, type Answering, type Request, targetOf } from "../../apiserver/request.ts";
import { ApiServer } from "../../apiserver/server.ts";
import { shelfOf } from "../../apiserver/kinds/kind.ts";
import type { Transport } from "../../kube/transport.ts";
import { CommandFault } from "../faults.ts";
import { applyAll } from "../rehearsal/applying.ts";
import { Rehearsal } from "../rehearsal/rehearsal.ts";
import { stateFrom } from "../state/folder_state.ts";
import type { ClusterState } from "../state/state.ts";

/** What a snapshot or a folder holds, and the moment of it in milliseconds since 1970. */
export async function replayed(
  path: string,
): Promise<{ readonly transport: Transport; readonly at: number }> {
  const state = await stateFrom(path);
  return { transport: transportOf(await settled(state)), at: state.at };
}

/** What nobody has stored yet is made first, and the operator lets it come to rest. */
async function settled(state: ClusterState): Promise<ClusterState> {
  if (state.manifests.length === 0) return state;
  using rehearsal = new Rehearsal({ ...state, like: state.cluster });
  const { faults } = applyAll(rehearsal, state.manifests, { namespace: "default", asThere: true });
  if (faults.length > 0) throw new CommandFault(faults.join("\n"));
  await rehearsal.rest();
  return { ...state, cluster: rehearsal.server.cluster, manifests: [] };
}

/** Kinds that could not be read are refused here too. */
export function transportOf({ cluster, unseen }: ClusterState): Transport {
  const server = new ApiServer({ like: cluster });
  const refused = new Set(unseen.map((name) => name.split(" ")[0]));
  const answering: Answering = {
    handle(request: Request): Answer {
      const target = targetOf(request.path);
      if (request.method !== "GET") return status(405, "MethodNotAllowed", "a snapshot takes no writes");
      if (target !== undefined && refused.has(shelfOf(target))) {
        return status(403, "Forbidden", `${target.plural} could not be listed when the snapshot was taken`);
      }
      return server.handle(request);
    },
  };
  return inProcessTransport(answering, "kubectl-aim");
}

function status(code: number, reason: string, message: string): Answer {
  return { code, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code } };
}
