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
them, also one that waits for the Lease. All but those that begin with \`aim_\` have the names of Go operators, so dashboards
made for these work. A key is an object in the work queue; a pass is one look at it, with the writes that come of it. Labels
whose values users choose are bounded: [operations.md](../operations.md#metrics) has the figures.

${sections.join("\n\n")}
`;
}
