/** The page of codes: a heading each, so that each has an address. */

import { causeOf, type Code, codes } from "../../lib/operator/errors/codes.ts";

/** Hundreds → what they are about. */
const groups: Readonly<Record<string, string>> = {
  "01": "Model and template",
  "02": "Runtime config and spec",
  "03": "Cache and weights",
  "04": "Pods",
  "05": "KServe",
  "06": "Routing",
  "07": "Scaling",
  "08": "Admission, rights and the API server",
  "09": "Images and registries",
};

export function codePage(): string {
  const sections = Object.entries(groups).map(([hundred, title]) =>
    [`## ${title}`, ...codes.filter((code) => code.slice(4, 6) === hundred).map(section)].join("\n\n")
  );
  return `# Codes

While a service is not Ready and something is wrong, the message of its condition \`Ready\` ends with the code of the cause
and what helps. The Warning event about \`Ready\` says the same. A code never changes its meaning, so it can be searched for,
and noted in a runbook. A service that is merely on its way has none.

Scripts find the code, without its hyphen, in the reason of the condition \`Reconciling\` or \`Stalled\`: one of them is there while
an object is not Ready. Models, templates, caches and artifacts have it too, and hand it on to what waits for them.

\`\`\`sh
kubectl aim explain AIM-0412
kubectl get aimservices -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,WHY:.status.conditions[?(@.type=="Ready")].message'
kubectl get aimartifacts -A -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Stalled")].reason}{"\\n"}{end}'
\`\`\`

Look yours up by its heading: \`codes.md#aim-0412\`.

${sections.join("\n\n")}
`;
}

function section(code: Code): string {
  const { title, cause, remedy, more, is = [], of = [], foreign = [] } = causeOf(code);
  const told = [
    ...[...is, ...of].map((reason) => `[\`${reason}\`](reasons.md#${reason.toLowerCase()})`),
    ...foreign.map((reason) => `\`${reason}\``),
  ];
  return [
    `### ${code}`,
    `${title[0].toUpperCase()}${title.slice(1)}.`,
    [
      `- **Cause:** ${cause}`,
      `- **Remedy:** ${[remedy, more].filter((text) => text !== undefined).join(" ")}`,
      ...(told.length === 0 ? [] : [`- **Reasons:** ${told.join(", ")}`]),
    ].join("\n"),
  ].join("\n\n");
}
