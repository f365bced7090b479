/** Include and exclude patterns, with the meaning that they have for Hugging Face tools: `*` also matches `/`. */

/** Whether a file is wanted: it matches an include pattern, if there are any, and no exclude pattern. */
export function isWanted(path: string, include: readonly string[], exclude: readonly string[]): boolean {
  const matches = (pattern: string) => expressionOf(pattern).test(path);
  return (include.length === 0 || include.some(matches)) && !exclude.some(matches);
}

/** A shell pattern as a regular expression; a folder, `x/`, means all that is in it. */
function expressionOf(pattern: string): RegExp {
  const source = (pattern.endsWith("/") ? `${pattern}*` : pattern)
    .replace(/\[!/g, "[^")
    .replace(/\[\^?[^\]]+\]|[\s\S]/g, (part) => {
      if (part === "*") return "[^]*";
      if (part === "?") return "[^]";
      return part.length > 1 ? part.replaceAll("\\", "\\\\") : part.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    });
  return new RegExp(`^${source}$`, "u");
}
