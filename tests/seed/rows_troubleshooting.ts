/** The page's part "Troubleshooting". */

import * as commands from "./commands.ts";
import { command, example, heading, later, type Row, shown } from "./row.ts";

const runtime = "controllers/service/endpoint/runtime_health_test.ts";

export const troubleshooting: readonly Row[] = [
  heading("Troubleshooting¶"),
  heading('Service stuck in "Pending"¶'),
  command("The service is waiting for upstream dependencies:", "the status words"),
  heading("# Check which component is blocking"),
  command(commands.conditions, "the conditions of a service that waits say which component blocks"),
  heading("Common causes:"),
  shown(
    "- Model not found: Check model.name spelling, or ensure model.image is accessible",
    "tests/e2e/bad_rows.ts: a model that is not there",
    "tests/seed/examples_test.ts: an image that no model has",
  ),
  shown(
    "- Template not found: Check template.name or verify templates exist for the model",
    "tests/e2e/bad_rows.ts: a template that is not there",
    "tests/e2e/bad_rows.ts: a model without templates",
  ),
  command(
    "- Template not ready: The template's model sources may still be resolving",
    "the conditions of a service that waits say which component blocks",
  ),
  heading('Service stuck in "Starting"¶'),
  command("Downstream resources are being created:", "the status words"),
  heading("# Check InferenceService status"),
  command(commands.inferenceService, "from the service to its InferenceService and its pods"),
  heading("# Check pod status"),
  command(commands.pods, "from the service to its InferenceService and its pods"),
  command(
    "Use the InferenceService name returned by the first command as <isvc-name>.",
    "from the service to its InferenceService and its pods",
  ),
  heading("Common causes:"),
  shown("- Image pull errors: Check imagePullSecrets", `${runtime}: ImagePullAuthFailure`),
  command("- Resource constraints: Insufficient GPU, memory, or CPU", "more GPUs than any node has"),
  command("- PVC not binding: Check storage class availability", "a storage class that is not there"),
  heading('Template selection fails with "no templates found"¶'),
  heading("# List templates for the model"),
  command(commands.templates, "templates that are there but are not selected"),
  heading("# Check if templates are Ready"),
  command(commands.templateStates, "templates that are there but are not selected"),
  heading("If templates exist but aren't selected:"),
  command(
    "- Templates may be NotAvailable (GPU not in cluster)",
    "templates that are there but are not selected",
  ),
  command(
    "- Templates may be unoptimized (set allowUnoptimized: true)",
    "templates that are there but are not selected",
  ),
  heading("Template selection is ambiguous¶"),
  command("Multiple templates have identical preference scores:", "an ambiguous selection is resolved"),
  heading("Resolution:"),
  command("- Specify template.name explicitly", "an ambiguous selection is resolved"),
  command("- Remove duplicate templates", "an ambiguous selection is resolved"),
  heading("Cache errors¶"),
  heading("# Check template cache status"),
  command(commands.templateCache, "from the service to its cache and its artifacts"),
  heading("# Check artifact status"),
  command(commands.artifacts, "from the service to its cache and its artifacts"),
  heading("If cache is failing:"),
  example("- Check storage class supports ReadWriteMany", "a Shared cache pre-downloads"),
  shown(
    "- Verify PVC headroom is sufficient for model size",
    "controllers/artifact/children_test.ts: §5.3 and §5.4: class and headroom, from the artifact to the defaults",
  ),
  later(
    "- Check model source URLs are accessible",
    "weights",
    "the download's own log and its classification are read with the issue on weights",
  ),
  heading("Storage size error¶"),
  later(
    "If you see StorageSizeError in the cache health, the template's model sources don't have size information yet.",
    "weights",
    "sizes are measured, and StorageSizeError said, with the issue on weights; today the cache says that a size is needed",
  ),
  later(
    "This typically resolves automatically as the template controller discovers model sizes.",
    "weights",
    "discovery of templates and measuring of sizes",
  ),
  shown(
    "If it persists, check the template's model source configuration.",
    "controllers/artifact/status_test.ts: without a size the artifact says that it needs one, and makes nothing",
  ),
];
