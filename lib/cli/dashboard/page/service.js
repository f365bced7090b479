/** One service: its path with the link that is broken, its downloads, and how the choice of its template fell. */

import { html, State } from "./html.js";

export function Service({ name, detail, heading }) {
  const title = html`
    <p><a href="#/">All services</a></p>
    <h2 tabindex="-1" ref=${heading}>${name}</h2>
  `;
  if (detail === undefined) return html`${title}<p>Reading …</p>`;
  if (detail.gone) {
    return html`${title}<p class="trouble" role="alert">There is no such service any more.</p>`;
  }
  const { path, why, advice } = detail;
  return html`
    ${title}
    <p><${State} state=${path.state} /> ${path.says}</p>
    ${path.outdated &&
      html`<p class="note">This is about an older spec: the operator has not looked at the newest yet.</p>`}
    ${path.rebinding && html`<${Better} name=${path.name} ...${path.rebinding} />`}
    <${Path} ...${path} advice=${advice} />
    <${Downloads} links=${path.links} />
    <${Choice} ...${why} />
  `;
}

function Better({ name, to, because, pods, download }) {
  return html`
    <p class="note">
      It would choose <strong>${to.name}</strong> now: ${withoutVerdict(because)};
      ${" "}${pods} pod${pods === 1 ? "" : "s"} would restart, ${download ?? "nothing"} would be downloaded.
      ${" "}<code>kubectl aim rebind ${name}</code>
    </p>
  `;
}

/** What is written as code in a remedy, as code. */
function withCode(text) {
  return text.split("`").map((part, n) => n % 2 === 0 ? part : html`<code>${part}</code>`);
}

/** What decided, where it is said already that something is chosen. */
function withoutVerdict(text) {
  return text.replace(/^chosen: /, "");
}

/** The links of the path, in its order. What comes after the broken one waits for it. */
function Path({ links, broken, advice }) {
  return html`
    <section aria-labelledby="path">
      <h3 id="path">Path</h3>
      <ol class="path">
        ${links.map((link, n) =>
          html`
            <${Link} key=${`${link.part} ${link.name}`} ...${link}
              place=${broken === undefined || n < broken ? "whole" : n === broken ? "broken" : "after"} />
          `
        )}
      </ol>
      ${broken !== undefined && html`<${Trouble} ...${links[broken]} advice=${advice} />`}
    </section>
  `;
}

function Link({ part, name, state, says, trouble, place, download }) {
  const mark = place === "broken" ? "breaks here" : trouble === undefined ? "" : "waits";
  return html`
    <li class="${place} ${trouble === undefined ? "sound" : ""}">
      <span class="part">${part}</span>
      ${mark !== "" && html`<span class="mark">${mark}</span>`}
      <span class="object">${name || "none"}</span>
      <span class="word">${state}</span>
      ${download === undefined && says !== "" && html`<span class="says">${says}</span>`}
    </li>
  `;
}

function Trouble({ part, trouble, advice }) {
  return html`
    <div class="trouble">
      <p><strong>The path breaks at the ${part}: ${trouble.reason}</strong></p>
      <p>${trouble.message}</p>
      ${advice !== undefined && html`<p><strong>What helps:</strong> ${withCode(advice)}</p>`}
    </div>
  `;
}

function Downloads({ links }) {
  const going = links.filter(({ download }) => download !== undefined);
  if (going.length === 0) return null;
  return html`
    <section aria-labelledby="downloads">
      <h3 id="downloads">Downloads</h3>
      ${going.map(({ name, download: { percentage, says } }) =>
        html`
          <p key=${name} class="download">
            <span class="object">${name}</span>
            <progress max="100" value=${percentage} aria-label=${`Download of ${name}`}></progress>
            <span>${percentage} %${says && ` ${says}`}</span>
          </p>
        `
      )}
    </section>
  `;
}

/** Stages in the order in which they decide. */
const stages = [
  ["availability", "Is it Ready?"],
  ["optimization", "Is it tuned enough?"],
  ["overrides", "Is it what the service asks for?"],
  ["gpu", "Has the cluster its GPU?"],
  ["scope", "Namespace before cluster"],
  ["default", "The model's default"],
  ["score", "The better one"],
  ["name", "The first by name"],
];

function Choice({ because, standsOn, selection, wouldChoose, candidates, read }) {
  return html`
    <section aria-labelledby="choice">
      <h3 id="choice">Choice of the template</h3>
      <p>${standsOn === undefined
        ? "No template"
        : html`Stands on <strong>${standsOn.name}</strong>`}: ${because}.</p>
      ${selection !== undefined && html`
        <p>
          ${wouldChoose === undefined ? "A choice now would find nothing: " : "A choice now would fall on "}
          ${wouldChoose !== undefined && html`<strong>${wouldChoose}</strong>`}
          ${wouldChoose === undefined ? "" : ": "}${withoutVerdict(selection)}.
        </p>
      `}
      ${candidates.length > 0 && html`
        <div class="table" role="table" aria-labelledby="choice">
          <div role="rowgroup" class="head">
            <div role="row" class="row candidates">
              ${["Candidate", "Decided by", "Why", "Wins with"].map((name) =>
                html`<span role="columnheader">${name}</span>`
              )}
            </div>
          </div>
          <${Chosen} candidates=${candidates} />
          ${stages.map(([stage, question]) =>
            html`
              <${Stage} key=${stage} question=${question} stage=${stage}
                candidates=${candidates.filter((each) => each.status !== "chosen" && each.stage === stage)} />
            `
          )}
        </div>
      `}
      <details>
        <summary>What the decision looked at</summary>
        <ul>
          ${read.map(({ kind, about, by, found }) =>
            html`
              <li key=${`${kind} ${by} ${about}`}>${kind} ${by === undefined ? "" : `by ${by} `}<code>${about
                .replace(/^\//, "")}</code>:
              ${" "}${by === undefined ? found === 0 ? "not there" : "there" : found}</li>
            `
          )}
        </ul>
      </details>
    </section>
  `;
}

function Chosen({ candidates }) {
  const chosen = candidates.filter(({ status }) => status === "chosen");
  if (chosen.length === 0) return null;
  return html`<div role="rowgroup">${
    chosen.map((each) => html`<${Candidate} key=${each.name} ...${each} />`)
  }</div>`;
}

function Stage({ stage, question, candidates }) {
  if (candidates.length === 0) return null;
  return html`
    <div role="rowgroup">
      <div role="row" class="row group"><span role="rowheader">${question} <small>(${stage})</small></span></div>
      ${candidates.map((each) => html`<${Candidate} key=${`${each.namespace}/${each.name}`} ...${each} />`)}
    </div>
  `;
}

function Candidate({ name, scope, status, stage, fact, winsWith }) {
  const isChosen = status === "chosen";
  const cell = (of, value) =>
    html`<span role="cell"><span class="name" aria-hidden="true">${of}</span>${value}</span>`;
  return html`
    <div role="row" class="row candidates ${isChosen ? "chosen" : ""}">
      <span role="rowheader" class="title">${name}<small> ${scope.toLowerCase()}</small></span>
      ${cell(
        "Decided by",
        isChosen ? html`<span class="state good"><span aria-hidden="true">✓</span> chosen</span>` : stage,
      )}
      ${cell("Why", fact)}
      ${cell("Wins with", winsWith ?? "–")}
    </div>
  `;
}
