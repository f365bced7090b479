/** What the environment says about proxies and authorities, with a process of its own. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ConnectProxy } from "../kube/connect_proxy.ts";
import { startRegistry } from "./registry.ts";

const program = fileURLToPath(new URL("inspect_program.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What the program prints, run with the permissions that the operator has for this. */
async function inspect(image: string, env: Record<string, string>): Promise<string> {
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const permissions = ["--no-prompt", "--allow-net", `--allow-env=${proxies.join(",")}`];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--config", config, ...permissions, program, image],
    env,
  }).output();
  return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
}

Deno.test("HTTPS_PROXY leads to the registry, DENO_CERT or SSL_CERT_FILE make its authority trusted", async () => {
  const name = "registry.example.org";
  await using registry = await startRegistry({ tls: { hosts: [name, "localhost"] } });
  await registry.push("org/small:1", { a: "b" });
  using proxy = new ConnectProxy(new URL(registry.url.replace("localhost", "127.0.0.1")));
  const file = await Deno.makeTempFile({ suffix: ".crt" });
  try {
    await Deno.writeTextFile(file, registry.authority!);
    const image = `${name}/org/small:1`;
    const proxied = { HTTPS_PROXY: proxy.url };
    assert.equal(await inspect(image, { ...proxied, DENO_CERT: file }), '{"a":"b"}');
    assert.equal(
      await inspect(image, { ...proxied, SSL_CERT_FILE: file, DENO_TLS_CA_STORE: "system" }),
      '{"a":"b"}',
    );
    assert.equal(await inspect(image, proxied), "CertificateInvalid");
    assert.deepEqual([...new Set(proxy.asked)], [`${name}:443`]);
    const asked = proxy.asked.length;
    assert.equal(await inspect(`${registry.host}/org/small:1`, { ...proxied, DENO_CERT: file }), '{"a":"b"}');
    assert.equal(proxy.asked.length, asked, "loopback is reached without a proxy");
  } finally {
    await Deno.remove(file);
  }
});
