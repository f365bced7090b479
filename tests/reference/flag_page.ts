/** The page of the operator's flags. */

import { operatorFlags } from "../../lib/process/operator_flags.ts";
import { documentsBelow, named } from "../manifests/documents.ts";
import { table } from "./table.ts";

export async function flagPage(): Promise<string> {
  const installed = await installedFlags();
  const rows = Object.entries(operatorFlags).map(([name, { type, default: value, usage }]) => [
    `\`--${name}\``,
    type.boolean ? "true, false" : type.placeholder.split("|").join(", "),
    value === undefined ? "" : String(value) === "" ? "empty" : `\`${value}\``,
    installed.has(name) ? `\`${installed.get(name)}\`` : "",
    usage,
  ]);
  return `# Flags

The operator's command line, set in \`args\` of container \`manager\`. \`-x\` and \`--x\` are the same; so are \`--x=v\` and
\`--x v\`. A boolean takes a value only after \`=\`. An unknown flag or a bad value ends the process with exit code 2.

${table(["Flag", "Takes", "Default", "In the manifests", "Meaning"], rows)}
`;
}

/** What the Deployment of the manifests sets, by flag. */
async function installedFlags(): Promise<Map<string, string>> {
  const deployment = named(await documentsBelow("operator"), "Deployment", "aim-engine-controller-manager");
  const { args } = deployment.spec.template.spec.containers[0];
  return new Map((args as string[]).map((arg) => {
    const [name, value = "true"] = arg.replace(/^--/, "").split(/=(.*)/s);
    return [name, value];
  }));
}
