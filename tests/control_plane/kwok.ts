import type { ControlPlane } from "./control_plane.ts";
export interface KwokOptions {}
export async function startKwok(_plane: ControlPlane, _o: KwokOptions): Promise<void> {}
