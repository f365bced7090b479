/** The type of a profile: what the spec says, else what a discovery found (api.md "TemplateSpecCommon"). */

import type { Profile, ServiceTemplateSpec } from "../../lib/api/mod.ts";

type ProfileType = ServiceTemplateSpec["type"];

/**
 * The profile with the type of the spec, which may be edited at any time. While the two differ the discovered one is kept
 * in `originalDiscoveryOutput`, so that it returns when the spec names none any more.
 */
export function withType(profile: Profile, wanted: ProfileType): Profile {
  const { originalDiscoveryOutput: kept, ...shown } = profile;
  const found = isKept(kept) ? kept.metadata.type : shown.metadata?.type;
  const { type: _, ...metadata } = shown.metadata ?? {};
  const type = wanted ?? found;
  return {
    ...shown,
    ...(shown.metadata || type ? { metadata: { ...metadata, ...(type && { type }) } } : {}),
    ...(type === found ? {} : { originalDiscoveryOutput: { metadata: found ? { type: found } : {} } }),
  };
}

function isKept(value: unknown): value is { metadata: { type?: ProfileType } } {
  const { metadata } = (value ?? {}) as { metadata?: unknown };
  return typeof metadata === "object" && metadata !== null;
}
