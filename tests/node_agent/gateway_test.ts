import assert from "node:assert/strict";
import { rewritten, ruleFor } from "./gateway.ts";

const route = (prefix: string, replacePrefixMatch?: string) => ({
  metadata: { namespace: "ml" },
  spec: {
    rules: [{
      matches: [{ path: { type: "PathPrefix", value: prefix } }],
      filters: replacePrefixMatch === undefined ? [] : [{ urlRewrite: { path: { replacePrefixMatch } } }],
      backendRefs: [{ name: prefix }],
    }],
  },
});

Deno.test("a request goes to the longest prefix that matches whole segments, and is rewritten", () => {
  const routes = [route("/ml/chat", "/"), route("/ml/chat/v2", "/api"), route("/plain")];
  const rows: [string, string | undefined, string | undefined][] = [
    ["/ml/chat/v1/models", "/ml/chat", "/v1/models"],
    ["/ml/chat", "/ml/chat", "/"],
    ["/ml/chat/", "/ml/chat", "/"],
    ["/ml/chatter", undefined, undefined],
    ["/ml/chat/v2/x", "/ml/chat/v2", "/api/x"],
    ["/plain/x", "/plain", "/plain/x"],
    ["/", undefined, undefined],
  ];
  for (const [path, prefix, to] of rows) {
    const found = ruleFor(path, routes);
    assert.equal(found?.prefix, prefix, path);
    assert.equal(found && rewritten(path, found), to, path);
  }
});
