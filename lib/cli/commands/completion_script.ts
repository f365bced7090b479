/** What a shell reads once, so that it knows whom to ask for words. */

import { script } from "@bomb.sh/tab";
import { CommandFault } from "../faults.ts";

const shells = ["bash", "zsh", "fish"];

/**
 * kubectl asks `kubectl_complete-aim` for the words of its plugin, whatever the shell.
 *
 * @throws CommandFault where it knows no such shell
 */
export function printCompletionScript(shell: string, print: (lines: readonly string[]) => void): void {
  if (shell === "kubectl") print(["#!/bin/sh", 'exec kubectl-aim complete -- "$@"']);
  else if (shells.includes(shell)) {
    script(shell, "kubectl-aim", "kubectl-aim");
    // Without this bash knows no files where the program leaves a word to it.
    if (shell === "bash") print(["complete -o default -F __kubectl_aim_complete kubectl-aim"]);
  } else {
    throw new CommandFault(
      `there is no completion for ${shell}: there is one for ${shells.join(", ")} and kubectl`,
    );
  }
}
