/** The page's server: the page, and a stream of what it shows. It listens on loopback and only reads. */

import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { assets, inlineScript } from "./assets.ts";
import { type Board, boardOf, type BoardSources, type Detail, detailOf } from "./board.ts";
import { admission, cookieOf, type GuardSettings } from "./guard.ts";

/** The cluster as it is, and word of each change. */
export interface Live extends BoardSources {
  changes(until: AbortSignal): AsyncGenerator<void, void, void>;
}

/** Milliseconds without a word after which a word is said, so that a browser knows a dead connection. */
const silence = 15_000;

const headers = {
  "Content-Security-Policy":
    `default-src 'none'; script-src 'self' ${inlineScript}; style-src 'self'; connect-src 'self'; img-src 'self'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/**
 * @param settings whom it lets in
 * @param stop ends the streams
 */
export function pageApp(live: Live, settings: GuardSettings, stop: AbortSignal): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const { req } = context;
    const asked = { method: req.method, url: new URL(req.url), header: (name: string) => req.header(name) };
    const found = admission(asked, settings);
    if (found.verdict === "pass") await next();
    else if (found.verdict === "signIn") {
      context.res = new Response(null, {
        status: 303,
        headers: { Location: "/", "Set-Cookie": cookieOf(settings) },
      });
    } else {
      const help = found.status === 401 ? ": open the address that kubectl aim dashboard has printed" : "";
      context.res = context.text(`${found.why}${help}\n`, found.status);
    }
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  });
  for (const [path, { type, body }] of Object.entries(assets)) {
    app.get(path, (context) => context.body(body, 200, { "Content-Type": `${type}; charset=utf-8` }));
  }
  app.get("/events", (context) => {
    const [namespace, name] = (context.req.query("service") ?? "").split("/");
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const say = onceChanged((event, data) => stream.writeSSE({ event, data }));
      const timer = setInterval(() => stream.write(":\n\n"), silence);
      try {
        for await (const _ of live.changes(AbortSignal.any([gone.signal, stop]))) {
          await say("board", boardOf(live));
          if (name !== undefined) await say("service", detailOf(live, namespace, name));
        }
      } finally {
        clearInterval(timer);
      }
    });
  });
  return app;
}

/** Says what differs from what was said before under that name. */
function onceChanged(say: (event: string, data: string) => Promise<void>) {
  const before = new Map<string, string>();
  return async (event: "board" | "service", data: Board | Detail) => {
    const text = JSON.stringify(data);
    if (before.get(event) === text) return;
    before.set(event, text);
    await say(event, text);
  };
}
