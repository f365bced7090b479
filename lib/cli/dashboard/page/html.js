/** Elements, written as HTML. */

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);

/** How a state looks: never by its colour alone. */
const looks = {
  Running: ["good", "✓"],
  Ready: ["good", "✓"],
  Starting: ["busy", "◔"],
  Progressing: ["busy", "◔"],
  Pending: ["busy", "◔"],
  Degraded: ["warn", "!"],
  NotAvailable: ["warn", "!"],
  Failed: ["bad", "✗"],
};

/** A state as a word with a sign. */
export function State({ state }) {
  const [look, sign] = looks[state] ?? ["busy", "·"];
  return html`<span class="state ${look}"><span aria-hidden="true">${sign}</span> ${
    state || "not looked at yet"
  }</span>`;
}
