/**
 * The AIM operator: serves AI models on Kubernetes (`aim.eai.amd.com/v1alpha1`). Without arguments it is the
 * operator; see `--help` for its flags.
 *
 * @module
 */

import { templateCacheController } from "./controllers/template_cache/reconcile.ts";
import { artifactController } from "./controllers/artifact/reconcile.ts";
import { clusterModelController, modelController } from "./controllers/model/reconcile.ts";
import { serviceController } from "./controllers/service/reconcile.ts";
import { clusterTemplateController, templateController } from "./controllers/template/reconcile.ts";
import { watchedKinds } from "./lib/cluster/kinds.ts";
import { discoveryResultSource } from "./lib/facts/discovery_result.ts";
import { podLogSource } from "./lib/facts/pod_log.ts";
import type { Transport } from "./lib/kube/transport.ts";
import { runOperator } from "./lib/process/run.ts";

/** Every kind's behaviour. */
export const controllers = [
  serviceController,
  modelController,
  clusterModelController,
  templateController,
  clusterTemplateController,
  templateCacheController,
  artifactController,
];

/** What only the outside knows, and who tells it. */
export function facts(transport: Transport) {
  return [podLogSource(transport), discoveryResultSource(transport)];
}

if (import.meta.main) Deno.exit(await runOperator(Deno.args, { controllers, kinds: watchedKinds, facts }));
