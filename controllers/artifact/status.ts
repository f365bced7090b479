/** The status of an artifact (caching-and-artifacts.md §5.10). */

import {
  type AIMArtifact,
  type AIMArtifactStatus,
  bytesQuantity,
  compareQuantities,
  displayPercentage,
  displaySize,
  isQuantity,
  parseQuantity,
  unknownPercentage,
} from "../../lib/api/mod.ts";
import { jobs, persistentVolumeClaims, roleBindings, serviceAccounts } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { spokenForBy } from "../../lib/operator/status/report.ts";
import type { Summary } from "../../lib/operator/status/status.ts";
import type { Claim, Headroom } from "./claim.ts";
import type { Download } from "./jobs/download.ts";
import type { Size } from "./size.ts";

/** Which component speaks for a child that could not be made. */
export const speaksFor = spokenForBy(
  [persistentVolumeClaims, "CachePvc"],
  [jobs, "DownloadJob"],
  [roleBindings, "DownloadJob"],
  [serviceAccounts, "DownloadJob"],
);

export interface StatusParts {
  readonly artifact: Live<AIMArtifact>;
  readonly size: Size;
  readonly headroom: Headroom;
  readonly claim: Claim | undefined;
  readonly download: Download;
  readonly lastUsed: string | undefined;
  /** What this pass has learnt of the size. */
  readonly discovered: number | undefined;
}

/** The whole status; `progress` and `download` are the pod's while it runs, and go through as they are. */
export function artifactStatus(parts: StatusParts, { status, conditions }: Summary): AIMArtifactStatus {
  const { artifact, size, claim, lastUsed } = parts;
  const { persistentVolumeClaim } = artifact.status ?? {};
  const claimName = persistentVolumeClaim || claim?.metadata.name;
  return withoutAbsent({
    observedGeneration: artifact.metadata.generation,
    status: status as AIMArtifactStatus["status"],
    conditions: [...conditions] as AIMArtifactStatus["conditions"],
    mode: (artifact.metadata.ownerReferences ?? []).length === 0 ? "Shared" : "Dedicated",
    displaySize: size.state === "known" ? displaySize(size.bytes) : undefined,
    persistentVolumeClaim: claimName || undefined,
    ...allocation(parts),
    progress: progressOf(parts),
    download: downloadOf(parts),
    discoveredSizeBytes: parts.discovered ?? artifact.status?.discoveredSizeBytes,
    lastUsed,
  });
}

/** Written when the claim is first seen, and again when it has grown. */
function allocation({ artifact, claim, headroom }: StatusParts): AIMArtifactStatus {
  const { allocatedSize, headroomPercent } = artifact.status ?? {};
  const request = claim?.spec?.resources?.requests?.storage;
  // AIM Engine shows a zero before there is a claim.
  const written = isQuantity(allocatedSize) ? parseQuantity(allocatedSize) : bytesQuantity(0n);
  if (request === undefined || compareQuantities(parseQuantity(request), written) <= 0) {
    return written.nano > 0n ? { allocatedSize, headroomPercent } : {};
  }
  return { allocatedSize: request, headroomPercent: "percent" in headroom ? headroom.percent : undefined };
}

function progressOf({ artifact, size, download }: StatusParts): AIMArtifactStatus["progress"] {
  const reported = artifact.status?.progress;
  if (download.phase === "failed") return { ...reported, displayPercentage: unknownPercentage };
  if (download.phase !== "verified" || size.state !== "known") return reported;
  const bytes = Number(size.bytes);
  return {
    percentage: 100,
    displayPercentage: displayPercentage(100),
    downloadedBytes: bytes,
    totalBytes: bytes,
  };
}

function downloadOf({ artifact, download }: StatusParts): AIMArtifactStatus["download"] {
  const reported = artifact.status?.download;
  return reported !== undefined && download.phase === "verified"
    ? { ...reported, message: "Complete" }
    : reported;
}

function withoutAbsent<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
