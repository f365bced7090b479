/** The page of the operator's metrics. */

import { definitions } from "../../lib/metrics/definitions.ts";

export function metricPage(): string {
  const sections = definitions.map(({ name, type, help, labels, ...rest }) => {
    const rows = Object.entries(labels).map(([label, meaning]) => `- \`${label}\`: ${meaning}`);
    const buckets = "buckets" in rest ? [`Buckets: ${(rest.buckets as number[]).join(", ")} s.`] : [];
    return [`## ${name}`, `${help} (${type})`, ...buckets, ...(rows.length > 0 ? [rows.join("\n")] : [])]
      .join(
        "\n\n",
      );
  });
  return `# Metrics

Served on \`/metrics\` in Prometheus' text form, to those whom the API server allows \`get\` on that path; every replica serves
them, also one that waits for the Lease. Names up to \`leader_election_\` are those of Go operators, so their dashboards work.
Labels whose values users choose are bounded: [operations.md](../operations.md#metrics) has the figures.

${sections.join("\n\n")}
`;
}
