/** All checks, in the order in which one mends: what stands further up may be the cause of what follows. */

import { admission } from "./checks/admission.ts";
import { autoscaling } from "./checks/autoscaling.ts";
import { clocks } from "./checks/clocks.ts";
import { apiServer, crds } from "./checks/crds.ts";
import { gateway } from "./checks/gateway.ts";
import { gpus } from "./checks/gpus.ts";
import { kserve } from "./checks/kserve.ts";
import { operator } from "./checks/operator.ts";
import { pullSecrets } from "./checks/pull_secrets.ts";
import { hubs, registries } from "./checks/reachability.ts";
import { rights } from "./checks/rights.ts";
import { storage } from "./checks/storage.ts";
import type { Check, Finding, Survey } from "./survey.ts";

const checks: readonly Check[] = [
  apiServer,
  clocks,
  crds,
  operator,
  rights,
  kserve,
  gateway,
  storage,
  gpus,
  autoscaling,
  pullSecrets,
  registries,
  hubs,
  admission,
];

/** What is broken; nothing of an installation that is sound. */
export function diagnose(survey: Survey): Finding[] {
  return checks.flatMap((check) => check(survey));
}
