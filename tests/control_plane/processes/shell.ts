/** Lines for a person to paste into a shell. */

/** How to reach a cluster: a kubeconfig, and the folder of the kubectl that fits it. */
export interface Reach {
  readonly adminKubeconfig: string;
  readonly toolsFolder: string;
}

/** The two lines that a shell needs to talk to the cluster. */
export function exports({ adminKubeconfig, toolsFolder }: Reach): string[] {
  return [`export KUBECONFIG=${quoted(adminKubeconfig)}`, `export PATH=${quoted(toolsFolder)}:"$PATH"`];
}

/** A word as a shell reads it: quoted only where it must be. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
