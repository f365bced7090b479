/** Circles in a graph of imports. */

/** One file or folder imports another. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/**
 * The arrows as a folder sees them: between its own files and subfolders, each subfolder as one. Arrows that leave the
 * folder, come from outside, or stay within one subfolder are not among them.
 */
export function betweenEntries(folder: string, arrows: readonly Arrow[]): Arrow[] {
  const entryOf = (path: string) =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split("/")[0] : undefined;
  return arrows.flatMap(({ from, to }) => {
    const [source, target] = [entryOf(from), entryOf(to)];
    return source === undefined || target === undefined || source === target
      ? []
      : [{ from: source, to: target }];
  });
}

/** The arrows that are part of a circle or lie between two of them, as text; none if there is no circle. */
export function inCircles(arrows: readonly Arrow[]): string[] {
  let left = arrows;
  for (;;) {
    const [sources, targets] = [new Set(left.map(({ from }) => from)), new Set(left.map(({ to }) => to))];
    const next = left.filter(({ from, to }) => targets.has(from) && sources.has(to));
    if (next.length === left.length) {
      return [...new Set(left.map(({ from, to }) => `${from} → ${to}`))].sort();
    }
    left = next;
  }
}
