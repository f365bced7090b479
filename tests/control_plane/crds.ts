/** Waiting for custom resource definitions. */
import type { ControlPlane } from "./control_plane.ts";
import { until } from "./until.ts";

/** Returns when the API server serves every definition in the folder. */
export async function established(plane: ControlPlane, folder: string): Promise<void> {
  await until(`The custom resource definitions of ${folder} established`, async () => {
    // Right after creation there are no conditions at all, which kubectl takes for an error.
    const args = ["wait", "--for=condition=Established", "--timeout=60s", "-f", folder];
    const { code, stderr } = await plane.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    return true;
  });
}
