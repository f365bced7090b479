/** Tables for a terminal or a pipe. */

export interface TableOptions {
  /** Columns of the terminal; absent where nobody cuts: in a pipe. */
  readonly width?: number;
}

/**
 * Rows in columns, as kubectl prints them: two spaces between, no space at the end. Where they are wider than the terminal,
 * the last column goes on below itself; if even that has no room, each row becomes a line a cell.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { width = Infinity }: TableOptions = {},
): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ""))));
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + gap.length, 0);
  const room = width - before;
  if (room < leastRoom && widths.at(-1)! > room) return stacked(head, rows, width);
  return all.flatMap((row) => {
    const [first, ...more] = wrapped(row.at(-1) ?? "", room);
    const front = row.slice(0, -1).map((cell, column) => padded(cell, widths[column])).join(gap);
    const indent = " ".repeat(before);
    return [(front + (row.length > 1 ? gap : "") + first).trimEnd(), ...more.map((line) => indent + line)];
  });
}

const gap = "  ";
/** A last column narrower than this cannot be read. */
const leastRoom = 24;

function stacked(head: readonly string[], rows: readonly (readonly string[])[], width: number): string[] {
  const widest = Math.max(...head.map(lengthOf));
  return rows.flatMap((row, n) => [
    ...(n === 0 ? [] : [""]),
    ...row.flatMap((cell, column) => {
      if (cell === "") return [];
      const [first, ...more] = wrapped(cell, width - widest - gap.length);
      const indent = " ".repeat(widest + gap.length);
      return [padded(head[column], widest) + gap + first, ...more.map((line) => indent + line)];
    }),
  ]);
}

/** Words in lines of so many columns; a word that is longer than a line is not cut: names are copied. */
export function wrapped(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function padded(cell: string, width: number): string {
  return cell + " ".repeat(width - lengthOf(cell));
}

// deno-lint-ignore no-control-regex
const colours = /\x1b\[\d+m/g;

/** Columns that it takes: colours take none. */
export function lengthOf(cell: string): number {
  return cell.replace(colours, "").length;
}
