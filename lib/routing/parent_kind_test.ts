import assert from "node:assert/strict";
import { parentKindFault } from "./parent_kind.ts";

Deno.test("the kinds that a route attaches to", () => {
  const rows: [group: string | undefined, kind: string | undefined, fault: RegExp | undefined][] = [
    [undefined, undefined, undefined],
    [undefined, "Gateway", undefined],
    ["gateway.networking.k8s.io", "ListenerSet", undefined],
    ["gateway.networking.x-k8s.io", "XListenerSet", undefined],
    ["", "Service", undefined],
    ["gateway.example.com", "Anything", undefined],
    [undefined, "Gatway", /write Gateway or ListenerSet, or remove kind$/],
    [undefined, "gateway", /write Gateway/],
    [undefined, "Service", /write Gateway/],
    [undefined, "GatewayClass", /write Gateway/],
    ["", "Gateway", /write Service/],
    ["gateway", "Gateway", /no API group; remove group/],
  ];
  for (const [group, kind, fault] of rows) {
    const found = parentKindFault({ group, kind });
    if (fault === undefined) assert.equal(found, undefined, `${group} ${kind}`);
    else assert.match(found ?? "", fault, `${group} ${kind}`);
  }
});
