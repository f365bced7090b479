import assert from "node:assert/strict";
import { filesNamedIn, filesToRead, kubeconfigFiles } from "./kubeconfig_files.ts";

Deno.test("kubeconfigs are found as kubectl finds them", () => {
  assert.deepEqual(kubeconfigFiles({ KUBECONFIG: "/a:/b/c:", HOME: "/home/me" }), ["/a", "/b/c"]);
  assert.deepEqual(kubeconfigFiles({ KUBECONFIG: "", HOME: "/home/me" }), ["/home/me/.kube/config"]);
  assert.deepEqual(kubeconfigFiles({}), []);
});

Deno.test("the files that a kubeconfig names are those of its clusters and users", () => {
  const text = `
clusters:
- name: a
  cluster: {server: "https://a", certificate-authority: ca.crt}
users:
- name: a
  user: {client-certificate: /pki/me.crt, client-key: keys/me.key}
- name: b
  user: {tokenFile: ../token}
- name: c
  user: {token: not-a-file}
- name: d
`;
  assert.deepEqual(filesNamedIn(text, "/home/me/.kube/config"), [
    "/home/me/.kube/ca.crt",
    "/pki/me.crt",
    "/home/me/.kube/keys/me.key",
    "/home/me/token",
  ]);
  assert.deepEqual(filesNamedIn("", "/config"), []);
});

Deno.test("a kubeconfig that is missing or no YAML stays in the list", async () => {
  const broken = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(broken, "clusters: [");
    assert.deepEqual(await filesToRead([broken, "/no/such/file"]), [broken, "/no/such/file"]);
  } finally {
    await Deno.remove(broken);
  }
});
