/** Where answers go. */

import { lengthOf } from "./table.ts";

export interface Terminal {
  /** Columns; absent where nobody cuts: a pipe, a file. */
  readonly width?: number;
  /** Lines that can be seen at once; absent where nothing scrolls away. */
  readonly height?: number;
  readonly isColoured: boolean;
  /** Writes lines of the answer. */
  print(lines: readonly string[]): void;
  /** Writes a line about what went wrong. */
  complain(line: string): void;
  /** Asks a person; undefined where nobody is there to ask. */
  ask(question: string): boolean | undefined;
}

/** Standard output and standard error. A window may change its size: it is looked at each time. */
export function standardTerminal(): Terminal {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    get width() {
      return isTerminal ? Deno.consoleSize().columns : undefined;
    },
    get height() {
      return isTerminal ? Deno.consoleSize().rows : undefined;
    },
    isColoured: isTerminal && !Deno.noColor,
    print: (lines) => write(Deno.stdout, lines),
    complain: (line) => write(Deno.stderr, [line]),
    ask: (question) => Deno.stdin.isTerminal() ? confirm(question) : undefined,
  };
}

/**
 * Shows one picture after the other: on a terminal in the place of the one before, cut to what can be seen, in a pipe
 * below it, with a line between. A picture like the one before is not shown again.
 */
export function pictures(terminal: Terminal, between = ""): (lines: readonly string[]) => void {
  let before: string | undefined;
  return (lines) => {
    const { width, height } = terminal;
    const shown = width === undefined || height === undefined ? lines : seen(lines, width, height);
    const text = `${width} ${height} ${shown.join("\n")}`;
    if (text === before) return;
    if (height === undefined) terminal.print(before === undefined ? shown : [between, ...shown]);
    else terminal.print([`${before === undefined ? clear : home}${shown.join(`${toEndOfLine}\n`)}${below}`]);
    before = text;
  };
}

const home = "\x1b[H";
const clear = `\x1b[2J${home}`;
const toEndOfLine = "\x1b[K";
/** The rest of the last line, and all lines below it. */
const below = "\x1b[J";

/** The lines that fit, the cursor's own below them; long ones take several. */
function seen(lines: readonly string[], width: number, height: number): readonly string[] {
  const rows = lines.map((line) => Math.max(1, Math.ceil(lengthOf(line) / width)));
  const needed = rows.reduce((sum, each) => sum + each, 0);
  if (needed < height) return lines;
  let [room, count] = [height - 2, 0];
  while (count < lines.length && rows[count] <= room) room -= rows[count++];
  return [
    ...lines.slice(0, count),
    `… ${lines.length - count} more lines, for a higher window`.slice(0, width),
  ];
}

const encoder = new TextEncoder();

/** Who reads a pipe may have had enough (`| head -1`): that is no fault, and ends the program. */
function write(to: { writeSync(data: Uint8Array): number }, lines: readonly string[]): void {
  let rest = encoder.encode(lines.map((line) => `${line}\n`).join(""));
  try {
    while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
