/** Real shells with the completion of `kubectl-aim`: what Tab makes of a line. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How a shell is told to load the script, to take a line and Tab, and to print in braces what is there then. */
interface Shell {
  readonly args: readonly string[];
  readonly input: (line: string) => string;
  /** Without this file bash has no completion at all. */
  readonly wants?: string;
}

const bashCompletion = "/usr/share/bash-completion/bash_completion";

export const shells: Readonly<Record<string, Shell>> = {
  bash: {
    // Its line editor reads a pipe too. Ctrl-A and echo: the line is printed, not run.
    args: ["--norc", "-i"],
    input: (line) =>
      `source ${bashCompletion}; source <(kubectl-aim completion bash)\n${line}\t"}"\x01echo "{"\n`,
    wants: bashCompletion,
  },
  zsh: {
    // It edits lines on a terminal only, which it can make for another one of itself.
    args: ["-f"],
    input: (line) => `
      zmodload zsh/zpty
      zpty inner zsh -f -i
      zpty -w inner 'autoload -Uz compinit; compinit -u -D; source <(kubectl-aim completion zsh)'
      zpty -w inner 'told() { print -r -- "{$BUFFER}" }; zle -N told; bindkey "^G" told; echo rea""dy'
      zpty -r inner out '*ready*'
      zpty -w -n inner $'${line}\\t\\a'
      zpty -r inner out '*{kubectl-aim*}*'
      print -r -- $out
    `,
  },
  fish: {
    args: ["--no-config"],
    input: (line) => `
      kubectl-aim completion fish | source
      echo "{"(complete -C '${line}' | string split -f 1 \\t)"}"
    `,
  },
};

/** Why a shell cannot be asked here; undefined: it can. */
export function missingOf(name: string): string | undefined {
  const { wants } = shells[name];
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, name)))) return `${name} is not installed`;
  return wants === undefined || existsSync(wants) ? undefined : `${wants} is not installed`;
}

/** The last word of a line after Tab, without the space behind it. Throws where the shell prints none. */
export async function wordAfterTab(
  name: string,
  line: string,
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<string> {
  const { args, input } = shells[name];
  const shell = new Deno.Command(name, {
    args: [...args],
    ...options,
    // One that prints nothing would wait for it for ever.
    signal: AbortSignal.timeout(60_000),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const keys = shell.stdin.getWriter();
  await keys.write(new TextEncoder().encode(input(line)));
  await keys.close();
  const { stdout, stderr } = await shell.output();
  const printed = new TextDecoder().decode(stdout);
  const told = [...printed.matchAll(/\{([^{}]*)\}/g)].at(-1);
  if (told === undefined) throw new Error(`${name} prints ${printed}${new TextDecoder().decode(stderr)}`);
  return told[1].trim().split(" ").at(-1)!;
}
