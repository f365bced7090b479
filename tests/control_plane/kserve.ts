import type { ControlPlane } from "./control_plane.ts";
export interface KServeOptions {
  controller?: boolean;
}
export async function installKServe(_plane: ControlPlane, _o: KServeOptions): Promise<void> {}
