import assert from "node:assert/strict";
import { admission, cookieName, cookieOf, newToken } from "./guard.ts";

const settings = { port: 4000, token: newToken() };
const host = "127.0.0.1:4000";
const cookie = `other=1; ${cookieName(settings)}=${settings.token}`;

function verdictOf(headers: Record<string, string>, path = "/", method = "GET"): string {
  const url = new URL(path, `http://${host}`);
  const found = admission({ method, url, header: (name) => headers[name] }, settings);
  return found.verdict === "refuse" ? `${found.status} ${found.why}` : found.verdict;
}

const cases: readonly (readonly [what: string, verdict: string, ...Parameters<typeof verdictOf>])[] = [
  ["the page itself", "pass", { host, cookie }],
  ["the same by the name localhost", "pass", { host: "localhost:4000", cookie }],
  [
    "its events",
    "pass",
    { host, cookie, origin: `http://${host}`, "sec-fetch-site": "same-origin" },
    "/events",
  ],
  ["the address that was printed", "signIn", { host }, `/?token=${settings.token}`],
  ["that address in a chat", "signIn", { host, "sec-fetch-site": "cross-site" }, `/?token=${settings.token}`],
  ["nobody's cookie", "401 no token", { host }],
  ["a cookie with another token", "401 no token", { host, cookie: `${cookieName(settings)}=${newToken()}` }],
  ["a cookie of another port", "401 no token", { host, cookie: `aim-dashboard-4001=${settings.token}` }],
  ["an address with another token", "401 another token", { host, cookie }, `/?token=${newToken()}`],
  ["a token for what is no page", "401 another token", { host }, `/events?token=${settings.token}`],
  ["a name that points to loopback", "400 another host", { host: "evil.example:4000", cookie }],
  ["another port", "400 another host", { host: "127.0.0.1:4001", cookie }],
  ["no host", "400 another host", { cookie }],
  ["a page from elsewhere", "403 another origin", { host, cookie, origin: "http://evil.example" }],
  ["a page of nowhere", "403 another origin", { host, cookie, origin: "null" }],
  ["one of another port", "403 another origin", { host, cookie, origin: "http://127.0.0.1:4001" }],
  ["a picture on another site", "403 another site", { host, cookie, "sec-fetch-site": "cross-site" }],
  ["a page of another port", "403 another site", { host, cookie, "sec-fetch-site": "same-site" }],
  ["what would write", "405 it only reads", { host, cookie }, "/", "POST"],
];
for (const [what, verdict, ...asked] of cases) {
  Deno.test(`the page's server and ${what}: ${verdict}`, () => assert.equal(verdictOf(...asked), verdict));
}

Deno.test("the cookie is out of reach of scripts and of other sites, and a token has 256 bits", () => {
  assert.match(cookieOf(settings), /; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.match(settings.token, /^[\w-]{43}$/);
  assert.notEqual(newToken(), newToken());
});
