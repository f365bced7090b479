/**
 * Words for a shell: commands and options as the program has them, names as the cluster has them. A shell asks and is
 * answered as by kubectl's own completion, so kubectl can ask for its plugin.
 */

import tab from "@bomb.sh/tab/commander";
import { type RootCommand, ShellCompDirective } from "@bomb.sh/tab";
import type { Command, Option } from "commander";
import { services } from "../../cluster/kinds.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { list } from "../../kube/watch/list.ts";
import { codes } from "../../operator/errors/codes.ts";
import { reasons } from "../../operator/errors/reasons.ts";
import { type ClusterOptions, type Connect, placeOf } from "../place.ts";
import { conditionTypes } from "./condition_types.ts";

/** Who is at the keyboard does not wait for longer. Milliseconds. */
const patience = 2_000;

/**
 * Prints the words that go on from those written, in the lines that shells expect.
 *
 * @param words as they are written; the last one is the one that is being written, and may be empty
 */
export async function complete(aim: Command, words: readonly string[], connect?: Connect): Promise<void> {
  const before = words.slice(0, -1);
  // Nothing but "as you do without me": a shell then goes on with files.
  if (isPath(before, words.at(-1) ?? "", aim)) {
    return console.log(`:${ShellCompDirective.ShellCompDirectiveDefault}`);
  }
  const known = tab(aim);
  known.commands.delete("complete"); // a shell says it, nobody types it
  const resource = resourceAt(before, words.at(-1) ?? "", known);
  const names = resource === undefined ? [] : await namesOf(resource, before, connect);
  for (const command of known.commands.values()) {
    const tell = (all: readonly string[]) => (say: (value: string, about: string) => void) =>
      all.forEach((each) => say(each, ""));
    for (const argument of command.arguments.values()) {
      if (argument.name === "service") argument.handler = tell(names);
      if (argument.name === "what") {
        argument.handler = tell([...Object.keys(reasons), ...Object.keys(conditionTypes), ...codes]);
      }
      if (argument.name === "shell") argument.handler = tell(["bash", "zsh", "fish", "kubectl"]);
    }
    const namespace = command.options.get("namespace");
    if (namespace !== undefined) namespace.handler = tell(names);
  }
  known.parse([...words]);
}

const namespaces: Resource = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
};

/** Whether the word that is being written is a file or folder of the user's. */
function isPath(before: readonly string[], word: string, aim: Command): boolean {
  const command = aim.commands.find((each) => each.name() === before[0]);
  if (command === undefined) return false;
  const optionOf = (flag: string) =>
    command.options.find(({ short, long }) => flag === short || flag === long);
  const takesPath = (option: Option | undefined) =>
    option !== undefined && /<(path|file)>/.test(option.flags);
  const valued = optionOf(before.at(-1)!);
  if (valued?.required) return takesPath(valued);
  if (word.startsWith("-")) return word.includes("=") && takesPath(optionOf(word.split("=")[0]));
  const operands = before.slice(1).filter((each, at) =>
    !each.startsWith("-") && !optionOf(before[at])?.required
  );
  return ["dir", "file"].includes(command.registeredArguments[operands.length]?.name() ?? "");
}

/** Of what the names are, if the word that is being written is one; the cluster is asked for nothing else. */
function resourceAt(
  before: readonly string[],
  word: string,
  known: RootCommand,
): Resource | undefined {
  if (["-n", "--namespace"].includes(before.at(-1) ?? "")) return namespaces;
  const takesService = [...known.commands.get(before[0] ?? "")?.arguments.values() ?? []].some(({ name }) =>
    name === "service"
  );
  return takesService && !word.startsWith("-") ? services.resource : undefined;
}

/** Who may not list them, or cannot be answered in time, gets none: a shell has no place for a complaint. */
async function namesOf(
  resource: Resource,
  before: readonly string[],
  connect: Connect | undefined,
): Promise<string[]> {
  try {
    const { transport, namespace } = await placeOf(optionsIn(before), connect);
    const { items } = await list<KubeObject>(transport, resource, {
      ...(resource.namespaced && { namespace }),
      project: ({ metadata, apiVersion, kind }) => ({ apiVersion, kind, metadata }),
      timeoutMilliseconds: patience,
    });
    return items.map(({ metadata }) => metadata.name).sort();
  } catch {
    return [];
  }
}

/** What the words before say of where to look. */
function optionsIn(before: readonly string[]): ClusterOptions {
  const valueOf = (...names: readonly string[]) => {
    const at = before.findLastIndex((word) => names.includes(word.split("=")[0]));
    if (at < 0) return undefined;
    const [, value] = before[at].split("=");
    return value ?? before[at + 1];
  };
  return {
    namespace: valueOf("-n", "--namespace"),
    context: valueOf("--context"),
    kubeconfig: valueOf("--kubeconfig"),
  };
}
