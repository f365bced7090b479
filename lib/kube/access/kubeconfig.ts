/** Reading kubeconfig files: contexts, clusters, users, and what of them this client can honour. */
import { Buffer } from "node:buffer";
import { dirname, isAbsolute, join } from "node:path";
import { parseDocument } from "yaml";
import { type Access, ConfigurationError, type Credentials, rotating } from "./access.ts";
import type { AuthProvider } from "./auth_provider.ts";
import type { ClusterInfo, ExecConfig } from "./exec_plugin.ts";
import type { Credential, CredentialSource } from "./expiring.ts";

interface Named {
  name?: string;
}

interface Cluster {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
  "proxy-url"?: string;
  "disable-compression"?: boolean;
  extensions?: (Named & { extension?: unknown })[];
}

interface User {
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  "as-uid"?: string;
  "as-groups"?: string[];
  "as-user-extra"?: Record<string, string[]>;
  exec?: ExecConfig;
  "auth-provider"?: AuthProvider;
}

interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}

interface Kubeconfig {
  "current-context"?: string;
  clusters?: (Named & { cluster?: Cluster })[];
  users?: (Named & { user?: User })[];
  contexts?: (Named & { context?: Context })[];
}

/** An entry with the file it stands in: relative paths count from there, errors name it. */
interface Found<T> {
  readonly value: T;
  readonly file: string;
}

/** What a context stands for. */
interface Chosen {
  readonly name: string;
  readonly context: Found<Context>;
  readonly cluster: Found<Cluster>;
  readonly user: Found<User>;
}

/**
 * Access by kubeconfig files. As in kubectl: of several files the first that says something wins, files
 * that do not exist are left out of a list, paths are relative to the file that has them, inline data wins
 * over files, a token over a token file, and any of these over an exec plugin.
 *
 * @param context Name of a context; else `current-context`.
 * @throws ConfigurationError that names file, key and remedy.
 */
export async function kubeconfigAccess(files: readonly string[], context?: string): Promise<Access> {
  const chosen = await choose(files, context);
  const { cluster, user } = chosen;
  refuseWhatCannotBeHonoured(cluster, user);
  const fromFiles = rotating(() => readCredentials(cluster, user));
  const made = await madeCredentials(chosen);
  const credentials = made === undefined ? fromFiles : joined(fromFiles, made);
  await credentials(); // what is wrong with them is said now, not at the first request
  return {
    server: serverOf(cluster),
    defaultNamespace: chosen.context.value.namespace || undefined,
    proxyUrl: cluster.value["proxy-url"] || undefined,
    compression: !cluster.value["disable-compression"],
    origin: `${chosen.context.file} (context ${chosen.name})`,
    credentials,
  };
}

/**
 * The program that {@link kubeconfigAccess} would run for these arguments: an exec plugin's command, a bare
 * name or an absolute path, for `--allow-run`. Undefined if it would run none.
 *
 * @throws ConfigurationError as {@link kubeconfigAccess}.
 */
export async function execCommandOf(files: readonly string[], context?: string): Promise<string | undefined> {
  const { user: { value, file } } = await choose(files, context);
  if (!value.exec || hasOwnCredentials(value)) return undefined;
  return (await import("./exec_plugin.ts")).commandOf(value.exec, file);
}

async function choose(files: readonly string[], wanted: string | undefined): Promise<Chosen> {
  const configs = await readAll(files);
  const name = wanted ?? configs.map(({ value }) => value["current-context"]).find(Boolean);
  if (!name) {
    throw new ConfigurationError(
      `${files.join(":")}: no current-context; choose one by: kubectl config use-context`,
    );
  }
  const context = entry<Context>(configs, "contexts", "context", name);
  const cluster = entry<Cluster>(configs, "clusters", "cluster", context.value.cluster ?? "");
  const user: Found<User> = context.value.user
    ? entry<User>(configs, "users", "user", context.value.user)
    : { value: {}, file: context.file };
  return { name, context, cluster, user };
}

async function readAll(files: readonly string[]): Promise<Found<Kubeconfig>[]> {
  const configs: Found<Kubeconfig>[] = [];
  for (const file of files) {
    const text = await readText(file, "").catch((failure: unknown) => {
      if (files.length > 1 && failure instanceof MissingFile) return undefined;
      throw failure;
    });
    if (text !== undefined) configs.push({ value: parse(text, file), file });
  }
  if (configs.length === 0) throw new ConfigurationError(`no kubeconfig: none of ${files.join(", ")} exists`);
  return configs;
}

function parse(text: string, file: string): Kubeconfig {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new ConfigurationError(`${file}: not YAML: ${error.message.split("\n")[0]}`);
  const value: unknown = document.toJS();
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new ConfigurationError(
      `${file}: not a kubeconfig: expected a mapping with clusters, users, contexts`,
    );
  }
  return value as Kubeconfig;
}

function entry<T>(
  configs: readonly Found<Kubeconfig>[],
  list: "clusters" | "users" | "contexts",
  key: string,
  name: string,
): Found<T> {
  for (const { value, file } of configs) {
    const entries: unknown = value[list] ?? [];
    if (!Array.isArray(entries)) throw new ConfigurationError(`${file}: ${list} is not a list`);
    const found = entries.find((candidate) => candidate?.name === name);
    if (found !== undefined) return { value: found[key] ?? {}, file };
  }
  const files = configs.map(({ file }) => file).join(", ");
  throw new ConfigurationError(`${files}: ${list} has no entry named "${name}"`);
}

function serverOf({ value, file }: Found<Cluster>): URL {
  if (!value.server || !URL.canParse(value.server)) {
    throw new ConfigurationError(
      `${file}: clusters[].cluster.server is not a URL: ${JSON.stringify(value.server)}`,
    );
  }
  const server = new URL(value.server);
  server.pathname = server.pathname.replace(/\/+$/, "");
  return server;
}

function refuseWhatCannotBeHonoured(cluster: Found<Cluster>, user: Found<User>): void {
  const refusals: [boolean, string, string, string][] = [
    [
      !!cluster.value["insecure-skip-tls-verify"] && /^https:/i.test(cluster.value.server ?? ""),
      cluster.file,
      "insecure-skip-tls-verify: true",
      "give the cluster's CA as certificate-authority-data instead",
    ],
    [
      !!cluster.value["tls-server-name"],
      cluster.file,
      "tls-server-name",
      "set server to a name or address that the API server's certificate carries",
    ],
    [
      !!user.value.exec && !!user.value["auth-provider"],
      user.file,
      "exec beside auth-provider of one user",
      "remove the one that is not meant",
    ],
  ];
  for (const [applies, file, key, remedy] of refusals) {
    if (applies) throw new ConfigurationError(`${file}: ${key} cannot be honoured; ${remedy}`);
  }
}

async function readCredentials(cluster: Found<Cluster>, user: Found<User>): Promise<Credentials> {
  const ca = await inlineOrFile(cluster, "certificate-authority-data", "certificate-authority");
  const cert = await inlineOrFile(user, "client-certificate-data", "client-certificate");
  const key = await inlineOrFile(user, "client-key-data", "client-key");
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigurationError(`${user.file}: client-certificate and client-key only work together`);
  }
  return {
    caCerts: ca === undefined ? undefined : [ca],
    clientCertificate: cert === undefined || key === undefined ? undefined : { cert, key },
    bearerToken: await tokenOf(user),
    headers: headersOf(user.value),
  };
}

async function inlineOrFile<T extends object>(
  { value, file }: Found<T>,
  dataKey: keyof T & string,
  fileKey: keyof T & string,
): Promise<string | undefined> {
  const data = value[dataKey] as string | undefined;
  if (data) {
    try {
      return atob(data.replace(/\s/g, ""));
    } catch {
      throw new ConfigurationError(`${file}: ${dataKey} is not base64`);
    }
  }
  const path = value[fileKey] as string | undefined;
  return path ? await readText(relativeTo(file, path), `${file}: ${fileKey}: `) : undefined;
}

async function tokenOf({ value, file }: Found<User>): Promise<string | undefined> {
  if (value.token) return value.token;
  if (!value.tokenFile) return undefined;
  return (await readText(relativeTo(file, value.tokenFile), `${file}: tokenFile: `)).trim();
}

/** Credentials that win over an exec plugin: it is not run. */
function hasOwnCredentials(user: User): boolean {
  return hasAuthorization(user) || !!user["client-certificate-data"] || !!user["client-certificate"];
}

function hasAuthorization({ token, tokenFile, username }: User): boolean {
  return !!token || !!tokenFile || username !== undefined;
}

/** What somebody else makes for this user on request; the code for it is loaded only then. */
async function madeCredentials({ context, cluster, user }: Chosen): Promise<CredentialSource | undefined> {
  const { exec, "auth-provider": provider } = user.value;
  const who = { name: context.value.user ?? "", file: user.file };
  if (exec && !hasOwnCredentials(user.value)) {
    const { execCredentials } = await import("./exec_plugin.ts");
    return execCredentials(exec, who, () => clusterInfo(cluster));
  }
  if (provider && !hasAuthorization(user.value)) {
    const { authProviderCredentials } = await import("./auth_provider.ts");
    const config = { file: user.file, value: (provider.config ?? {}) as Record<string, string> };
    const ca = await inlineOrFile(config, "idp-certificate-authority-data", "idp-certificate-authority");
    return authProviderCredentials(provider, who, ca === undefined ? undefined : [ca]);
  }
  return undefined;
}

async function clusterInfo({ value, file }: Found<Cluster>): Promise<ClusterInfo> {
  const path = value["certificate-authority"];
  const caFile = path && await readText(relativeTo(file, path), `${file}: certificate-authority: `);
  return {
    server: value.server ?? "",
    "certificate-authority-data": value["certificate-authority-data"] ||
      (caFile ? Buffer.from(caFile).toString("base64") : undefined),
    "proxy-url": value["proxy-url"],
    "disable-compression": value["disable-compression"],
    config: value.extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec")?.extension,
  };
}

/** What files say and what was made on request, as one; the same object while neither changed. */
function joined(
  fromFiles: (fresh?: boolean) => Promise<Credentials>,
  made: CredentialSource,
): (fresh?: boolean) => Promise<Credentials> {
  let last:
    | { readonly read: Credentials; readonly given: Credential; readonly both: Credentials }
    | undefined;
  return async (fresh) => {
    const [read, given] = [await fromFiles(fresh), await made(fresh)];
    if (last?.read !== read || last.given !== given) last = { read, given, both: { ...read, ...given } };
    return last.both;
  };
}

function headersOf(user: User): [string, string][] {
  const headers: [string, string][] = [];
  if (user.username !== undefined) {
    headers.push(["authorization", `Basic ${btoa(`${user.username}:${user.password ?? ""}`)}`]);
  }
  if (user.as) headers.push(["impersonate-user", user.as]);
  if (user["as-uid"]) headers.push(["impersonate-uid", user["as-uid"]]);
  for (const group of user["as-groups"] ?? []) headers.push(["impersonate-group", group]);
  for (const [key, values] of Object.entries(user["as-user-extra"] ?? {})) {
    for (const value of values) headers.push([`impersonate-extra-${encodeURIComponent(key)}`, value]);
  }
  return headers;
}

function relativeTo(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

class MissingFile extends ConfigurationError {}

async function readText(path: string, prefix: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (failure) {
    if (failure instanceof Deno.errors.NotFound) throw new MissingFile(`${prefix}${path} does not exist`);
    if (failure instanceof Deno.errors.NotCapable) {
      throw new ConfigurationError(`${prefix}${path} may not be read: add it to --allow-read`);
    }
    throw new ConfigurationError(`${prefix}${path} cannot be read: ${(failure as Error).message}`);
  }
}
