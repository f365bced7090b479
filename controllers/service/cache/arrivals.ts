/** How much of a cache's weights has arrived, for a service that waits for them (issue "Recovery as a user sees it"). */

import { displaySize, unknownPercentage } from "../../../lib/api/mod.ts";
import { artifacts, templateCaches } from "../../../lib/cluster/kinds.ts";
import { defineQuery, type View } from "../../../lib/operator/core/view.ts";

/** Percent in which progress is told: a download wakes the services that wait for it ten times, not every 5 seconds. */
const step = 10;

const arrivals = defineQuery<readonly [namespace: string, cache: string], readonly string[]>(
  "cacheArrivals",
  (view, [namespace, name]) => {
    const entries = Object.values(view.get(templateCaches, namespace, name)?.status?.artifacts ?? {});
    return entries.filter(({ status }) => status !== "Ready").flatMap((entry) => {
      const artifact = view.get(artifacts, namespace, entry.name);
      const { percentage = 0, totalBytes = 0, displayPercentage } = artifact?.status?.progress ?? {};
      if (artifact?.metadata.uid !== entry.uid || totalBytes <= 0) return [];
      // Of an attempt that has failed; the next has not reported yet.
      if (displayPercentage === unknownPercentage) return [];
      const reached = Math.floor(percentage / step) * step;
      const missing = displaySize(BigInt(Math.round(totalBytes * (1 - reached / 100))));
      const all = displaySize(BigInt(totalBytes));
      return [
        reached >= 100
          ? `artifact ${entry.name}: all of ${all} has arrived, checksums are being compared`
          : `artifact ${entry.name}: ${reached} % of ${all} have arrived, ${missing} are missing`,
      ];
    });
  },
);

/** `; artifact a: 40 % of 65 GiB have arrived, 39 GiB are missing`; empty where nothing is known. */
export function arrivalsText(namespace: string, cache: string, view: View): string {
  return view.query(arrivals, [namespace, cache]).map((text) => `; ${text}`).join("");
}
