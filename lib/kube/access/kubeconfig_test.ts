import assert from "node:assert/strict";
import { join } from "node:path";
import { detectAccess } from "./detect_access.ts";
import { kubeconfigAccess } from "./kubeconfig.ts";

/** Runs `use` with a folder of these files. */
async function withFiles(
  files: Record<string, string>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kubeconfig-test-" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const full = `
apiVersion: v1
kind: Config
current-context: dev
contexts:
- {name: dev, context: {cluster: near, user: token, namespace: team}}
- {name: prod, context: {cluster: far, user: certificate}}
- {name: files, context: {cluster: fileca, user: files}}
- {name: basic, context: {cluster: near, user: basic}}
clusters:
- {name: near, cluster: {server: "https://near:6443"}}
- name: far
  cluster:
    server: https://far/k8s/clusters/c-1/
    certificate-authority-data: ${btoa("CA")}
    proxy-url: http://proxy:3128
    disable-compression: true
- {name: fileca, cluster: {server: "https://127.0.0.1:6443", certificate-authority: ca.crt}}
users:
- {name: token, user: {token: secret}}
- {name: certificate, user: {client-certificate-data: ${btoa("CERT")}, client-key-data: ${btoa("KEY")}}}
- {name: files, user: {client-certificate: me.crt, client-key: me.key, tokenFile: token}}
- {name: basic, user: {username: joe, password: pass}}
`;

Deno.test("the current context, and others by name", async () => {
  await withFiles({ config: full }, async (folder) => {
    const file = join(folder, "config");
    const dev = await kubeconfigAccess([file]);
    assert.equal(dev.server.href, "https://near:6443/");
    assert.equal(dev.defaultNamespace, "team");
    assert.equal(dev.compression, true);
    assert.equal(dev.origin, `${file} (context dev)`);
    assert.equal((await dev.credentials()).bearerToken, "secret");

    const prod = await kubeconfigAccess([file], "prod");
    assert.equal(prod.server.href, "https://far/k8s/clusters/c-1");
    assert.equal(prod.proxyUrl, "http://proxy:3128");
    assert.equal(prod.compression, false);
    assert.equal(prod.defaultNamespace, undefined);
    const { caCerts, clientCertificate } = await prod.credentials();
    assert.deepEqual([caCerts, clientCertificate], [["CA"], { cert: "CERT", key: "KEY" }]);

    const basic = await kubeconfigAccess([file], "basic");
    assert.deepEqual((await basic.credentials()).headers, [["authorization", `Basic ${btoa("joe:pass")}`]]);
  });
});

Deno.test("files count from the kubeconfig's folder; they are read again when asked for fresh credentials", async () => {
  const files = { config: full, "ca.crt": "CA", "me.crt": "CERT", "me.key": "KEY", token: "old\n" };
  await withFiles(files, async (folder) => {
    const access = await kubeconfigAccess([join(folder, "config")], "files");
    const first = await access.credentials();
    assert.deepEqual(first.caCerts, ["CA"]);
    assert.deepEqual(first.clientCertificate, { cert: "CERT", key: "KEY" });
    assert.equal(first.bearerToken, "old");
    assert.equal(await access.credentials(true), first, "the same object while nothing changed");
    await Deno.writeTextFile(join(folder, "token"), "new");
    assert.equal(await access.credentials(), first, "not read for each request");
    assert.equal((await access.credentials(true)).bearerToken, "new");
    await Deno.remove(join(folder, "token"));
    assert.equal((await access.credentials(true)).bearerToken, "new", "a rotation half done changes nothing");
  });
});

Deno.test("of several files the first that says something wins; missing ones are left out", async () => {
  const second = full.replace("https://near:6443", "https://second:1").replace("current-context: dev", "");
  const only = `contexts: [{name: dev, context: {cluster: near, user: token}}]\ncurrent-context: dev`;
  await withFiles({ config: full, second, only }, async (folder) => {
    const at = (name: string) => join(folder, name);
    assert.equal(
      (await kubeconfigAccess([at("missing"), at("config"), at("second")])).server.host,
      "near:6443",
    );
    const merged = await kubeconfigAccess([at("only"), at("second")]);
    assert.equal(merged.server.host, "second:1");
    assert.equal(merged.defaultNamespace, undefined, "entries are taken whole");
  });
});

const broken: [string, string, RegExp][] = [
  [
    "insecure-skip-tls-verify",
    full.replace('{server: "https://near:6443"}', '{server: "https://near", insecure-skip-tls-verify: true}'),
    /config: insecure-skip-tls-verify: true cannot be honoured; give the cluster's CA/,
  ],
  [
    "tls-server-name",
    full.replace('{server: "https://near:6443"}', '{server: "https://near", tls-server-name: x}'),
    /config: tls-server-name cannot be honoured; set server to/,
  ],
  [
    "an exec plugin of no known version",
    full.replace("{token: secret}", "{exec: {command: aws}}"),
    /config: user "token": exec.apiVersion is undefined, supported are /,
  ],
  [
    "an auth provider that is gone",
    full.replace("{token: secret}", "{auth-provider: {name: gcp}}"),
    /config: user "token": auth-provider gcp: cannot be honoured, as in kubectl; use the exec plugin/,
  ],
  [
    "an oidc provider whose CA does not exist",
    full.replace(
      "{token: secret}",
      "{auth-provider: {name: oidc, config: {idp-certificate-authority: idp.crt}}}",
    ),
    /config: idp-certificate-authority: .*idp.crt does not exist/,
  ],
  [
    "both",
    full.replace("{token: secret}", "{exec: {command: aws}, auth-provider: {name: oidc}}"),
    /config: exec beside auth-provider of one user cannot be honoured; remove the one that is not meant/,
  ],
  [
    "no current context",
    full.replace("current-context: dev", ""),
    /config: no current-context; choose one by: kubectl config use-context/,
  ],
  [
    "a context that is not there",
    full.replace("current-context: dev", "current-context: nope"),
    /contexts has no entry named "nope"/,
  ],
  [
    "a cluster that is not there",
    full.replace("cluster: near, user: token", "cluster: nope, user: token"),
    /clusters has no entry named "nope"/,
  ],
  [
    "a user that is not there",
    full.replace("user: token,", "user: nope,"),
    /users has no entry named "nope"/,
  ],
  [
    "a server that is no URL",
    full.replace("https://near:6443", "near"),
    /clusters\[\].cluster.server is not a URL: "near"/,
  ],
  ["no YAML", "a: [", /config: not YAML: /],
  ["no mapping", "- a", /config: not a kubeconfig/],
  ["an empty file", "", /config: no current-context/],
  [
    "clusters that are no list",
    full.replace(/clusters:\n[^]*users:/, "clusters: 5\nusers:"),
    /clusters is not a list/,
  ],
];

for (const [what, text, message] of broken) {
  Deno.test(`a kubeconfig with ${what} stops with one line that names file and remedy`, async () => {
    await withFiles({ config: text }, async (folder) => {
      await assert.rejects(kubeconfigAccess([join(folder, "config")]), (error: Error) => {
        assert.equal(error.name, "ConfigurationError");
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    });
  });
}

const badCredentials: [string, string, string, RegExp][] = [
  [
    "a CA that is not base64",
    "prod",
    full.replace(btoa("CA"), "a?b"),
    /config: certificate-authority-data is not base64/,
  ],
  ["a certificate without a key", "prod", full.replace(/, client-key-data: \w+=*/, ""), /only work together/],
  ["a file that does not exist", "files", full, /config: certificate-authority: .*ca.crt does not exist/],
];

for (const [what, context, text, message] of badCredentials) {
  Deno.test(`credentials with ${what} say so at the start`, async () => {
    await withFiles({ config: text }, async (folder) => {
      await assert.rejects(kubeconfigAccess([join(folder, "config")], context), {
        name: "ConfigurationError",
        message,
      });
    });
  });
}

Deno.test("the flag goes before KUBECONFIG, that before the pod's account, that before the home folder", async () => {
  const named = (server: string) => full.replace("near:6443", server);
  const files = { flag: named("flag"), env: named("env"), config: named("home") };
  await withFiles(files, async (folder) => {
    await Deno.mkdir(join(folder, ".kube"));
    await Deno.rename(join(folder, "config"), join(folder, ".kube", "config"));
    const before = ["KUBECONFIG", "HOME", "KUBERNETES_SERVICE_HOST"].map((name) =>
      [name, Deno.env.get(name)] as const
    );
    try {
      Deno.env.delete("KUBERNETES_SERVICE_HOST");
      Deno.env.set("HOME", folder);
      Deno.env.set("KUBECONFIG", `${join(folder, "missing")}:${join(folder, "env")}`);
      assert.equal((await detectAccess(join(folder, "flag"))).server.host, "flag");
      assert.equal((await detectAccess()).server.host, "env");
      Deno.env.delete("KUBECONFIG");
      assert.equal((await detectAccess()).server.host, "home");
      Deno.env.set("KUBERNETES_SERVICE_HOST", "10.0.0.1");
      Deno.env.set("KUBERNETES_SERVICE_PORT", "443");
      await assert.rejects(detectAccess(), { name: "ConfigurationError", message: /^in-cluster access: / });
    } finally {
      for (const [name, value] of before) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
      Deno.env.delete("KUBERNETES_SERVICE_PORT");
    }
  });
});
