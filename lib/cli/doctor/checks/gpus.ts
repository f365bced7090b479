/** Whether nodes show their GPUs: by labels that templates are matched by, and as something that pods can ask for. */

import type { Node } from "kubernetes-types/core/v1";
import { gpuMarksOf } from "../../../gpu/mod.ts";
import { nodes } from "../kinds.ts";
import { type Check, type Finding, listed, nameOf } from "../survey.ts";

export const gpus: Check = (survey) => {
  if (!survey.saw(nodes)) return [];
  const all = survey.all(nodes);
  const labelled = all.filter((node) => marksOf(node).length > 0);
  const counted = all.filter((node) => gpusIn(node) > 0);
  if (labelled.length === 0 && counted.length === 0) {
    return [{
      check: "gpus-missing",
      about: "nodes",
      says:
        `none of ${all.length} shows an AMD GPU, by its labels or its capacity: no template that needs one is available`,
      fix: "install AMD's GPU operator (device plugin and node labeller)",
    }];
  }
  const findings: Finding[] = [];
  const names = (of: readonly Node[]) => listed(of.map(nameOf));
  const unlabelled = counted.filter((node) => !labelled.includes(node));
  if (unlabelled.length > 0) {
    findings.push({
      check: "gpu-labels-missing",
      about: `Node ${names(unlabelled)}`,
      says: "it has AMD GPUs, and no label says which: templates for them are not available",
      fix: "run AMD's node labeller, which sets amd.com/gpu.device-id and amd.com/gpu.vram",
    });
  }
  const uncounted = labelled.filter((node) => !counted.includes(node));
  if (uncounted.length > 0) {
    findings.push({
      check: "gpu-plugin-missing",
      about: `Node ${names(uncounted)}`,
      says:
        "its labels name an AMD GPU, and it offers none (amd.com/gpu): pods that ask for one stay Pending",
      fix: "run AMD's device plugin there, and look at its log",
    });
  }
  const older = labelled.filter((node) => marksOf(node).every(({ key }) => key.startsWith("beta.")));
  if (older.length > 0) {
    findings.push({
      check: "gpu-labels-older",
      about: `Node ${names(older)}`,
      says:
        "it has the labels of an older node labeller only (beta.amd.com/…): they are read, and newer GPUs may be missing",
      fix: "upgrade AMD's node labeller, which sets amd.com/gpu.device-id",
    });
  }
  return findings;
};

const marksOf = ({ metadata }: Node) => gpuMarksOf(metadata?.labels ?? {});

function gpusIn({ status }: Node): number {
  const capacity = (status?.capacity ?? {}) as unknown as Record<string, string>;
  return Object.entries(capacity).filter(([name]) => name.startsWith("amd.com/"))
    .reduce((sum, [, count]) => sum + (Number(count) || 0), 0);
}
