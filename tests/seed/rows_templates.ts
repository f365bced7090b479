/** The page's part "Template Resolution". */

import { command, example, heading, type Row, shown } from "./row.ts";

const select = "lib/selection/select_test.ts";
const score = "lib/selection/score_test.ts";
const badInput = "tests/e2e/bad_rows.ts";
const documentedPairs = `${score}: every documented pair of \${criterion} ranks in the documented order`;

export const templateResolution: readonly Row[] = [
  heading("Template Resolution¶"),
  shown(
    "Templates define how to run a model: GPU requirements, precision, optimization metric, environment " +
      "variables, and more.",
    "controllers/service/endpoint/container_env_test.ts: what the template says becomes variables; empty ones do not",
    "controllers/service/endpoint/inference_service_test.ts: the node affinity is the template's, as it is",
    "tests/seed/examples_test.ts: resources and pull secrets reach the inference container",
  ),
  heading("Explicit Template¶"),
  example(
    "When you specify template.name, AIM Engine looks up that template directly:",
    "the example with an explicit template",
  ),
  example(
    "Resolution order: 1. Namespace-scoped AIMServiceTemplate 2. Cluster-scoped AIMClusterServiceTemplate",
    "the namespace's model and template come before the cluster's",
  ),
  heading("Auto-Selection¶"),
  example(
    "When no template name is specified, AIM Engine automatically selects the best template for the model.",
    "the example by model name",
  ),
  heading("This is the recommended approach for most deployments."),
  heading("Auto-selection uses a multi-stage filtering and scoring algorithm:"),
  heading("Stage 1: Availability Filter¶"),
  shown(
    "Only templates with status: Ready are considered.",
    `${select}: stage 1 keeps Ready templates only and names the status of the others`,
  ),
  shown(
    "Templates that are Pending, Progressing, Failed, or NotAvailable are excluded.",
    `${select}: stage 1 keeps Ready templates only and names the status of the others`,
    `${badInput}: templates that are not ready: one paused, one for a GPU that no node has`,
  ),
  heading("Stage 2: Optimization Filter¶"),
  shown(
    "By default, only optimized templates are considered.",
    `${select}: stage 2 keeps optimized templates, and all of them where the service allows it`,
  ),
  shown(
    "Templates with profile type unoptimized or preview are excluded unless you explicitly allow them: This " +
      "prevents accidentally deploying unoptimized configurations in production.",
    `${badInput}: templates that are not optimized`,
  ),
  command(
    "Set allowUnoptimized: true during development or when optimized templates aren't available for your hardware.",
    "templates that are there but are not selected",
  ),
  heading("Stage 3: GPU Availability¶"),
  shown(
    "Templates are filtered to only those whose required GPU is available in the cluster.",
    `${select}: stage 4 keeps templates whose GPU is on some node or unknown`,
  ),
  shown(
    "GPU availability is detected via node labels (based on GPU product ID).",
    "lib/gpu/gpu_test.ts: a node with ${what} has",
  ),
  shown(
    "If a template requires MI300X GPUs but none are available in the cluster, that template is excluded.",
    `${badInput}: a template that was Ready and is paused, for a GPU that no node has any more`,
    `${select}: stage 1 says which GPU a template misses that is NotAvailable for it`,
  ),
  heading("Stage 4: Scope Preference¶"),
  shown(
    "When both namespace-scoped and cluster-scoped templates match, namespace-scoped templates take precedence.",
    `${select}: stage 5 prefers namespace templates, however well a cluster template scores`,
    "tests/seed/examples_test.ts: the namespace's model and template come before the cluster's",
  ),
  example(
    "This allows teams to customize model deployments without affecting other namespaces.",
    "the namespace's model and template come before the cluster's",
  ),
  heading("Stage 5: Preference Scoring¶"),
  shown(
    "If multiple templates remain after filtering, AIM Engine scores them using this preference hierarchy " +
      "(highest to lowest priority):",
    `${score}: \${criterion} outweighs all that stands below it`,
  ),
  shown("- Profile Type: optimized > preview > unoptimized", documentedPairs),
  shown(
    "- GPU Tier: MI325X > MI300X > MI250X > MI210",
    documentedPairs,
    `${score}: the seed's four GPU tiers keep their order`,
  ),
  shown("- Metric: latency > throughput", documentedPairs),
  shown(
    "- Precision: Primary ordering by bit-width (smaller preferred). Secondary ordering by type: fp > bf > int. " +
      "Full order: fp4 > int4 > fp8 > int8 > fp16 > bf16 > fp32",
    documentedPairs,
  ),
  example("The template with the best score is selected.", "the example by model name"),
  heading("Ambiguous Selection¶"),
  shown(
    "If multiple templates have identical scores after all filtering and scoring, AIM Engine reports an " +
      "ambiguous selection error.",
    `${select}: equal scores are ambiguous: nothing is chosen, the tied ones are named, the others rank below`,
    `${badInput}: two templates that tie`,
  ),
  heading("Resolve this by:"),
  command(
    "- Specifying template.nameexplicitly - Removing duplicate templates",
    "an ambiguous selection is resolved",
  ),
];
