/** What a source says of its last look at the registries (model-sources-and-config.md §7). */

import type { AIMClusterModelSource, AIMClusterModelSourceStatus } from "../../lib/api/mod.ts";
import { clusterModels } from "../../lib/cluster/kinds.ts";
import type { FilterFailure, SourceListing } from "../../lib/facts/source_listing.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { Child, Outcome, Outcomes, Plan } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import type { ExtraCondition } from "../../lib/operator/status/conditions.ts";
import { type ComponentHealth, ready } from "../../lib/operator/status/health.ts";
import { report, spokenForBy } from "../../lib/operator/status/report.ts";
import type { Selection } from "./selection.ts";

type Source = Live<AIMClusterModelSource>;
type Told = Pick<Plan<AIMClusterModelSourceStatus>, "status" | "events">;

/** So many failed filters are explained; their texts are cut so that the message has room for all of them. */
const mostExplained = 5;
const longestFilter = 60;
const longestCause = 110;

/** The status once the registries have answered. */
export function toldOf(
  source: Source,
  listing: SourceListing,
  { existing, limited }: Selection,
  children: readonly Child[],
  models: number,
  view: View,
): Told {
  const found = { component: "ExistingModels" };
  const components = [
    ready(found, "Listed", `Found ${models} existing models`),
    filtersHealth(listing),
  ];
  const tell = (outcomes: Outcomes) => {
    const discovered = existing + countOf(children, outcomes, "sent", "unchanged");
    return report<AIMClusterModelSourceStatus>({
      object: source,
      components,
      extra: [limitCondition(discovered, listing.images, limited)],
      speaksFor: spokenForBy([clusterModels, "Models"]),
      reached: view.reached,
      statusOf: ({ status, conditions }) => ({
        ...syncTime(source, listing, children, outcomes),
        observedGeneration: source.metadata.generation,
        status: status as AIMClusterModelSourceStatus["status"],
        conditions: [...conditions] as AIMClusterModelSourceStatus["conditions"],
        // Also those under way: who starts anew before they are there sees that some are missing.
        discoveredModels: discovered + countOf(children, outcomes, "waiting"),
        availableModels: listing.images,
        modelsLimitReached: limited,
      }),
    });
  };
  return {
    status: (outcomes) => tell(outcomes).status(outcomes),
    events: (before, after, outcomes) => tell(outcomes).events(before, after, outcomes),
  };
}

/** The status while nothing is known yet, and has never been; or when no registry could be asked at all. */
export function toldWithout(source: Source, filters: ComponentHealth, view: View): Told {
  return report<AIMClusterModelSourceStatus>({
    object: source,
    components: [filters],
    reached: view.reached,
    statusOf: ({ status, conditions }) => ({
      ...source.status,
      observedGeneration: source.metadata.generation,
      status: status as AIMClusterModelSourceStatus["status"],
      conditions: [...conditions] as AIMClusterModelSourceStatus["conditions"],
    }),
  });
}

/**
 * The last look that gave something. It is stored once all that follows from it is there: who starts anew before goes by
 * the one before.
 */
function syncTime(
  { status }: Source,
  { at, answered }: SourceListing,
  children: readonly Child[],
  outcomes: Outcomes,
): Pick<AIMClusterModelSourceStatus, "lastSyncTime"> {
  const time = answered === 0 || countOf(children, outcomes, "waiting") > 0 ? status?.lastSyncTime : at;
  return time === undefined ? {} : { lastSyncTime: time };
}

function countOf(
  children: readonly Child[],
  outcomes: Outcomes,
  ...results: readonly Outcome["result"][]
): number {
  return children.filter(({ ref }) => results.includes(outcomes.of(ref).result)).length;
}

function limitCondition(discovered: number, available: number, limited: boolean): ExtraCondition {
  return limited
    ? {
      type: "MaxModelsLimitReached",
      status: "True",
      reason: "LimitReached",
      message: `Limit reached: ${discovered} created, ${available} available`,
    }
    : {
      type: "MaxModelsLimitReached",
      status: "False",
      reason: "WithinLimit",
      message: `Created ${discovered} models, within limit`,
    };
}

function filtersHealth({ filters, failures, remarks, next }: SourceListing): ComponentHealth {
  const component = "Filters";
  if (filters === 0) {
    return { component, state: "Progressing", reason: "NoFilters", message: "No filters configured" };
  }
  if (failures.length === 0) {
    return ready(
      { component },
      "AllFiltersSucceeded",
      [`All ${filters} filters succeeded`, ...remarks].join("; "),
    );
  }
  const causes = failures.slice(0, mostExplained).map(clauseOf);
  const more = failures.length > mostExplained ? `; and ${failures.length - mostExplained} more` : "";
  const cause = `${causes.join("; ")}${more}; next try at ${next}`;
  return failures.length === filters
    ? {
      component,
      state: "Failed",
      reason: "AllFiltersFailed",
      message: `All ${filters} filters failed: ${cause}`,
    }
    : {
      component,
      state: "Degraded",
      reason: "SomeFiltersFailed",
      message: `${failures.length} of ${filters} filters had errors: ${cause}`,
    };
}

function clauseOf({ image, is, message }: FilterFailure, _at: number, all: readonly FilterFailure[]): string {
  const room = longestCause * Math.ceil(mostExplained / all.length);
  return `${JSON.stringify(cut(image, longestFilter))}: ${is}: ${cut(message, room)}`;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit).toWellFormed()}…`;
}
