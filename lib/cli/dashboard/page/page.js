/**
 * The page of `kubectl aim dashboard`. It shows what the server says and decides nothing itself.
 *
 * Where one is stands in the address: `#/` all services, `#/NAMESPACE/NAME` one of them.
 */

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { Gpus, Summary } from "./overview.js";
import { Service } from "./service.js";
import { Services } from "./services.js";

function App() {
  const [service, setService] = useState(serviceOf(location.hash));
  const { board, detail, isConnected } = useEvents(service);
  /** The state that is shown only; undefined: all. */
  const [state, setState] = useState();
  const heading = useRef(null);
  const isFirst = useRef(true);

  useEffect(() => {
    const follow = () => setService(serviceOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  // Who goes on by keyboard or hears the page is led to what is new in it.
  useEffect(() => {
    document.title = service === "" ? "AIM services" : `${service} · AIM services`;
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [service]);

  return html`
    <a class="skip" href="#main" onClick=${toMain}>Skip to the content</a>
    <header>
      <h1><a href="#/">AIM services</a></h1>
      <p class="scope">${board?.scope ?? ""}</p>
      <${Connection} isConnected=${isConnected} trouble=${board?.trouble ?? ""} />
    </header>
    <main id="main" tabindex="-1">
      ${board === undefined ? html`<p>Reading the cluster …</p>` : service === ""
        ? html`
          <h2 tabindex="-1" ref=${heading}>All services</h2>
          <${Summary} services=${board.services} state=${state} onState=${setState} />
          <${Services} services=${board.services} state=${state} />
          <${Gpus} gpus=${board.gpus} />
        `
        : html`<${Service} name=${service} detail=${detail} heading=${heading} />`}
      ${board !== undefined && board.unseen.length > 0 && html`
        <p class="note">Not seen, since you may not list and watch them: ${board.unseen.join(", ")}.
        The operator may know more.</p>
      `}
    </main>
    <${News} services=${board?.services} />
  `;
}

/** The address must stay as it is: it says which service is shown. */
function toMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** `NAMESPACE/NAME`, or nothing. */
function serviceOf(hash) {
  const [namespace, name] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return namespace && name ? `${namespace}/${name}` : "";
}

/** What the server says, of all and of the service that is shown. */
function useEvents(service) {
  const [board, setBoard] = useState();
  const [detail, setDetail] = useState();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => {
    setDetail(undefined);
    const events = new EventSource(
      service === "" ? "/events" : `/events?service=${encodeURIComponent(service)}`,
    );
    events.onopen = () => setConnected(true);
    events.onerror = () => setConnected(false);
    events.addEventListener("board", ({ data }) => setBoard(JSON.parse(data)));
    events.addEventListener("service", ({ data }) => setDetail(JSON.parse(data)));
    return () => events.close();
  }, [service]);
  return { board, detail, isConnected };
}

function Connection({ isConnected, trouble }) {
  const [mark, says] = !isConnected
    ? ["bad", "Not connected: is kubectl aim dashboard still running?"]
    : trouble !== ""
    ? ["bad", `May be older than now: ${trouble}`]
    : ["good", "Live"];
  return html`<p class="connection ${mark}" role="status">${says}</p>`;
}

/** Says for those who hear the page which services have changed their state, a few at a time. */
function News({ services }) {
  const before = useRef();
  const [news, setNews] = useState("");
  useEffect(() => {
    if (services === undefined) return;
    const states = new Map(
      services.map(({ namespace, name, state }) => [`${namespace}/${name}`, state || "new"]),
    );
    const changed = before.current === undefined
      ? []
      : [...states].filter(([service, state]) => before.current.get(service) !== state);
    before.current = states;
    if (changed.length === 0) return;
    const told = changed.slice(0, 3).map(([service, state]) => `${service} is ${state}`).join(", ");
    setNews(changed.length > 3 ? `${told}, and ${changed.length - 3} more have changed` : told);
  }, [services]);
  return html`<p class="heard" role="status" aria-label="News">${news}</p>`;
}

document.body.replaceChildren();
render(html`<${App} />`, document.body);
