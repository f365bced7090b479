/** The files of the page. They are part of the program as text: nothing is built, and nothing is read when it runs. */

import { createHash } from "node:crypto";
import htm from "htm" with { type: "text" };
import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import htmlModule from "./page/html.js" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import overview from "./page/overview.js" with { type: "text" };
import css from "./page/page.css" with { type: "text" };
import page from "./page/page.js" with { type: "text" };
import service from "./page/service.js" with { type: "text" };
import services from "./page/services.js" with { type: "text" };

export interface Asset {
  readonly type: string;
  readonly body: string;
}

const script = (body: string): Asset => ({ type: "text/javascript", body });

/** By path. */
export const assets: Readonly<Record<string, Asset>> = {
  "/": { type: "text/html", body: index },
  "/page.css": { type: "text/css", body: css },
  "/icon.svg": { type: "image/svg+xml", body: icon },
  "/page.js": script(page),
  "/html.js": script(htmlModule),
  "/overview.js": script(overview),
  "/service.js": script(service),
  "/services.js": script(services),
  "/packages/htm.js": script(htm),
  "/packages/preact.js": script(preact),
  "/packages/hooks.js": script(hooks),
};

/** What a policy must name of the page's one script that stands in it: where its packages are. */
export const inlineScript = `'sha256-${
  createHash("sha256").update(/<script type="importmap">(.*?)<\/script>/s.exec(index)![1]).digest("base64")
}'`;
