/** The page from its beginning to "Model Resolution". */

import { byImage, byName, withTemplate } from "./examples.ts";
import { example, heading, type Row, shown } from "./row.ts";

export const overview: readonly Row[] = [
  heading("Services¶"),
  example(
    "An AIMService is the primary resource for deploying AI/ML models as inference endpoints on Kubernetes.",
    "the example by model name",
  ),
  example(
    "It brings together a Model and a ServiceTemplate to create a running KServe InferenceService.",
    "the example by model name",
  ),
  heading("Overview¶"),
  heading("When you create an AIMService, the operator:"),
  example(
    "- Resolves the model (by name reference or image URI), creating an AIMModel if needed",
    "the example by model name",
    "the example by image",
    "an image that no model has",
  ),
  example(
    "- Resolves the template (explicit reference or auto-selection)",
    "the example by model name",
    "the example with an explicit template",
  ),
  example(
    "- Configures caching if enabled (creates AIMTemplateCache and AIMArtifact resources)",
    "a Shared cache pre-downloads",
  ),
  example(
    "- Creates a KServe InferenceService with the appropriate configuration",
    "the example by model name",
  ),
  shown(
    "- Optionally configures routing via Gateway API",
    "tests/e2e/service_test.ts: ten lines of YAML become a cached, routed endpoint",
  ),
  heading("Basic Examples¶"),
  heading("Deploy by Model Name¶"),
  example(
    "Reference an existing model and let AIM Engine auto-select the best template:",
    "the example by model name",
  ),
  example(byName, "the example by model name"),
  heading("Deploy by Image URI¶"),
  example("Specify a container image directly.", "the example by image"),
  example(
    "AIM Engine will find or create a matching AIMModel:",
    "the example by image",
    "an image that no model has",
  ),
  example(byImage, "the example by image"),
  example(
    "When using model.image, AIM Engine searches for existing models with that image URI.",
    "the example by image",
  ),
  example(
    "If none exist, it creates an AIMModel automatically (without owner references, so it persists for reuse " +
      "by other services).",
    "an image that no model has",
  ),
  heading("Deploy with Explicit Template¶"),
  example("Specify both the model and template explicitly:", "the example with an explicit template"),
  example(withTemplate, "the example with an explicit template"),
  heading("Model Resolution¶"),
  example(
    "AIMService supports three ways to specify the model:",
    "the example by model name",
    "the example by image",
    "inline model sources",
  ),
  heading("| Mode | Spec Field | Behavior | |---|---|---|"),
  example(
    "| Reference | model.name | Looks up existing AIMModel or AIMClusterModel by name |",
    "the example by model name",
    "the namespace's model and template come before the cluster's",
  ),
  example(
    "| Image | model.image | Finds or creates a model matching the image URI |",
    "the example by image",
    "an image that no model has",
  ),
  example(
    "| Custom | model.custom | Creates or reuses a namespace-scoped custom AIMModel from inline model sources " +
      "and hardware requirements |",
    "inline model sources",
  ),
  heading("Resolution Order¶"),
  example(
    "When resolving by name, AIM Engine checks: - Namespace-scoped AIMModelwith that name " +
      "- Cluster-scoped AIMClusterModelwith that name",
    "the namespace's model and template come before the cluster's",
  ),
  example(
    "Namespace-scoped resources take precedence.",
    "the namespace's model and template come before the cluster's",
  ),
  example(
    "When resolving by image URI, AIM Engine searches both namespace and cluster-scoped models for a matching " +
      "spec.image.",
    "the example by image",
    "an image that several models have",
  ),
  example(
    "If no match exists, AIM Engine creates an AIMModel automatically.",
    "an image that no model has",
  ),
  example(
    "If multiple matches exist, resolution fails with an error to prevent ambiguity.",
    "an image that several models have",
  ),
];
