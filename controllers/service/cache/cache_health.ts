/** `CacheReady` of a service (services.md §11.3 "Cache", spec/README "Cache health of a service"). */

import type { AIMTemplateCache } from "../../../lib/api/mod.ts";
import { downloaderAccount } from "../../../lib/cluster/kinds.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { type ComponentHealth, ready } from "../../../lib/operator/status/health.ts";
import { codeWithin } from "../../../lib/operator/status/code_within.ts";
import { codeOf } from "../../../lib/operator/errors/codes.ts";
import type { KnownReason } from "../../../lib/operator/errors/reasons.ts";
import type { StatusWord } from "../../../lib/operator/status/status_words.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { ResolvedTemplate } from "../resolve/resolved.ts";
import { arrivalsText } from "./arrivals.ts";
import { causeOf } from "../cause.ts";
import { mountsCache, mountsUnready } from "../endpoint/cache_volumes.ts";
import { codeOfTrouble, type Trouble, troubleOf } from "./trouble.ts";

const about = { component: "Cache", dependency: "Downstream" } as const;

export interface CacheSituation {
  /** The cache that the service uses, in any state. */
  readonly cache: Live<AIMTemplateCache> | undefined;
  /** The template, if it is Ready. */
  readonly template: ResolvedTemplate | undefined;
  readonly endpoint: Live<InferenceService> | undefined;
  /** Whether the endpoint answers. */
  readonly serves: boolean;
  readonly dedicated: boolean;
  /** The account that the service names for its pods. */
  readonly account: string | undefined;
}

/** The row that applies. Where something serves and something is wrong, it is Degraded, whatever the cache says. */
export function cacheHealth(situation: CacheSituation, view: View): ComponentHealth {
  const { cache, endpoint, serves } = situation;
  if (cache === undefined) return missingCache(situation);
  const { name, namespace = "" } = cache.metadata;
  const word = cache.status?.status ?? "";
  if (word === "Ready") {
    return ready(about, "CacheReady", `Template cache is ready: ${name} (${artifactNames(cache)})`);
  }
  const trouble = troubleOf(namespace, name, view);
  const row = rowOf(word);
  const wrong = trouble !== undefined || row.wrong || mountsUnready(cache, endpoint);
  const because = trouble === undefined
    ? `${causeOf(cache.status?.conditions)}${arrivalsText(namespace, name, view)}`
    : `: ${trouble.message}${accountText(trouble, situation.account)}`;
  return {
    ...about,
    state: serves && wrong ? "Degraded" : row.state,
    reason: trouble?.reason ?? row.reason,
    code: codeOfTrouble(trouble) ?? (row.wrong ? codeWithin(cache.status?.conditions) : undefined) ??
      (mountsCache(endpoint) ? "AIM-0303" : codeOf(row.reason) ?? "none"),
    message: `${row.message(name)}${because}`,
    retries: row.wrong && trouble !== undefined,
  };
}

/**
 * An account may bring cloud credentials and pull secrets. Neither cache nor artifact has a field for one, so what the
 * service's account may do is of no use to a download (caching-and-artifacts.md §5.2, §5.5).
 */
function accountText({ reason, cause = reason }: Trouble, account: string | undefined): string {
  if (!account || (cause !== "AuthError" && cause !== "ImagePullAuthFailure")) return "";
  return `; downloads run as ServiceAccount ${downloaderAccount} of this namespace, not as spec.serviceAccountName ` +
    `${account}: name credentials in spec.env and pull secrets in spec.imagePullSecrets, or give a cloud identity to ` +
    `${downloaderAccount}`;
}

interface Row {
  readonly state: StatusWord;
  readonly reason: KnownReason;
  readonly message: (name: string) => string;
  /** Whether the word itself says that something is wrong. */
  readonly wrong: boolean;
}

function rowOf(word: string): Row {
  switch (word) {
    case "Progressing":
      return {
        state: "Progressing",
        reason: "CacheNotReady",
        message: (name) => `Template cache is progressing: ${name}`,
        wrong: false,
      };
    case "Failed":
      return {
        state: "Failed",
        reason: "CacheFailed",
        message: (name) => `Template cache failed: ${name}`,
        wrong: true,
      };
    default:
      return {
        state: "Progressing",
        reason: "CacheCreating",
        message: (name) => `Template cache status: ${word} (${name})`,
        wrong: word === "Degraded" || word === "NotAvailable",
      };
  }
}

/** While the template is not Ready, no cache is looked for that is not recorded: the template speaks. */
function missingCache({ template, endpoint, serves, dedicated }: CacheSituation): ComponentHealth {
  const lost = mountsCache(endpoint);
  const state = lost && serves ? "Degraded" : "Progressing";
  const follows = template === undefined ? { follows: "Template" } : {};
  if (lost && dedicated) {
    const message = "Dedicated template cache is being recreated";
    return { ...about, state, reason: "CacheCreating", message, code: "AIM-0302" };
  }
  if (lost) {
    const message =
      "Shared template cache was deleted but InferenceService still references cached storage volumes";
    return { ...about, state, reason: "CacheLost", message };
  }
  const { status, metadata } = template?.object ?? {};
  if (status?.status === "Ready" && (status.modelSources ?? []).length === 0) {
    const message = `Template ${metadata?.name} lists no model sources`;
    return { ...about, state, reason: "NoModelSources", message };
  }
  return { ...about, ...follows, state, reason: "CacheCreating", message: "Creating template cache" };
}

function artifactNames(cache: Live<AIMTemplateCache>): string {
  const names = Object.values(cache.status?.artifacts ?? {}).map(({ name }) => name).sort();
  return names.length === 0 ? "no artifacts" : `artifacts ${names.join(", ")}`;
}
