/** For tests: pods that are refused before they exist, in the words of the API server 1.35, and the cause of each. */

import type { Code } from "./codes.ts";

export const refusals: readonly (readonly [by: string, message: string, code: Code])[] = [
  [
    "a quota",
    'Error creating: pods "p" is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0',
    "AIM-0801",
  ],
  [
    "Pod Security",
    'Error creating: pods "p" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    "AIM-0802",
  ],
  [
    "a webhook",
    'Error creating: admission webhook "gate.example.com" denied the request: no team label',
    "AIM-0803",
  ],
  [
    "an error of the pod",
    'Error creating: pods "p" is forbidden: error looking up service account',
    "AIM-0804",
  ],
  [
    "a webhook that is out of order",
    'Error creating: Internal error occurred: failed calling webhook "gate.example.com": connection refused',
    "AIM-0812",
  ],
];
