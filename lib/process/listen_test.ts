import assert from "node:assert/strict";
import { ConfigurationError } from "../kube/access/access.ts";
import { listenAddress, listenOn } from "./listen.ts";

Deno.test("addresses as Go writes them", () => {
  const cases: [string, ReturnType<typeof listenAddress>][] = [
    ["0", undefined],
    ["", undefined],
    [":8081", { port: 8081 }],
    ["127.0.0.1:8081", { hostname: "127.0.0.1", port: 8081 }],
    ["localhost:80", { hostname: "localhost", port: 80 }],
    ["[::1]:8443", { hostname: "::1", port: 8443 }],
  ];
  for (const [text, address] of cases) assert.deepEqual(listenAddress(text), address, text);
  for (const wrong of ["8081", "::1:80", ":", ":x", ":70000", "a:b:1"]) {
    assert.throws(() => listenAddress(wrong), ConfigurationError, wrong);
  }
});

Deno.test("all addresses are those of IPv6, or of IPv4 where there is no IPv6", async () => {
  const tried: string[] = [];
  const got = await listenOn({ port: 1 }, ({ hostname }) => {
    tried.push(hostname);
    if (hostname === "::") throw new Error("Address family not supported by protocol (os error 97)");
    return hostname;
  });
  assert.equal(got, "0.0.0.0");
  assert.deepEqual(tried, ["::", "0.0.0.0"]);
});

Deno.test("a port that is taken is said so, and no other address tried", async () => {
  using taken = Deno.listen({ hostname: "::", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await assert.rejects(
    listenOn({ port }, (at) => Deno.listen(at)),
    (error: Error) =>
      error instanceof ConfigurationError && error.message.startsWith(`cannot listen on :${port}: `),
  );
});
