/** All services, or those that are looked for. */

import { useState } from "preact/hooks";
import { html, State } from "./html.js";

/** More rows than these are not drawn: who has so many looks for one. */
const drawn = 200;

export function Services({ services, state }) {
  const [sought, setSought] = useState("");
  const found = services.filter((each) =>
    (state === undefined || each.state === state) && `${each.namespace}/${each.name}`.includes(sought.trim())
  );
  if (services.length === 0) return html`<p>There are no services here.</p>`;
  return html`
    <p class="search">
      <label for="sought">Find by name</label>
      <input id="sought" type="search" autocomplete="off" spellcheck=${false} value=${sought}
        onInput=${({ target }) => setSought(target.value)} />
      <span role="status">${counted(found.length, services.length)}</span>
    </p>
    ${found.length > 0 && html`
      <div class="table" role="table" aria-label="Services" aria-rowcount=${found.length + 1}>
        <div role="rowgroup" class="head">
          <div role="row" class="row services">
            ${["Service", "Namespace", "State", "Breaks at", "Download"].map((name) =>
              html`<span role="columnheader">${name}</span>`
            )}
          </div>
        </div>
        <div role="rowgroup">
          ${found.slice(0, drawn).map((each) =>
            html`<${Row} key=${`${each.namespace}/${each.name}`} ...${each} />`
          )}
        </div>
      </div>
    `}
    ${found.length > drawn && html`<p>${found.length - drawn} more: look for a name.</p>`}
  `;
}

function counted(found, all) {
  return found === all ? `${all} service${all === 1 ? "" : "s"}` : `${found} of ${all} services`;
}

function Row({ namespace, name, state, brokenAt, reason, percentage }) {
  const cell = (of, value) =>
    html`<span role="cell"><span class="name" aria-hidden="true">${of}</span>${value}</span>`;
  return html`
    <div role="row" class="row services">
      <span role="rowheader" class="title">
        <a href="#/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}">${name}</a>
      </span>
      ${cell("Namespace", namespace)}
      ${cell("State", html`<${State} state=${state} />`)}
      ${cell("Breaks at", brokenAt === undefined ? "–" : `${brokenAt}: ${reason}`)}
      ${cell(
        "Download",
        percentage === undefined ? "–" : html`
          <progress max="100" value=${percentage} aria-label=${`Download of ${name}`}></progress> ${percentage} %
        `,
      )}
    </div>
  `;
}
