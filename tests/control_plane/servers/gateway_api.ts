/** Gateway API: its CRDs. What a gateway does is played by a kwok Stage (`stages/http_route.yaml`). */
import type { ControlPlane } from "../plane.ts";
import { served } from "./crds.ts";

/** Installs the CRDs of the standard channel and waits until they are served. Works on a running control plane. */
export async function installGatewayApi(plane: ControlPlane): Promise<void> {
  await plane.want({ yaml: ["gateway-api-crds"] });
  await plane.apply({ folder: plane.yaml("gateway-api-crds") });
  await served(plane, plane.yaml("gateway-api-crds"));
}
