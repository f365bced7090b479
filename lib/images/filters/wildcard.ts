/** Repository patterns of a source's filters (model-sources-and-config.md §3.2). Pure. */

/**
 * Whether a repository matches a pattern in which `*` stands for any run of characters, `/` and none included.
 * Case counts, and the first and the last piece do not overlap: `a*a` does not match `a`.
 */
export function matchesWildcard(pattern: string, repository: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return pattern === repository;
  const first = pieces[0];
  const last = pieces[pieces.length - 1];
  if (repository.length < first.length + last.length) return false;
  if (!repository.startsWith(first) || !repository.endsWith(last)) return false;
  const end = repository.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = repository.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
