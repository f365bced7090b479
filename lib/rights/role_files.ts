/** The roles of `manifests` that are written from {@link managerRules}, with their comments and bindings. */

import { type Choice, clusterReaderRules, everything, managerRules, type Rule, scoped } from "./rules.ts";

/** By path below `manifests`. */
export function roleFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["rbac/operator_role.yaml", operatorRole(everything)],
    ["watched-namespace/operator_role.yaml", operatorRole(scoped)],
    ["cluster-read/cluster_reader_role.yaml", clusterReader(scoped)],
  ]);
}

/** The role by which the operator acts, and its binding. */
export function operatorRole(choice: Choice): string {
  const kind = choice.isScoped ? "Role" : "ClusterRole";
  const about = choice.isScoped
    ? `# What of manifests/rbac/operator_role.yaml ends at a namespace. The account of downloads and its right are made by
# downloader.yaml, so the operator makes and binds none.`
    : `# What the operator may do: no more than what it does. A watched kind needs list and watch.`;
  return `${written}\n${about}\n${role(kind, "aim-engine-manager-role", managerRules(choice))}---\n${
    binding(kind, "aim-engine-manager-role", "aim-engine-manager-rolebinding")
  }`;
}

/** What an operator of some namespaces may read of the cluster besides. */
export function clusterReader(choice: Choice): string {
  return `${written}
# What an operator of some namespaces may read of the cluster. Another operator has to act on the cluster's models,
# templates and defaults.
${role("ClusterRole", "aim-engine-cluster-reader", clusterReaderRules(choice))}---\n${
    binding("ClusterRole", "aim-engine-cluster-reader", "aim-engine-cluster-reader-binding")
  }`;
}

const written = "# Written by `deno task rbac --write` from lib/rights.";

const metadata = (name: string) =>
  `metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: aim-engine
`;

function role(kind: string, name: string, rules: readonly Rule[]): string {
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\n${metadata(name)}rules:\n${
    rules.map(ruleText).join("")
  }`;
}

function binding(kind: string, role: string, name: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}Binding
${metadata(name)}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ${kind}
  name: ${role}
subjects:
  - kind: ServiceAccount
    name: aim-engine-controller-manager
    namespace: aim-system
`;
}

function ruleText({ group, resources, name, verbs, reasons }: Rule): string {
  const lines = [
    ...reasons.flatMap((reason) => folded(reason, 112)).map((line) => `# ${line}`),
    `- apiGroups: [${group || '""'}]`,
    ...(resources.length > 3
      ? ["  resources:", ...resources.map((each) => `    - ${each}`)]
      : [`  resources: [${resources.join(", ")}]`]),
    ...(name === undefined ? [] : [`  resourceNames: [${name}]`]),
    `  verbs: [${verbs.join(", ")}]`,
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

/** A text in lines of at most so many letters, broken between words. */
function folded(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > width) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
