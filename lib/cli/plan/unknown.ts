/** What no rehearsal can know, since only a run would tell: never made up, always named. */

import type { AIMArtifact } from "../../api/mod.ts";
import { label } from "../../operator/naming/labels.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import type { Objects, Rehearsal } from "../rehearsal/rehearsal.ts";

/** Each in a sentence, with what waits for it. @param before what was there already is not waited for anew */
export function unknownIn(rehearsal: Rehearsal, before: Objects): string[] {
  const { store } = rehearsal.server.cluster;
  const isNew = (key: string, { metadata: { uid } }: StoredObject) => before.get(key)?.metadata.uid !== uid;
  const found = rehearsal.unknown.flatMap(({ fact, about }) =>
    fact === "imageMetadata"
      ? [
        `what image ${about} says about itself is not known until its registry is asked; its templates follow then`,
      ]
      : fact === "sourceListing"
      ? [
        "which images a model source finds is not known until its registries are asked; its models follow then",
      ]
      : []
  );
  for (const job of store.list("jobs.batch")) {
    const { namespace, name, labels = {} } = job.metadata;
    if (isEnded(job) || !isNew(`jobs.batch ${namespace}/${name}`, job)) continue;
    if (labels[label.appComponent] === "discovery") {
      found.push(
        `the sources and profile of template ${
          labels[label.template]
        } are not known until Job ${namespace}/${name} ` +
          "has asked its image; what stands on it follows then",
      );
    }
  }
  for (const artifact of store.list("aimartifacts.aim.eai.amd.com") as (StoredObject & AIMArtifact)[]) {
    const { metadata: { namespace, name }, spec, status } = artifact;
    if (!isNew(`aimartifacts.aim.eai.amd.com ${namespace}/${name}`, artifact)) continue;
    if ((spec?.size ?? "0") !== "0" || (status?.discoveredSizeBytes ?? 0) > 0) continue;
    found.push(
      `size unknown until the artifact is measured: ${spec?.sourceUri} (AIMArtifact ${namespace}/${name}); its claim, ` +
        "the download and the endpoint follow then",
    );
  }
  return [...new Set(found)];
}

function isEnded({ status }: StoredObject): boolean {
  const { conditions } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions?.some(({ type, status }) =>
    (type === "Complete" || type === "Failed") && status === "True"
  ) ?? false;
}
