/**
 * A real Kubernetes control plane on loopback, for tests, demo and bench.
 *
 * etcd and kube-apiserver always run; controller manager, scheduler, kwok (nodes whose pods run through their
 * phases without executing anything), KServe and the CRDs of Gateway API are options. Programs are built by
 * `build.ts` on first use. RBAC is on, tokens of service accounts work, admission is Kubernetes' default, so
 * quotas and Pod Security refuse what they should (the one exception is named in `api_server.ts`).
 *
 * Ends in this order: everything else, the API server, etcd. However the process that started it ends, no
 * process is left (`warden.ts`).
 */
import { join } from "node:path";
import "./processes/no_proxy.ts";
import { buildParts } from "./build/build.ts";
import { startControllerManager, startScheduler } from "./servers/controllers.ts";
import { installKServe } from "./servers/kserve.ts";
import { installGatewayApi } from "./servers/gateway_api.ts";
import { playStages, startKwok } from "./servers/kwok.ts";
import { type ControlPlaneOptions, wantedParts } from "./options.ts";
import { ControlPlane } from "./plane.ts";

export type { ControlPlaneOptions };
export { ControlPlane } from "./plane.ts";
export type { Output } from "./servers/kubectl.ts";

/** Starts a control plane, in the order of dependence, and returns when it is ready for use. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const parts = await buildParts(wantedParts(options), options.log);
  const folder = options.folder ?? await Deno.makeTempDir({ prefix: "aim-control-plane-" });
  await Deno.mkdir(join(folder, "logs"), { recursive: true });
  const plane = new ControlPlane(folder, parts, options);
  try {
    await plane.start();
    await install(plane, options);
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return plane;
}

async function install(plane: ControlPlane, options: ControlPlaneOptions): Promise<void> {
  const { controllerManager, scheduler, kwok, kserve, gatewayApi } = options;
  await Promise.all([
    controllerManager && startControllerManager(plane),
    scheduler && startScheduler(plane),
    kwok && startKwok(plane),
    gatewayApi && installGatewayApi(plane),
    kserve && installKServe(plane, kserve),
  ]);
  // Last, because kwok can only watch kinds that are installed.
  if (kwok?.stages?.length) await playStages(plane, kwok.stages);
}
