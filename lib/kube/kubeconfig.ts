/** Reading kubeconfig files: contexts, clusters, users, and what of them this client can honour. */
import { dirname, isAbsolute, join } from "node:path";
import { parseDocument } from "yaml";
import { type Access, ConfigurationError, type Credentials, rotating } from "./access.ts";

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
  exec?: unknown;
  "auth-provider"?: unknown;
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

/**
 * Access by kubeconfig files. As in kubectl: of several files the first that says something wins, files
 * that do not exist are left out of a list, paths are relative to the file that has them, inline data wins
 * over files, a token over a token file.
 *
 * @param context Name of a context; else `current-context`.
 * @throws ConfigurationError that names file, key and remedy.
 */
export async function kubeconfigAccess(files: readonly string[], context?: string): Promise<Access> {
  const configs = await readAll(files);
  const wanted = context ?? configs.map(({ value }) => value["current-context"]).find(Boolean);
  if (!wanted) {
    throw new ConfigurationError(
      `${files.join(":")}: no current-context; choose one by: kubectl config use-context`,
    );
  }
  const chosen = entry<Context>(configs, "contexts", "context", wanted);
  const cluster = entry<Cluster>(configs, "clusters", "cluster", chosen.value.cluster ?? "");
  const user: Found<User> = chosen.value.user
    ? entry<User>(configs, "users", "user", chosen.value.user)
    : { value: {}, file: chosen.file };
  refuseWhatCannotBeHonoured(cluster, user);
  const credentials = rotating(() => readCredentials(cluster, user));
  await credentials(); // what is wrong with them is said now, not at the first request
  return {
    server: serverOf(cluster),
    defaultNamespace: chosen.value.namespace || undefined,
    proxyUrl: cluster.value["proxy-url"] || undefined,
    compression: !cluster.value["disable-compression"],
    origin: `${chosen.file} (context ${wanted})`,
    credentials,
  };
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
    [!!user.value.exec, user.file, "exec", "use a token, e.g. from: kubectl create token <service account>"],
    [!!user.value["auth-provider"], user.file, "auth-provider", "use a token or a client certificate"],
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
