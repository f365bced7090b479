/** Members that a JSON text names twice: parsers keep the last, the server warns of them. */

const token = /\s*(?:("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+))/y;

interface Level {
  readonly names: Set<string> | undefined;
  readonly path: string;
  /** The index of the item, or the name of the member, that is being read. */
  at: string | number;
}

/** The paths of the members that a text names twice, in the order of the text. */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  const levels: Level[] = [];
  let name: string | undefined;
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const level = levels[levels.length - 1];
    const [, quoted, sign] = match;
    if (quoted !== undefined) name = quoted;
    else if (sign === "{" || sign === "[") {
      levels.push({
        names: sign === "{" ? new Set() : undefined,
        path: placeOf(level),
        at: sign === "{" ? "" : 0,
      });
    } else if (sign === "}" || sign === "]") levels.pop();
    else if (sign === "," && typeof level?.at === "number") level.at++;
    else if (sign === ":" && level?.names !== undefined && name !== undefined) {
      level.at = JSON.parse(name) as string;
      if (level.names.has(level.at)) found.push(placeOf(level));
      level.names.add(level.at);
    }
  }
  return found;
}

function placeOf(level: Level | undefined): string {
  if (level === undefined) return "";
  if (typeof level.at === "number") return `${level.path}[${level.at}]`;
  return level.path === "" ? level.at : `${level.path}.${level.at}`;
}
