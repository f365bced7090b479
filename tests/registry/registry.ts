/** Real registries on loopback, and images for them. */

import { join } from "node:path";
import { buildParts } from "../control_plane/build/build.ts";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { ChildProcess } from "../control_plane/processes/child_process.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { Warden } from "../control_plane/processes/warden.ts";
import { type ImageContent, writeImageLayout } from "./image_layout.ts";
import { account, startTokenServer, type TokenServer, tokenTerms } from "./token_server.ts";

/** Which registry is started, and how; all has a default. */
export interface RegistryOptions {
  /** `go-containerregistry` is small, keeps all in memory and knows neither `auth` nor `tls`. Default `distribution`. */
  readonly program?: "distribution" | "go-containerregistry";
  /** Who may pull: without it everybody, else the `account` of token_server.ts. */
  readonly auth?: "htpasswd" | "token";
  /** TLS by an authority of its own: true, or the names in the certificate when they are to be wrong. */
  readonly tls?: true | { readonly hosts: readonly string[] };
  /** Default: a free one. */
  readonly port?: number;
}

/** A request as the registry's own log has it. */
export interface LoggedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
}

/** A running registry; disposing of it is {@link Registry.stop}. */
export interface Registry extends AsyncDisposable {
  /** `localhost:port`, the first part of the names of its images. */
  readonly host: string;
  readonly url: string;
  /** Certificate of its authority, PEM; only with TLS. */
  readonly authority?: string;
  /** Its token server, if it has one. */
  readonly tokens?: TokenServer;
  /** Every request so far, pushes too, by the registry's log. A request may be answered a moment before it is here. */
  requests(): Promise<LoggedRequest[]>;
  /**
   * Pushes a small image with crane.
   *
   * @param name `repository:tag`
   * @param labels of the image
   * @returns the whole reference, and the digest of what was pushed
   */
  push(
    name: string,
    labels: Readonly<Record<string, string>>,
    content?: Omit<ImageContent, "labels">,
  ): Promise<{ image: string; digest: string }>;
  /** Freezes the registry: connections come about, nothing is answered; until {@link resume}. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/**
 * Type and data of a pull Secret for a registry.
 *
 * @param host its host, or any key that `auths` may have
 * @param entry by default that of the one account
 */
export function pullSecret(
  host: string,
  entry: Readonly<Record<string, string>> = { username: account.username, password: account.password },
): { type: string; data: Record<string, string> } {
  const data = { ".dockerconfigjson": btoa(JSON.stringify({ auths: { [host]: entry } })) };
  return { type: "kubernetes.io/dockerconfigjson", data };
}

/** The line that makes `account` known, as `htpasswd -B` writes it. */
const passwordFile = `${account.username}:$2a$04$bdW1LsxRftTR.L5npBDP.OLNPdP2uJEoKK/9laAYczv9NfzwEU/te\n`;

/** Starts a registry on loopback and waits until it listens. What was pushed is gone when it stops. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { program = "distribution", auth, tls, port = freePort() } = options;
  if (program === "go-containerregistry" && (auth ?? tls) !== undefined) {
    throw new Error("the registry of go-containerregistry knows neither auth nor tls");
  }
  const binary = program === "distribution" ? "distribution-registry" : "oci-registry";
  const { programs } = await buildParts({ programs: [binary, "crane"], yaml: [] });
  const folder = await Deno.makeTempDir({ prefix: "registry-" });
  const warden = new Warden(folder);
  const tokens = auth === "token" ? startTokenServer() : undefined;
  const authority = tls === undefined ? undefined : new CertificateAuthority("test registries");
  if (authority !== undefined) {
    const hosts = tls === true || tls === undefined ? ["localhost", "127.0.0.1"] : tls.hosts;
    const { certificate, key } = authority.forServer(hosts);
    await Deno.writeTextFile(join(folder, "tls.crt"), certificate);
    await Deno.writeTextFile(join(folder, "tls.key"), key);
    await Deno.writeTextFile(join(folder, "ca.crt"), authority.certificate);
  }
  const host = `localhost:${port}`;
  await writeSettings({ folder, port, options, tokens, host });
  const server = new ChildProcess(
    {
      name: binary,
      program: programs[binary],
      args: program === "distribution" ? ["serve", join(folder, "registry.json")] : ["-port", `${port}`],
      env: { OTEL_TRACES_EXPORTER: "none" },
      logFile: join(folder, "log"),
      ready: () => listens(port),
    },
    warden,
    (message) => console.error(message),
  );
  let pushed = 0;
  const registry: Registry = {
    host,
    url: `${tls === undefined ? "http" : "https"}://${host}`,
    authority: authority?.certificate,
    tokens,
    requests: async () => loggedRequests(await Deno.readTextFile(server.logFile)),
    async push(name, labels, content = {}) {
      const layout = join(folder, `image-${++pushed}`);
      const digest = await writeImageLayout(layout, { labels, ...content });
      const image = `${host}/${name}`;
      const env: Record<string, string> = { DOCKER_CONFIG: folder };
      if (authority !== undefined) env.SSL_CERT_FILE = join(folder, "ca.crt");
      await run(programs.crane, ["push", layout, image], env);
      await Deno.remove(layout, { recursive: true });
      return { image, digest };
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
    async stop() {
      await server.stop();
      await tokens?.[Symbol.asyncDispose]();
      await warden.close();
    },
    [Symbol.asyncDispose]: () => registry.stop(),
  };
  try {
    await server.start();
  } catch (error) {
    await registry.stop();
    throw error;
  }
  return registry;
}

/** What the server reads, and the credential by which crane pushes. */
async function writeSettings(
  { folder, port, options, tokens, host }: {
    folder: string;
    port: number;
    options: RegistryOptions;
    tokens?: TokenServer;
    host: string;
  },
): Promise<void> {
  const file = (name: string) => join(folder, name);
  const settings = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: file("storage") } },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: "of tests",
      ...(options.tls === undefined ? {} : { tls: { certificate: file("tls.crt"), key: file("tls.key") } }),
    },
    ...(options.auth === "htpasswd"
      ? { auth: { htpasswd: { realm: "tests", path: file("passwords") } } }
      : {}),
    ...(tokens === undefined
      ? {}
      : { auth: { token: { realm: tokens.realm, ...tokenTerms, jwks: file("jwks") } } }),
  };
  await Deno.writeTextFile(file("registry.json"), JSON.stringify(settings));
  await Deno.writeTextFile(file("passwords"), passwordFile);
  if (tokens !== undefined) await Deno.writeTextFile(file("jwks"), tokens.keySet);
  const { username, password } = account;
  const auths = options.auth === undefined ? {} : { [host]: { username, password } };
  await Deno.writeTextFile(file("config.json"), JSON.stringify({ auths })); // crane's
}

/** The access log of distribution (Apache's combined format), or the lines of go-containerregistry. */
function loggedRequests(log: string): LoggedRequest[] {
  const line = /(?:"|^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )(GET|HEAD|POST|PUT|PATCH|DELETE) (\/v2\/\S*)/gm;
  return [...log.matchAll(line)].map(([, method, path]) => ({ method, path }));
}

async function listens(port: number): Promise<boolean> {
  (await Deno.connect({ hostname: "127.0.0.1", port })).close();
  return true;
}

async function run(program: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], env, stdin: "null" })
    .output();
  if (!success) throw new Error(`${program} ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
}
