/** Runs kubectl as a process. */

/** The answer of a program. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  readonly program: string;
  readonly kubeconfig: string;
  /** Where it keeps what it knows of the server. */
  readonly cacheFolder: string;
  readonly stdin: string;
}

/** What kubectl answers; that it fails is an answer too. */
export async function runKubectl(
  args: readonly string[],
  { program, kubeconfig, cacheFolder, stdin }: KubectlOptions,
): Promise<Output> {
  const child = new Deno.Command(program, {
    args: [...args],
    env: { KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheFolder },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  // kubectl that does not read its input may have ended already.
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await output;
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
