/**
 * Exec plugins of a kubeconfig: a program prints the user's credentials (client.authentication.k8s.io/v1 and
 * v1beta1). Loaded only for a user that has one; it needs `--allow-run` of that one program.
 */

import { dirname, resolve } from "node:path";
import { ConfigurationError } from "./access.ts";
import { deadline, delay } from "../backoff.ts";
import { type CredentialSource, type Obtained, untilExpiry } from "./expiring.ts";

/** `users[].user.exec` of a kubeconfig, before it was looked at. */
export interface ExecConfig {
  apiVersion?: unknown;
  command?: unknown;
  args?: unknown;
  env?: unknown;
  installHint?: unknown;
  interactiveMode?: unknown;
  provideClusterInfo?: unknown;
}

/** Whose plugin it is: errors name both. */
export interface PluginUser {
  readonly name: string;
  /** The kubeconfig; a relative command counts from its folder. */
  readonly file: string;
}

/** `spec.cluster` of what a plugin is told, in the fields of a kubeconfig's cluster. */
export interface ClusterInfo {
  readonly server: string;
  readonly "certificate-authority-data"?: string;
  readonly "proxy-url"?: string;
  readonly "disable-compression"?: boolean;
  /** The cluster's extension `client.authentication.k8s.io/exec`. */
  readonly config?: unknown;
}

/** What of the process around it a plugin depends on. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether somebody can answer a plugin's questions on standard input. */
  isTerminal(): boolean;
  /** Shows what a plugin says on standard error, e.g. where to log in. */
  show(text: Uint8Array): void;
  /** A plugin that cannot ask anybody has to answer within this time, in milliseconds. */
  readonly patience: number;
}

const thisProcess: Surroundings = {
  now: Date.now,
  isTerminal: () => Deno.stdin.isTerminal(),
  show: (text) => void Deno.stderr.writeSync(text),
  patience: 300_000,
};

const apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
const interactiveModes = ["Never", "IfAvailable", "Always"];

/**
 * Output that is still in the pipe when a plugin ends is read so long; a child it leaves may keep it open. It is waited
 * for in so many turns: a process that stands still meanwhile, on a busy machine, still gets to what is there.
 */
const longestDrain = { turns: 20, milliseconds: 100 };

/** More than this many characters of output are not kept. */
const longestOutput = 1 << 20;

interface Plugin extends PluginUser {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string;
  readonly interactiveMode: string;
}

/**
 * The credentials that a plugin prints: kept until shortly before their `expirationTimestamp`, then, or when
 * they were refused, the plugin runs again.
 *
 * @param cluster What the plugin may know of the cluster; asked only with `provideClusterInfo`.
 * @throws ConfigurationError for an entry that cannot be used. The source it returns throws one, in one line
 * with file, user, command and remedy, when the plugin is missing, may not be run, fails or prints nonsense.
 */
export function execCredentials(
  config: ExecConfig,
  user: PluginUser,
  cluster: () => Promise<ClusterInfo>,
  surroundings: Surroundings = thisProcess,
): CredentialSource {
  const plugin = readPlugin(config, user);
  return untilExpiry(async () => {
    const told = config.provideClusterInfo ? await cluster() : undefined;
    return readCredential(plugin, await run(plugin, told, surroundings), surroundings.now());
  }, surroundings.now);
}

/** The program that a plugin is, as kubectl finds it: a bare name by PATH, a path from the kubeconfig's folder. */
export function commandOf({ command }: ExecConfig, file: string): string | undefined {
  if (typeof command !== "string" || command === "") return undefined;
  return command.includes("/") ? resolve(dirname(file), command) : command;
}

function readPlugin(config: ExecConfig, user: PluginUser): Plugin {
  const { apiVersion, args, env, installHint, interactiveMode } = config;
  const refuse = (what: string) => failure(user, `exec.${what}`);
  const command = commandOf(config, user.file);
  if (command === undefined) throw refuse("command is missing");
  if (!apiVersions.includes(apiVersion as string)) {
    throw refuse(
      `apiVersion is ${JSON.stringify(apiVersion)}, supported are ${apiVersions.join(" and ")}: ` +
        "have the tool that wrote this entry write it anew, in its present version",
    );
  }
  // Only the older version has a default.
  const mode = interactiveMode ?? (apiVersion === apiVersions[0] ? undefined : "IfAvailable");
  if (!interactiveModes.includes(mode as string)) {
    throw refuse(`interactiveMode is ${JSON.stringify(mode)}: one of ${interactiveModes.join(", ")}`);
  }
  if (args != null && !(Array.isArray(args) && args.every((arg) => typeof arg === "string"))) {
    throw refuse("args is not a list of strings");
  }
  const variables: { name?: unknown; value?: unknown }[] = Array.isArray(env) ? env : [];
  if (
    env != null && !Array.isArray(env) ||
    variables.some((each) => !each?.name || typeof each.name !== "string" || typeof each.value !== "string")
  ) throw refuse("env is not a list of name and value");
  return {
    ...user,
    command,
    apiVersion: apiVersion as string,
    args: args as string[] ?? [],
    env: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    installHint: typeof installHint === "string" ? installHint : "",
    interactiveMode: mode as string,
  };
}

/** Runs the plugin; returns what it prints. */
async function run(
  plugin: Plugin,
  cluster: ClusterInfo | undefined,
  { isTerminal, show, patience }: Surroundings,
): Promise<string> {
  await requirePermission(plugin);
  const interactive = plugin.interactiveMode !== "Never" && isTerminal();
  if (plugin.interactiveMode === "Always" && !interactive) {
    throw pluginFailure(
      plugin,
      "asks questions (interactiveMode: Always), and standard input is no terminal",
    );
  }
  const spec = { cluster, interactive };
  const told = JSON.stringify({ apiVersion: plugin.apiVersion, kind: "ExecCredential", spec });
  const limit = interactive ? undefined : deadline(patience);
  try {
    const child = spawn(plugin, told, interactive, limit?.signal);
    const [output, complaint] = [new Output(child.stdout), new Output(child.stderr, show)];
    const { success, code, signal } = await child.status;
    await drain(output, complaint);
    if (limit?.signal.aborted) {
      throw pluginFailure(plugin, `did not answer within ${patience / 1000} s`);
    }
    if (!success) {
      throw pluginFailure(plugin, `${signal ?? `exit code ${code}`}: ${lastWords(complaint.text)}`);
    }
    return output.text;
  } finally {
    limit?.done();
  }
}

async function requirePermission(plugin: Plugin): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "run", command: plugin.command });
  if (state === "granted") return;
  throw pluginFailure(
    plugin,
    "may not be run by this process: only `deno task dev` runs plugins of a kubeconfig; elsewhere use a token, " +
      "e.g. from: kubectl create token <service account>",
  );
}

function spawn(
  plugin: Plugin,
  told: string,
  interactive: boolean,
  signal: AbortSignal | undefined,
): Deno.ChildProcess {
  try {
    return new Deno.Command(plugin.command, {
      args: [...plugin.args],
      env: { ...plugin.env, KUBERNETES_EXEC_INFO: told },
      stdin: interactive ? "inherit" : "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw pluginFailure(plugin, `there is no such program. ${plugin.installHint}`);
    }
    throw pluginFailure(plugin, `cannot be run: ${(error as Error).message}`);
  }
}

/** What comes from a stream, as it comes. */
class Output {
  text = "";
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>, show?: (text: Uint8Array) => void) {
    this.#reader = stream.getReader();
    this.ended = this.#read(show);
  }

  async #read(show?: (text: Uint8Array) => void): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      show?.(value);
      this.text = (this.text + decoder.decode(value, { stream: true })).slice(-longestOutput);
    }
  }

  stop(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function drain(...outputs: Output[]): Promise<void> {
  const enough = new AbortController();
  const ended = Promise.all(outputs.map(({ ended }) => ended));
  const waited = async () => {
    for (let turn = 0; turn < longestDrain.turns; turn++) {
      await delay(longestDrain.milliseconds, enough.signal);
    }
  };
  await Promise.race([ended, waited().catch(() => {})]);
  enough.abort();
  for (const output of outputs) await output.stop();
  await ended;
}

/** The end of what a failed plugin said, in one line. */
function lastWords(text: string): string {
  const words = text.trim().split(/\s*\n\s*/).join("; ");
  if (words === "") return "it said nothing";
  return words.length > 500 ? `…${words.slice(-500)}` : words;
}

/** Never quotes the output: it may be a secret. */
function readCredential(plugin: Plugin, output: string, now: number): Obtained {
  const printed = (what: string) => pluginFailure(plugin, `printed ${what}`);
  // deno-lint-ignore no-explicit-any
  let answer: any;
  try {
    answer = JSON.parse(output);
  } catch {
    throw printed(output.trim() === "" ? "nothing" : `no JSON (${output.length} characters)`);
  }
  if (answer?.kind !== "ExecCredential") {
    throw printed(`kind ${JSON.stringify(answer?.kind)}, not ExecCredential`);
  }
  if (answer.apiVersion !== plugin.apiVersion) {
    throw printed(`apiVersion ${JSON.stringify(answer.apiVersion)}, the kubeconfig has ${plugin.apiVersion}`);
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = answer.status ?? {};
  for (const value of [token, cert, key]) {
    if (value != null && typeof value !== "string") {
      throw printed("a token, certificate or key that is no string");
    }
  }
  if (!cert !== !key) throw printed("a certificate without its key, or a key without its certificate");
  if (!token && !cert) throw printed("a status without token or clientCertificateData");
  const expiresAt = expirationTimestamp == null ? undefined : Date.parse(expirationTimestamp);
  if (Number.isNaN(expiresAt)) {
    throw printed(`an expirationTimestamp that is no time: ${JSON.stringify(expirationTimestamp)}`);
  }
  if (expiresAt !== undefined && expiresAt <= now) {
    throw printed(`a credential that ended at ${expirationTimestamp}: log in again, or set the clock`);
  }
  return {
    credential: { ...token && { bearerToken: token }, ...cert && { clientCertificate: { cert, key } } },
    expiresAt,
  };
}

function pluginFailure(plugin: Plugin, what: string): ConfigurationError {
  return failure(plugin, `exec plugin ${plugin.command}: ${what}`);
}

function failure({ file, name }: PluginUser, what: string): ConfigurationError {
  return new ConfigurationError(`${file}: user "${name}": ${what.trim().replace(/\s*\n\s*/g, " ")}`);
}
