/**
 * The AIM operator: serves AI models on Kubernetes (`aim.eai.amd.com/v1alpha1`). Without arguments it is the
 * operator; see `--help` for its flags.
 *
 * @module
 */

import { modelSourceController } from "./controllers/model_source/reconcile.ts";
import { templateCacheController } from "./controllers/template_cache/reconcile.ts";
import { artifactController } from "./controllers/artifact/reconcile.ts";
import { clusterModelController, modelController } from "./controllers/model/reconcile.ts";
import {
  clusterRuntimeConfigController,
  runtimeConfigController,
} from "./controllers/runtime_config/reconcile.ts";
import { serviceController } from "./controllers/service/reconcile.ts";
import { clusterTemplateController, templateController } from "./controllers/template/reconcile.ts";
import { watchedKinds } from "./lib/cluster/kinds.ts";
import { factSources } from "./lib/facts/sources.ts";
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
  modelSourceController,
  runtimeConfigController,
  clusterRuntimeConfigController,
];

if (import.meta.main) {
  Deno.exit(await runOperator(Deno.args, { controllers, kinds: watchedKinds, facts: factSources }));
}
