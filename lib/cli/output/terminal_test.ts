import assert from "node:assert/strict";
import { pictures, type Terminal } from "./terminal.ts";

/** A terminal that keeps what is written. */
function kept(size: { width?: number; height?: number } = {}) {
  const written: string[] = [];
  const terminal: Terminal = {
    ...size,
    isColoured: false,
    print: (lines) => written.push(lines.map((line) => `${line}\n`).join("")),
    complain: () => {},
    ask: () => undefined,
  };
  return { terminal, written };
}

Deno.test("in a pipe each picture comes below the one before, and the same one does not come again", () => {
  const { terminal, written } = kept();
  const show = pictures(terminal);
  show(["a"]);
  show(["a"]);
  show(["b", "c"]);
  assert.deepEqual(written, ["a\n", "\nb\nc\n"]);
});

Deno.test("on a terminal a picture takes the place of the one before, whatever was longer in it", () => {
  const { terminal, written } = kept({ width: 20, height: 10 });
  const show = pictures(terminal);
  show(["first", "second"]);
  show(["1"]);
  const screen = new Screen(20, 10);
  for (const text of written) screen.write(text);
  assert.deepEqual(screen.lines(), ["1"]);
});

Deno.test("what does not fit into the window is counted, and nothing scrolls", () => {
  const { terminal, written } = kept({ width: 10, height: 5 });
  const show = pictures(terminal);
  const long = "x".repeat(15);
  show(["a", long, "b", "c", "d"]);
  const screen = new Screen(60, 5);
  for (const text of written) screen.write(text);
  assert.deepEqual(screen.lines(), ["a", long, "… 3 more l"]);
  show(["a", "b", "c", "d"]);
  assert.equal(written.at(-1), "\x1b[Ha\x1b[K\nb\x1b[K\nc\x1b[K\nd\x1b[J\n");
});

/** The four sequences that are written, as ECMA-48 has them; a line that goes off the top is a failure. */
class Screen {
  readonly #rows: string[][];
  #row = 0;
  #column = 0;

  constructor(private readonly columns: number, private readonly height: number) {
    this.#rows = Array.from({ length: height }, () => []);
  }

  write(text: string): void {
    // deno-lint-ignore no-control-regex
    for (const [, sequence, letter] of text.matchAll(/\x1b\[(H|2J|K|J)|([^\x1b])/gs)) {
      if (sequence === "H") [this.#row, this.#column] = [0, 0];
      else if (sequence === "2J") this.#rows.forEach((row) => row.length = 0);
      else if (sequence === "K") this.#rows[this.#row].length = this.#column;
      else if (sequence === "J") {
        this.#rows[this.#row].length = this.#column;
        this.#rows.slice(this.#row + 1).forEach((row) => row.length = 0);
      } else if (letter === "\n") {
        [this.#row, this.#column] = [this.#row + 1, 0];
        assert(this.#row < this.height, "scrolled");
      } else {
        assert(this.#column < this.columns);
        this.#rows[this.#row][this.#column++] = letter;
      }
    }
  }

  lines(): string[] {
    const lines = this.#rows.map((row) => Array.from(row, (letter) => letter ?? " ").join("").trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }
}
