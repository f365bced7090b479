/** AIMClusterModelSource: keeps cluster models in step with a registry (api.md §8). */
import type * as z from "zod";
import { conditions, localObjectReference } from "../k8s.ts";
import { ageColumn, column, defineKind, type Resource } from "../kind.ts";
import { bool, int64, integer, listOf, oneOf, structure, text, time } from "../schema.ts";
import { sourceStatuses } from "../structures/words.ts";

/** Which images a source takes. */
export const sourceFilter = structure("Images to make models of.", {
  image: text(
    "Images: org/repo, org/repo* or org/repo:tag, also with a registry in front. A registry or tag given here wins over the general one.",
    { maxLength: 512 },
  ),
  exclude: listOf("Repositories to leave out, by full name without registry.", text("A repository."))
    .optional(),
  versions: listOf(
    "Version constraints to use instead of the general ones.",
    text("A constraint, e.g. >=0.8.4."),
  )
    .optional(),
});
export type SourceFilter = z.infer<typeof sourceFilter>;

/** Spec of AIMClusterModelSource. */
export const aimClusterModelSourceSpec = structure("Which images of which registry become models.", {
  registry: text("Registry of filters that name none.", { default: "docker.io" }).optional(),
  imagePullSecrets: listOf(
    "Secrets for the registry, in the operator's namespace; copied to the models.",
    localObjectReference,
  ).optional(),
  filters: listOf("Images to make models of; an image that matches one of them is taken.", sourceFilter, {
    minItems: 1,
    maxItems: 100,
  }),
  syncInterval: text(
    "Time between two looks at the registry, as a duration, e.g. 1h; at least 15m is advised.",
    {
      default: "1h",
    },
  ).optional(),
  versions: listOf(
    "Version constraints that tags must meet, all of them.",
    text("A constraint, e.g. >=0.8.4."),
  )
    .optional(),
  maxModels: integer("Most models to create. Models that exist are never deleted.", {
    default: 100,
    minimum: 1,
    maximum: 10000,
  }).optional(),
});
export type AIMClusterModelSourceSpec = z.infer<typeof aimClusterModelSourceSpec>;

/** Status of AIMClusterModelSource. */
export const aimClusterModelSourceStatus = structure("What the last look at the registry found.", {
  status: oneOf(sourceStatuses, "Worst state of the source's components.").optional(),
  lastSyncTime: time("When the registry was last read in full.").optional(),
  discoveredModels: integer("Models of this source.").optional(),
  availableModels: integer("Images that match.").optional(),
  modelsLimitReached: bool("Whether maxModels left images without a model.").optional(),
  conditions: conditions.optional(),
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
});
export type AIMClusterModelSourceStatus = z.infer<typeof aimClusterModelSourceStatus>;

export type AIMClusterModelSource = Resource<AIMClusterModelSourceSpec, AIMClusterModelSourceStatus>;

/** The kind AIMClusterModelSource. */
export const aimClusterModelSource = defineKind(
  {
    kind: "AIMClusterModelSource",
    plural: "aimclustermodelsources",
    shortName: "aimclsrc",
    scope: "Cluster",
    description: "Makes cluster models of the images in a registry and keeps looking for new ones.",
    printerColumns: [
      column("Status", ".status.status"),
      { name: "Models", type: "integer", jsonPath: ".status.discoveredModels" },
      { name: "LastSync", type: "date", jsonPath: ".status.lastSyncTime" },
      ageColumn,
    ],
  },
  aimClusterModelSourceSpec,
  aimClusterModelSourceStatus,
);
