/** What a program says of itself: the release, the commit that it was compiled from, and its Deno. */

/** The release. deno.json says the same, and a test holds the two together. */
export const version = "0.1.0";

/** The variable that `deno task compile` puts into a program: the commit. A program from a checkout has none. */
export const commitVariable = "AIM_COMMIT";

/**
 * The line of `--version`.
 *
 * @param program its name, as that of the compiled file
 */
export function versionLine(program: string): string {
  const commit = Deno.env.get(commitVariable) ?? "of a checkout";
  return `${program} ${version} (commit ${commit}, Deno ${Deno.version.deno})`;
}

/** Whether a command line asks for the version and nothing else counts: `--version`, as Go's flags also `-version`. */
export function asksForVersion(args: readonly string[]): boolean {
  return args.some((arg) => /^--?version$/.test(arg));
}
