/** The alerts of the manifests. */

import { documentsBelow, named } from "../manifests/documents.ts";

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<"summary" | "description" | "runbook_url", string>>;
}

export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly Alert[];
}

/** What a Prometheus without its operator takes as a rules file. */
export async function alertRules(): Promise<{ readonly groups: readonly AlertGroup[] }> {
  return named(await documentsBelow("monitoring"), "PrometheusRule", "aim-engine-alerts").spec;
}

export async function alerts(): Promise<Alert[]> {
  return (await alertRules()).groups.flatMap(({ rules }) => rules);
}
