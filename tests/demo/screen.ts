/**
 * Where the demo shows itself. On a terminal the table is drawn anew in its place and progress stays on one
 * line; anywhere else there are plain lines, one for each change, and no control characters.
 */

import type { Row } from "./path.ts";

export interface Screen {
  /** A line that stays. */
  line(text?: string): void;
  /** A line of progress: the next one may take its place. */
  progress(text: string): void;
  /** The table as it is now. */
  table(rows: readonly Row[], seconds: number): void;
}

/** What a screen writes to. */
export interface Output {
  write(text: string): void;
  /** Columns and rows. Undefined: no terminal. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
}

export const standardOutput: Output = {
  write: (text) => {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) {
      written += Deno.stdout.writeSync(bytes.subarray(written));
    }
  },
  size: () => Deno.stdout.isTerminal() ? Deno.consoleSize() : undefined,
};

export function screenOn(output: Output): Screen {
  return output.size() === undefined ? new PlainScreen(output) : new TerminalScreen(output);
}

class PlainScreen implements Screen {
  #shown = new Map<string, string>();

  constructor(private readonly output: Output) {}

  line(text = ""): void {
    this.output.write(`${text}\n`);
  }

  progress(text: string): void {
    this.line(text);
  }

  table(rows: readonly Row[], seconds: number): void {
    for (const row of rows) {
      const key = `${row.part} ${row.object}`;
      const text = columns(row);
      if (this.#shown.get(key) === text) continue;
      this.#shown.set(key, text);
      this.line(`${seconds.toFixed(1).padStart(6)} s  ${text}`.trimEnd());
    }
  }
}

const clearLine = "\r\x1b[K";

class TerminalScreen implements Screen {
  /** Lines of the table that stand above the cursor. */
  #drawn = 0;
  #unfinished = false;

  constructor(private readonly output: Output) {}

  line(text = ""): void {
    this.output.write(`${this.#unfinished ? clearLine : ""}${text}\n`);
    this.#unfinished = false;
    this.#drawn = 0; // the table stays above what is written now
  }

  progress(text: string): void {
    this.output.write(clearLine + cut(text, this.#width()));
    this.#unfinished = true;
    this.#drawn = 0;
  }

  table(rows: readonly Row[], seconds: number): void {
    const { rows: height } = this.output.size() ?? { rows: 24 };
    // A table that is higher than the terminal cannot be drawn in its place: the end is what matters.
    const widths = widthsOf(rows);
    const lines = rows.map((row) => columns(row, widths)).slice(-(height - 2));
    lines.push(`${seconds.toFixed(0).padStart(3)} s`);
    const back = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : this.#unfinished ? clearLine : "";
    const text = lines.map((line) => `${clearLine}${cut(line, this.#width())}\n`).join("");
    // Lines that were drawn before and are no longer: a shorter table.
    this.output.write(`${back}${text}\x1b[J`);
    this.#drawn = lines.length;
    this.#unfinished = false;
  }

  #width(): number {
    return this.output.size()?.columns ?? 80;
  }
}

/** A row with its columns padded to these widths. */
function columns({ part, object, state, says }: Row, widths = plainWidths): string {
  return [part.padEnd(8), object.padEnd(widths.object), state.padEnd(widths.state), says].join("  ")
    .trimEnd();
}

/** For lines that are written before the longest one is known. */
const plainWidths = { object: 42, state: 12 };

function widthsOf(rows: readonly Row[]): typeof plainWidths {
  return {
    object: Math.max(...rows.map(({ object }) => object.length)),
    state: Math.max(...rows.map(({ state }) => state.length)),
  };
}

function cut(text: string, width: number): string {
  return text.length < width ? text : `${text.slice(0, Math.max(1, width - 2))}…`;
}
