/** Waiting for custom resource definitions. */
import type { ControlPlane } from "./control_plane.ts";

/** Returns when the API server serves every definition in the folder (or file). */
export async function established(plane: ControlPlane, folder: string): Promise<void> {
  const args = ["wait", "--for=condition=Established", "--timeout=60s", "-f", folder];
  const { code, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`Custom resource definitions of ${folder}: ${stderr}`);
}
