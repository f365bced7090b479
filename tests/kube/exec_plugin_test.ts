/** A kubeconfig whose user is an exec plugin, against a real API server; kubectl says what is right. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { execCommandOf, kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { denoFlagsWith } from "../../lib/process/permissions.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";

let plane: ControlPlane;
let folder: string;
/** The kubeconfig; its plugin prints the file `token` beside it and writes a line to the file `calls`. */
let file: string;

const expected = "system:serviceaccount:default:robot";

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: false });
  await plane.request("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "robot" } });
  file = await plane.kubeconfigFor("default", "robot");
  folder = dirname(file);
  const config = parse(await Deno.readTextFile(file));
  await Deno.writeTextFile(join(folder, "good-token"), config.users[0].user.token);
  await Deno.writeTextFile(
    join(folder, "plugin.sh"),
    `#!/bin/sh
cd "$(dirname "$0")"
echo "$1" >> calls
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat token)"
`,
  );
  await Deno.chmod(join(folder, "plugin.sh"), 0o755);
  const apiVersion = "client.authentication.k8s.io/v1";
  const exec = { apiVersion, command: "./plugin.sh", args: ["login"], interactiveMode: "IfAvailable" };
  config.users[0].user = { exec };
  file = join(folder, "exec.kubeconfig");
  await Deno.writeTextFile(file, JSON.stringify(config));
});

Deno.test.afterAll(() => plane.stop());

/** From now on the plugin prints this token. */
async function prints(token: string): Promise<void> {
  await Deno.writeTextFile(join(folder, "token"), token);
  await Deno.writeTextFile(join(folder, "calls"), "");
}

const goodToken = () => Deno.readTextFile(join(folder, "good-token"));
const calls = () => Deno.readTextFile(join(folder, "calls"));

/** Who the API server takes us for. */
async function whoAmI(client: Transport): Promise<string> {
  const answer = await client.performRequest({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    bodyJson: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    expectJson: true,
  }) as { status: { userInfo: { username: string } } };
  return answer.status.userInfo.username;
}

Deno.test("the plugin's token is shown, to us as to kubectl", async () => {
  await prints(await goodToken());
  const said = await plane.kubectl(["auth", "whoami", "-o=jsonpath={.status.userInfo.username}"], "", file);
  assert.equal(said.stdout, expected, said.stderr);
  await prints(await goodToken());
  const client = new HttpTransport(await kubeconfigAccess([file]));
  assert.equal(await whoAmI(client), expected);
  assert.equal(await whoAmI(client), expected);
  assert.equal(await calls(), "login\n", "one run for all requests");
  client.close();
});

Deno.test("a token that the API server refuses makes the plugin run again, and the request once more", async () => {
  await prints("nonsense");
  const codes: string[] = [];
  const client = new HttpTransport(await kubeconfigAccess([file]), {
    onRequest: ({ code }) => codes.push(code),
  });
  await Deno.writeTextFile(join(folder, "token"), await goodToken());
  assert.equal(await whoAmI(client), expected);
  assert.deepEqual(codes, ["401", "201"]);
  assert.equal(await calls(), "login\nlogin\n");
  client.close();
});

Deno.test("the operator's permissions do not do, with the plugin's command added they do", async () => {
  await prints(await goodToken());
  const command = await execCommandOf([file]);
  assert.equal(command, join(folder, "plugin.sh"));
  const operator = async (...permissions: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        ...denoFlagsWith({ read: [file] }),
        ...permissions,
        fileURLToPath(new URL("../../mod.ts", import.meta.url)),
        `--kubeconfig=${file}`,
        "--health-probe-bind-address=0",
        "--metrics-bind-address=0",
      ],
      stdin: "null",
    }).output();
    assert.equal(code, 1);
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  };
  assert.match(
    await operator(),
    /user \\"[^"]+\\": exec plugin \S+\/plugin\.sh: may not be run by this process: only `deno task dev` runs/,
  );
  assert.equal(await calls(), "");
  // As far as one gets without CRDs: the API server was asked, and knew who asked.
  assert.match(
    await operator(`--allow-run=${command}`),
    /the cluster has no \w+\.aim\.eai\.amd\.com: install the CRDs/,
  );
  assert.equal(await calls(), "login\n");
});
