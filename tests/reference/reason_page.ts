/** The page of reasons: a heading each, so that each has an address. */

import { codesOf, remedies } from "../../lib/operator/errors/remedies.ts";
import { type KnownReason, reasons } from "../../lib/operator/errors/reasons.ts";
import { table } from "./table.ts";

export function reasonPage(): string {
  const all = Object.entries(remedies).sort(([a], [b]) => a.localeCompare(b, "en"));
  const meaning = (reason: string) => reasons[reason as KnownReason];
  const troubles = all.map(([reason, remedy]) =>
    typeof remedy === "string" ? "" : `### ${reason}

${sentence(meaning(reason))}

- **Cause:** ${remedy.cause}
- **Remedy:** ${remedy.remedy}
${codesIn(reason)}`
  ).filter((text) => text !== "");
  const rows = (word: "good" | "unused") =>
    all.filter(([, remedy]) => remedy === word).map((
      [reason],
    ) => [`\`${reason}\``, sentence(meaning(reason))]);
  return `# Reasons

Every condition and event of the operator carries one of these reasons. Look yours up by its heading:
\`reasons.md#imagepullauthfailure\`, in lower case. A reason that another system gave (a gateway, the kubelet, the API
server) is passed on unchanged. A service's \`Ready\` says besides by a [code](codes.md) what is behind it. Which object has the cause, the [troubleshooting guide](../troubleshooting.md) shows.

\`\`\`sh
kubectl get aimservice chat -n ml-team -o jsonpath='{range .status.conditions[*]}{.type}{"\\t"}{.status}{"\\t"}{.reason}{"\\t"}{.message}{"\\n"}{end}'
\`\`\`

## Something to do, or to wait for

${troubles.join("\n")}
## Nothing to do

${table(["Reason", "Means"], rows("good"))}

## Not reported

AIM Engine reports these, so a script may look for them. This operator does not.

${table(["Reason", "Means"], rows("unused"))}
`;
}

/** The codes that a service with that reason may have. */
function codesIn(reason: string): string {
  const codes = codesOf(reason as KnownReason);
  const links = codes.map((code) => `[${code}](codes.md#${code.toLowerCase()})`);
  return links.length === 0 ? "" : `- **Codes:** ${links.join(", ")}\n`;
}

/** A meaning as a sentence. */
const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}.`;
