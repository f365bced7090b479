import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ClusterInfo,
  commandOf,
  type ExecConfig,
  execCredentials,
  type Surroundings,
} from "./exec_plugin.ts";
import { execCommandOf, kubeconfigAccess } from "./kubeconfig.ts";

const v1 = "client.authentication.k8s.io/v1";
const v1beta1 = "client.authentication.k8s.io/v1beta1";

/** A folder with a plugin: a shell script that says how it was called and prints the file `answer`. */
class PluginFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(script = ""): Promise<PluginFolder> {
    const folder = new PluginFolder(await Deno.makeTempDir({ prefix: "exec-plugin-test-" }));
    await folder.write(
      "plugin.sh",
      `#!/bin/sh
cd '${folder.path}'
echo "$*" >> calls
printf %s "$KUBERNETES_EXEC_INFO" > info
${script}
cat answer
`,
    );
    await Deno.chmod(folder.at("plugin.sh"), 0o755);
    return folder;
  }

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(this.at(name), text);
  }

  answer(status: unknown, apiVersion = v1): Promise<void> {
    return this.write("answer", JSON.stringify({ apiVersion, kind: "ExecCredential", status }));
  }

  async calls(): Promise<string[]> {
    return (await Deno.readTextFile(this.at("calls"))).trimEnd().split("\n");
  }

  /** What the plugin was told by `KUBERNETES_EXEC_INFO`. */
  async told(): Promise<unknown> {
    return JSON.parse(await Deno.readTextFile(this.at("info")));
  }

  /** The plugin, run by sh. */
  config(more: ExecConfig = {}): ExecConfig {
    const args = [this.at("plugin.sh"), "get", "token"];
    return { apiVersion: v1, command: "sh", args, interactiveMode: "Never", ...more };
  }

  /** Its credentials, with the clock and the standard error of a test. */
  source(more: ExecConfig = {}, surroundings: Partial<Surroundings> = {}) {
    return execCredentials(this.config(more), { name: "jane", file: this.at("config") }, () => {
      return Promise.resolve<ClusterInfo>({ server: "https://near:6443", config: { audience: "x" } });
    }, { now: Date.now, isTerminal: () => false, show: () => {}, patience: 60_000, ...surroundings });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("a token, kept until its end, fetched again after it and after a refusal", async () => {
  await using folder = await PluginFolder.make();
  let now = Date.parse("2030-01-01T00:00:00Z");
  const source = folder.source({}, { now: () => now });
  await folder.answer({ token: "one", expirationTimestamp: "2030-01-01T01:00:00Z" });
  const first = await source();
  assert.deepEqual(first, { bearerToken: "one" });
  assert.equal(await source(), first);
  assert.deepEqual(await folder.calls(), ["get token"]);

  await folder.answer({ token: "two", expirationTimestamp: "2030-01-01T02:00:00Z" });
  now = Date.parse("2030-01-01T00:59:29Z");
  assert.equal((await source()).bearerToken, "one");
  now = Date.parse("2030-01-01T00:59:30Z");
  assert.equal((await source()).bearerToken, "two", "30 s before the end");

  await folder.answer({ token: "three" });
  assert.equal((await source(true)).bearerToken, "three");
  assert.equal((await folder.calls()).length, 3);
});

Deno.test("a client certificate, also beside a token", async () => {
  await using folder = await PluginFolder.make();
  const source = folder.source({ apiVersion: v1beta1, interactiveMode: undefined });
  await folder.answer({ clientCertificateData: "CERT", clientKeyData: "KEY" }, v1beta1);
  assert.deepEqual(await source(), { clientCertificate: { cert: "CERT", key: "KEY" } });
  await folder.answer({ token: "t", clientCertificateData: "CERT", clientKeyData: "KEY" }, v1beta1);
  assert.deepEqual(await source(true), { bearerToken: "t", clientCertificate: { cert: "CERT", key: "KEY" } });
});

Deno.test("a plugin has its variables and ours, and is told what it may know", async () => {
  await using folder = await PluginFolder.make('echo "$PROFILE $HOME" > variables');
  await folder.answer({ token: "t" });
  await folder.source({ env: [{ name: "PROFILE", value: "dev" }] })();
  assert.equal(await Deno.readTextFile(folder.at("variables")), `dev ${Deno.env.get("HOME")}\n`);
  const told = { apiVersion: v1, kind: "ExecCredential" };
  assert.deepEqual(await folder.told(), { ...told, spec: { interactive: false } });

  await folder.source({ provideClusterInfo: true, env: null, args: [folder.at("plugin.sh")] })();
  const cluster = { server: "https://near:6443", config: { audience: "x" } };
  assert.deepEqual(await folder.told(), { ...told, spec: { cluster, interactive: false } });
});

Deno.test("questions are for a terminal: interactiveMode decides who gets it", async () => {
  await using folder = await PluginFolder.make();
  await folder.answer({ token: "t" });
  const interactive = async (interactiveMode: string, terminal: boolean) => {
    await folder.source({ interactiveMode }, { isTerminal: () => terminal })();
    return ((await folder.told()) as { spec: { interactive: boolean } }).spec.interactive;
  };
  assert.equal(await interactive("Never", true), false);
  assert.equal(await interactive("IfAvailable", true), true);
  assert.equal(await interactive("IfAvailable", false), false);
  assert.equal(await interactive("Always", true), true);
  await refused(
    () => interactive("Always", false),
    /asks questions \(interactiveMode: Always\).* no terminal$/,
  );
});

Deno.test("what a plugin says on standard error is shown as it is", async () => {
  await using folder = await PluginFolder.make("echo 'open https://login and type 1234' >&2");
  await folder.answer({ token: "t" });
  let shown = "";
  await folder.source({}, { show: (text) => void (shown += new TextDecoder().decode(text)) })();
  assert.equal(shown, "open https://login and type 1234\n");
});

Deno.test("a plugin that fails is quoted, in one line", async () => {
  await using folder = await PluginFolder.make(
    "echo 'no session' >&2; echo 'run: aws sso login' >&2; exit 3",
  );
  await refused(() => folder.source()(), /: exit code 3: no session; run: aws sso login$/);
  await using mute = await PluginFolder.make("exit 1");
  await refused(() => mute.source()(), /: exit code 1: it said nothing$/);
  await using killed = await PluginFolder.make("kill -9 $$");
  await refused(() => killed.source()(), /: SIGKILL: it said nothing$/);
});

Deno.test("a plugin that hangs is ended; with a terminal a person may take any time", async () => {
  await using folder = await PluginFolder.make("sleep 0.5; echo yes > awake");
  await folder.answer({ token: "t" });
  const hasty = { patience: 100 };
  await refused(() => folder.source({}, hasty)(), /: did not answer within 0.1 s$/);
  await assert.rejects(Deno.stat(folder.at("awake")), Deno.errors.NotFound, "it was ended");
  const patient = folder.source({ interactiveMode: "Always" }, { ...hasty, isTerminal: () => true });
  assert.deepEqual(await patient(), { bearerToken: "t" });
});

Deno.test("a child that a plugin leaves behind does not hold up its answer for ever", async () => {
  await using folder = await PluginFolder.make("sleep 60 & echo $! > child");
  await folder.answer({ token: "t" });
  try {
    assert.deepEqual(await folder.source()(), { bearerToken: "t" });
  } finally {
    Deno.kill(Number(await Deno.readTextFile(folder.at("child"))), "SIGKILL");
  }
});

Deno.test("a process that had no turn for long still reads what a plugin has printed", async () => {
  // A child prints once the plugin has ended and this process stands still: longer than output is waited for.
  await using folder = await PluginFolder.make(`
    (while kill -0 $$; do sleep 0.02; done; echo >&2; until [ -e stalled ]; do sleep 0.02; done; cat answer) &
    exit`);
  await folder.answer({ token: "late" });
  const show = () => {
    Deno.writeTextFileSync(folder.at("stalled"), "");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_200); // this thread stands still
  };
  assert.deepEqual(await folder.source({}, { show })(), { bearerToken: "late" });
});

Deno.test("a missing program: the hint of the kubeconfig, in one line", async () => {
  await using folder = await PluginFolder.make();
  const installHint = "Install it:\n  brew install no-such-plugin\n";
  await refused(
    () => folder.source({ command: "no-such-plugin", installHint })(),
    /exec plugin no-such-plugin: there is no such program\. Install it: brew install no-such-plugin$/,
  );
  await refused(
    () => folder.source({ command: "./no-such-plugin" })(),
    new RegExp(`exec plugin ${folder.at("no-such-plugin")}: there is no such program\\.$`),
  );
});

const credential = (more: object) => JSON.stringify({ apiVersion: v1, kind: "ExecCredential", ...more });
const badAnswers: [string, string, RegExp][] = [
  ["nothing", "", /printed nothing$/],
  ["no JSON", "secret", /printed no JSON \(6 characters\)$/],
  ["another kind", '{"kind":"Secret"}', /printed kind "Secret", not ExecCredential$/],
  ["JSON that is no object", "null", /printed kind undefined, not ExecCredential$/],
  [
    "another version",
    credential({ apiVersion: v1beta1 }),
    /printed apiVersion "client.authentication.k8s.io\/v1beta1", the kubeconfig has client.authentication.k8s.io\/v1$/,
  ],
  ["no status", credential({}), /printed a status without token or clientCertificateData$/],
  ["an empty token", credential({ status: { token: "" } }), /printed a status without token/],
  ["a token that is no string", credential({ status: { token: 5 } }), /key that is no string$/],
  [
    "a certificate without a key",
    credential({ status: { token: "secret", clientCertificateData: "C" } }),
    /printed a certificate without its key/,
  ],
  [
    "a time that is none",
    credential({ status: { token: "secret", expirationTimestamp: "soon" } }),
    /printed an expirationTimestamp that is no time: "soon"$/,
  ],
  [
    "what has ended",
    credential({ status: { token: "secret", expirationTimestamp: "2001-01-01T00:00:00Z" } }),
    /printed a credential that ended at 2001-01-01T00:00:00Z: log in again, or set the clock$/,
  ],
];

for (const [what, answer, message] of badAnswers) {
  Deno.test(`a plugin that prints ${what}: one line, without what may be secret`, async () => {
    await using folder = await PluginFolder.make();
    await folder.write("answer", answer);
    await refused(() => folder.source()(), message);
  });
}

const badEntries: [string, ExecConfig, RegExp][] = [
  ["no command", { command: undefined }, /exec.command is missing$/],
  [
    "a version that is gone",
    { apiVersion: "client.authentication.k8s.io/v1alpha1" },
    /exec.apiVersion is "client.authentication.k8s.io\/v1alpha1", supported are .*v1 and .*v1beta1: have the tool/,
  ],
  [
    "no interactiveMode in v1",
    { interactiveMode: undefined },
    /interactiveMode is undefined: one of Never, If/,
  ],
  ["a wrong interactiveMode", { interactiveMode: "Maybe" }, /interactiveMode is "Maybe": one of Never, If/],
  ["args that are no strings", { args: [5] }, /exec.args is not a list of strings$/],
  ["env that is no list", { env: { A: "b" } }, /exec.env is not a list of name and value$/],
  ["env without values", { env: [{ name: "A" }] }, /exec.env is not a list of name and value$/],
];

for (const [what, config, message] of badEntries) {
  Deno.test(`an entry with ${what} is refused before anything runs`, async () => {
    await using folder = await PluginFolder.make();
    await refused(() => Promise.resolve(folder.source(config)), message);
    await assert.rejects(folder.calls(), Deno.errors.NotFound);
  });
}

/** One line that begins with file and user. */
async function refused(act: () => Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(async () => await act(), (error: Error) => {
    assert.equal(error.name, "ConfigurationError");
    assert.match(error.message, /^\/.*\/config: user "jane": [^\n]+$/);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
}

Deno.test("a command with a slash counts from the kubeconfig's folder, a bare name is for PATH", () => {
  assert.equal(commandOf({ command: "aws" }, "/home/me/config"), "aws");
  assert.equal(commandOf({ command: "./bin/plugin" }, "/home/me/config"), "/home/me/bin/plugin");
  assert.equal(commandOf({ command: "../plugin" }, "/home/me/config"), "/home/plugin");
  assert.equal(commandOf({ command: "/usr/bin/plugin" }, "/home/me/config"), "/usr/bin/plugin");
  assert.equal(commandOf({}, "/home/me/config"), undefined);
});

/** A kubeconfig with one context for each of these users. */
function kubeconfigOf(users: Record<string, unknown>, cluster: Record<string, unknown> = {}): string {
  const names = Object.keys(users);
  return JSON.stringify({
    "current-context": names[0],
    contexts: names.map((name) => ({ name, context: { cluster: "near", user: name } })),
    clusters: [{ name: "near", cluster: { server: "https://near:6443", ...cluster } }],
    users: names.map((name) => ({ name, user: users[name] })),
  });
}

Deno.test("a kubeconfig's plugin: told of the cluster, joined with what files say", async () => {
  await using folder = await PluginFolder.make();
  const exec = folder.config({ command: "./plugin.sh", args: ["get"], provideClusterInfo: true });
  const extension = { audience: "near" };
  const cluster = {
    "certificate-authority": "ca.crt",
    extensions: [{ name: "other" }, { name: "client.authentication.k8s.io/exec", extension }],
  };
  await folder.write("ca.crt", "CA");
  await folder.write("config", kubeconfigOf({ jane: { exec, as: "paul" } }, cluster));
  await folder.answer({ token: "one" });
  const access = await kubeconfigAccess([folder.at("config")]);
  const credentials = await access.credentials();
  assert.deepEqual(credentials, {
    caCerts: ["CA"],
    clientCertificate: undefined,
    bearerToken: "one",
    headers: [["impersonate-user", "paul"]],
  });
  assert.equal(await access.credentials(), credentials, "the same object while nothing changed");
  const info = { server: "https://near:6443", "certificate-authority-data": btoa("CA"), config: extension };
  assert.deepEqual(await folder.told(), {
    apiVersion: v1,
    kind: "ExecCredential",
    spec: { cluster: info, interactive: false },
  });
  await folder.answer({ token: "two" });
  assert.equal((await access.credentials(true)).bearerToken, "two");
  assert.deepEqual(await folder.calls(), ["get", "get"]);
});

Deno.test("a user's own token, password or certificate wins: the plugin is not run", async () => {
  await using folder = await PluginFolder.make();
  const exec = folder.config({ command: "./plugin.sh" });
  const users = {
    token: { exec, token: "own" },
    file: { exec, tokenFile: "token" },
    password: { exec, username: "joe", password: "pass" },
    certificate: { exec, "client-certificate-data": btoa("CERT"), "client-key-data": btoa("KEY") },
    none: { exec },
    incomplete: { exec: {} },
  };
  await folder.write("token", "own");
  await folder.write("config", kubeconfigOf(users));
  const files = [folder.at("config")];
  for (const context of ["token", "file", "password", "certificate"]) {
    assert.equal(await execCommandOf(files, context), undefined);
    await kubeconfigAccess(files, context);
  }
  await assert.rejects(folder.calls(), Deno.errors.NotFound, "it never ran");
  assert.equal(await execCommandOf(files, "none"), folder.at("plugin.sh"));
  assert.equal(await execCommandOf(files, "incomplete"), undefined);
  await assert.rejects(execCommandOf(files, "nobody"), { name: "ConfigurationError", message: /"nobody"/ });
});

/** The bearer token that a process of its own gets by this kubeconfig, or what went wrong. */
async function tokenInProcess(kubeconfig: string, ...permissions: string[]): Promise<string> {
  const module = JSON.stringify(new URL("./kubeconfig.ts", import.meta.url));
  const script = `import { kubeconfigAccess } from ${module};
    kubeconfigAccess([${JSON.stringify(kubeconfig)}]).then((access) => access.credentials()).then(
      (credentials) => console.log(credentials.bearerToken), (error) => console.log(error.message));`;
  const file = `${kubeconfig}.ts`;
  await Deno.writeTextFile(file, script);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      `--config=${fileURLToPath(new URL("../../../deno.json", import.meta.url))}`,
      `--allow-read=${kubeconfig}`,
      "--allow-env=LOG_STREAM,LOG_TOKENS",
      ...permissions,
      file,
    ],
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
}

Deno.test("running needs --allow-run of just that program; without it one line says who may", async () => {
  await using folder = await PluginFolder.make();
  const exec = folder.config({ command: "./plugin.sh" });
  const file = folder.at("config");
  await folder.write("config", kubeconfigOf({ jane: { exec } }));
  await folder.answer({ token: "one" });
  assert.equal(await tokenInProcess(file, `--allow-run=${await execCommandOf([file])}`), "one");
  for (const permissions of [[], ["--allow-run=cat"]]) {
    const said = await tokenInProcess(file, ...permissions);
    const words =
      `${file}: user "jane": exec plugin ${folder.at("plugin.sh")}: may not be run by this process: ` +
      "only `deno task dev` runs plugins of a kubeconfig; ";
    assert.equal(said.slice(0, words.length), words);
    assert.ok(!said.includes("\n"));
  }
  assert.equal((await folder.calls()).length, 1);
});

Deno.test("the operator loads none of this unless a user has it", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", fileURLToPath(new URL("../../../mod.ts", import.meta.url))],
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: {
      specifier: string;
      dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
    }[];
  };
  const ours = /\/lib\/kube\/access\/(exec_plugin|auth_provider|expiring)\.ts$/;
  const arrows = modules.filter(({ specifier }) => !ours.test(specifier)).flatMap((
    { specifier, dependencies },
  ) =>
    (dependencies ?? []).filter(({ code }) => code && ours.test(code.specifier)).map((dependency) => {
      return [
        specifier.split("/").at(-1),
        dependency.code!.specifier.split("/").at(-1),
        dependency.isDynamic,
      ];
    })
  );
  assert.deepEqual(arrows.sort(), [
    ["kubeconfig.ts", "auth_provider.ts", true],
    ["kubeconfig.ts", "exec_plugin.ts", true],
  ]);
});
