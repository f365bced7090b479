import assert from "node:assert/strict";
import type { Row } from "./path.ts";
import { screenOn } from "./screen.ts";

const row = (part: string, state: string): Row => ({ part, object: "o", state, says: "" });

/** What a terminal of that width shows after the text: only what the screen uses is understood. */
function displayed(text: string): string[] {
  const lines = [""];
  let at = 0;
  let column = 0;
  // deno-lint-ignore no-control-regex
  for (const [token, up] of text.matchAll(/\x1b\[(\d*)A|\x1b\[K|\x1b\[J|\r|\n|./g)) {
    if (token === "\n") {
      at++;
      column = 0;
      lines[at] ??= "";
    } else if (token === "\r") column = 0;
    else if (token === "\x1b[K") lines[at] = lines[at].slice(0, column);
    else if (token === "\x1b[J") lines.splice(at + 1), lines[at] = lines[at].slice(0, column);
    else if (token.startsWith("\x1b")) at -= Number(up), column = 0;
    else {
      lines[at] = lines[at].slice(0, column) + token + lines[at].slice(column + 1);
      column++;
    }
  }
  return lines;
}

function terminal(columns: number, rows = 24) {
  let written = "";
  const screen = screenOn({ write: (text) => written += text, size: () => ({ columns, rows }) });
  return { screen, shows: () => displayed(written) };
}

Deno.test("on a terminal the table stands still and progress takes one line", () => {
  const { screen, shows } = terminal(40);
  screen.line("first");
  screen.progress("1 of 2, a long line of progress that does not fit");
  assert.deepEqual(shows(), ["first", "1 of 2, a long line of progress that d…"]);
  screen.progress("2 of 2");
  assert.deepEqual(shows(), ["first", "2 of 2"]);
  screen.table([row("model", "Pending")], 0.4);
  screen.table([row("model", "Ready"), row("cache", "Pending")], 1.2);
  assert.deepEqual(shows(), ["first", "model     o  Ready", "cache     o  Pending", "  1 s", ""]);
  screen.table([row("model", "Ready")], 2);
  assert.deepEqual(shows(), ["first", "model     o  Ready", "  2 s", ""]);
  screen.line("last");
  screen.table([row("model", "Failed")], 3);
  assert.deepEqual(shows(), [
    "first",
    "model     o  Ready",
    "  2 s",
    "last",
    "model     o  Failed",
    "  3 s",
    "",
  ]);
});

Deno.test("of a table that is higher than the terminal the end is shown", () => {
  const { screen, shows } = terminal(40, 4);
  screen.table([row("a", "1"), row("b", "2"), row("c", "3")], 1);
  screen.table([row("a", "1"), row("b", "2"), row("c", "4")], 2);
  assert.deepEqual(shows(), ["b         o  2", "c         o  4", "  2 s", ""]);
});

Deno.test("elsewhere there is a line for each change, and nothing but text", () => {
  let written = "";
  const screen = screenOn({ write: (text) => written += text, size: () => undefined });
  screen.progress("working");
  screen.table([row("model", "Pending"), row("cache", "-")], 0);
  screen.table([row("model", "Pending"), row("cache", "Ready")], 12.34);
  assert.deepEqual(written.split("\n").map((line) => line.replace(/ +/g, " ").trim()), [
    "working",
    "0.0 s model o Pending",
    "0.0 s cache o -",
    "12.3 s cache o Ready",
    "",
  ]);
});
