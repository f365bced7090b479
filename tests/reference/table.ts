/** Tables of Markdown. */

/** A row of a table of Markdown. */
const row = (cells: readonly string[]): string => `| ${cells.map(inCell).join(" | ")} |`;

/** One line; what Markdown would take for HTML is none, but in code. */
const inCell = (text: string) =>
  text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ")
    .split("`").map((part, index) => index % 2 === 0 ? part.replaceAll("<", "&lt;") : part).join("`");

/** A table of Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
