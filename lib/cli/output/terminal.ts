/** Where answers go. */

export interface Terminal {
  /** Columns; absent where nobody cuts: a pipe, a file. */
  readonly width?: number;
  readonly isColoured: boolean;
  /** Writes lines of the answer. */
  print(lines: readonly string[]): void;
  /** Writes a line about what went wrong. */
  complain(line: string): void;
  /** Asks a person; undefined where nobody is there to ask. */
  ask(question: string): boolean | undefined;
}

/** Standard output and standard error. */
export function standardTerminal(): Terminal {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    ...(isTerminal && { width: Deno.consoleSize().columns }),
    isColoured: isTerminal && !Deno.noColor,
    print: (lines) => write(Deno.stdout, lines),
    complain: (line) => write(Deno.stderr, [line]),
    ask: (question) => Deno.stdin.isTerminal() ? confirm(question) : undefined,
  };
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
