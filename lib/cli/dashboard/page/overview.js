/** How many services are in which state, and how many GPUs are taken. */

import { html, State } from "./html.js";

const order = ["Failed", "Degraded", "Pending", "Starting", "Running", ""];

/** Counts by state; each is a switch that shows these services only. */
export function Summary({ services, state, onState }) {
  const counts = new Map();
  for (const { state } of services) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  if (services.length === 0) return null;
  return html`
    <ul class="summary" aria-label="Services by state">
      ${states.map((each) =>
        html`
          <li key=${each}>
            <button type="button" aria-pressed=${each === state}
              onClick=${() => onState(each === state ? undefined : each)}>
              <span class="count">${counts.get(each)}</span> <${State} state=${each} />
            </button>
          </li>
        `
      )}
    </ul>
  `;
}

/** GPUs by model, used and free. */
export function Gpus({ gpus: { models, waiting } }) {
  return html`
    <section aria-labelledby="gpus">
      <h2 id="gpus">GPUs</h2>
      ${models.length === 0 ? html`<p>No node offers GPUs, or you may not read nodes.</p>` : html`
        <div class="table" role="table" aria-labelledby="gpus">
          <div role="rowgroup" class="head">
            <div role="row" class="row gpus">
              ${["Model", "Nodes", "Used", "Free", "Total"].map((name) =>
                html`<span role="columnheader">${name}</span>`
              )}
            </div>
          </div>
          <div role="rowgroup">
            ${models.map((each) => html`<${Gpu} key=${each.model} ...${each} />`)}
          </div>
        </div>
      `}
      ${waiting > 0 && html`<p>${waiting === 1 ? "One pod waits" : `${waiting} pods wait`} for GPUs.</p>`}
      ${waiting === undefined &&
        html`<p>Which are used you may not see: that needs the right to list pods.</p>`}
    </section>
  `;
}

function Gpu({ model, nodes, total, used, free }) {
  const cell = (name, value) =>
    html`<span role="cell"><span class="name" aria-hidden="true">${name}</span>${value}</span>`;
  return html`
    <div role="row" class="row gpus">
      <span role="rowheader" class="title">${model}</span>
      ${cell("Nodes", nodes)}
      ${cell(
        "Used",
        used === undefined ? "?" : html`
          ${used} <meter min="0" max=${total} value=${used} aria-label=${`${used} of ${total} ${model} used`}></meter>
        `,
      )}
      ${cell("Free", free ?? "?")}
      ${cell("Total", total)}
    </div>
  `;
}
