/**
 * The AIM operator: serves AI models on Kubernetes (`aim.eai.amd.com/v1alpha1`). Without arguments it is the
 * operator; see `--help` for its flags.
 *
 * @module
 */

import { templateCacheController } from "./controllers/template_cache/mod.ts";
import { artifactController } from "./controllers/artifact/mod.ts";
import { clusterModelController, modelController } from "./controllers/model/mod.ts";
import { serviceController } from "./controllers/service/mod.ts";
import { clusterTemplateController, templateController } from "./controllers/template/mod.ts";
import { watchedKinds } from "./lib/cluster/kinds.ts";
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

if (import.meta.main) Deno.exit(await runOperator(Deno.args, { controllers, kinds: watchedKinds }));
