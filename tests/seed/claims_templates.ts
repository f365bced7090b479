/** How a template is found or chosen. */

import { claim, type Claims, command, example, refused, test } from "./claim.ts";

const selection = (name: string) => test("lib/selection/select_test.ts", name);
const score = (name: string) => test("lib/selection/score_test.ts", name);
const documentedPairs = score("every documented pair of ${criterion} ranks in the documented order");

export const templates: Claims = {
  "Template Resolution": [
    claim(
      "A template says GPUs, precision, metric and environment, and the endpoint gets them",
      test(
        "controllers/service/endpoint/container_env_test.ts",
        "what the template says becomes variables; empty ones do not",
      ),
      test(
        "controllers/service/endpoint/inference_service_test.ts",
        "the node affinity is the template's, as it is",
      ),
      example("resources and pull secrets reach the inference container"),
    ),
  ],
  "Explicit Template": [
    claim("A template that is named is taken", example("the example with an explicit template")),
    claim(
      "By name, the namespace's template comes before the cluster's",
      example("the namespace's model and template come before the cluster's"),
    ),
  ],
  "Auto-Selection": [
    claim("Without a name the best template of the model is taken", example("the example by model name")),
  ],
  "Stage 1: Availability Filter": [
    claim(
      "Whatever is not Ready is left out: Pending, Progressing, Failed, NotAvailable",
      selection("stage 1 keeps Ready templates only and names the status of the others"),
      refused("templates that are not ready: one paused, one for a GPU that no node has"),
    ),
  ],
  "Stage 2: Optimization Filter": [
    claim(
      "Preview and unoptimized profiles are left out unless the service allows them",
      selection("stage 2 keeps optimized templates, and all of them where the service allows it"),
      refused("templates that are not optimized"),
    ),
    claim("`allowUnoptimized: true` lets them in", command("templates that are there but are not selected")),
  ],
  "Stage 3: GPU Availability": [
    claim(
      "Only templates remain whose GPU some node has",
      selection("stage 4 keeps templates whose GPU is on some node or unknown"),
    ),
    claim(
      "What a node has is read from its labels, by device id",
      test("lib/gpu/gpu_test.ts", "a node with ${what} has"),
    ),
    claim(
      "Where no node has an MI300X, a template for it is left out",
      refused("a template that was Ready and is paused, for a GPU that no node has any more"),
      selection("stage 1 says which GPU a template misses that is NotAvailable for it"),
    ),
  ],
  "Stage 4: Scope Preference": [
    claim(
      "Templates of the namespace come before those of the cluster",
      selection("stage 5 prefers namespace templates, however well a cluster template scores"),
      example("the namespace's model and template come before the cluster's"),
    ),
    claim(
      "What one team has in its namespace changes nothing for another",
      example("the namespace's model and template come before the cluster's"),
    ),
  ],
  "Stage 5: Preference Scoring": [
    claim(
      "Each criterion outweighs all below it: profile type, GPU, metric, precision",
      score("${criterion} outweighs all that stands below it"),
    ),
    claim("optimized > preview > unoptimized", documentedPairs),
    claim(
      "MI325X > MI300X > MI250X > MI210",
      documentedPairs,
      score("the seed's four GPU tiers keep their order"),
    ),
    claim("latency > throughput", documentedPairs),
    claim("Fewer bits first, then fp > bf > int", documentedPairs),
    claim("The best score wins", example("the example by model name")),
  ],
  "Ambiguous Selection": [
    claim(
      "A tie is an error that names who ties",
      selection(
        "equal scores are ambiguous: nothing is chosen, the tied ones are named, the others rank below",
      ),
      refused("two templates that tie"),
    ),
    claim(
      "A name for the template, or fewer templates, resolves a tie",
      command("an ambiguous selection is resolved"),
    ),
  ],
};
