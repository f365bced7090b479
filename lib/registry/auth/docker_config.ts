/** Pull secrets: what they hold, and which of it is for an image (models-and-templates.md §3.3, rule 3). Pure. */

import { Credential } from "./credential.ts";
import { DockerConfigError, quoted } from "../errors.ts";
import { placeOfJsonError } from "./json_place.ts";
import { canonicalHost, type ImageReference, splitHost } from "../reference.ts";

/** The credentials of one pull secret. */
export interface DockerConfig {
  /** What it was read from, for messages. */
  readonly name: string;
  readonly entries: readonly DockerConfigEntry[];
}

/** A credential and the images it is for. */
export interface DockerConfigEntry {
  /** Host pattern with port: every label may be a glob. */
  readonly host: string;
  /** Beginning of the repository, without slashes at its ends; empty for the whole registry. */
  readonly path: string;
  readonly credential: Credential;
}

const keyOfType: Readonly<Record<string, string>> = {
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
  "kubernetes.io/dockercfg": ".dockercfg",
};

/**
 * Reads a pull secret.
 *
 * @param secret the Secret; the values of `data` are base64
 * @param name how to call it in errors, e.g. `Secret "ns/name"`
 * @returns undefined for a Secret of another type, which holds no credentials
 * @throws DockerConfigError that names the Secret, the key and the place of what is wrong
 */
export function parseDockerConfig(
  secret: { type?: string; data?: Record<string, string> },
  name: string,
): DockerConfig | undefined {
  const type = secret.type ?? "";
  if (!Object.hasOwn(keyOfType, type)) return undefined;
  const key = keyOfType[type];
  const encoded = Object.hasOwn(secret.data ?? {}, key) ? secret.data![key] : undefined;
  if (typeof encoded !== "string") {
    throw new DockerConfigError(`${name} of type ${type} has no key ${quoted(key)}; ${remedy}`);
  }
  const where = `${name}, key ${quoted(key)}`;
  const text = decodedText(encoded);
  if (text === undefined) throw new DockerConfigError(`${where}: is not UTF-8 text in base64; ${remedy}`);
  return { name, entries: parseEntries(text, where, type === "kubernetes.io/dockerconfigjson") };
}

/**
 * Reads the text of a `config.json` of Docker or an `auth.json` of Podman. Credential helpers are not asked.
 *
 * @throws DockerConfigError
 */
export function parseDockerConfigFile(text: string, name: string): DockerConfig {
  return { name, entries: parseEntries(text, name, true) };
}

/**
 * The credential for an image: hosts have to have the same number of labels, each matched as a glob, the same
 * port, and a path that the repository begins with (whole elements of it). Keys are tried in reverse lexical
 * order, so the longer path wins; of equal keys the first Secret's.
 */
export function credentialFor(
  reference: ImageReference,
  configs: readonly DockerConfig[],
): Credential | undefined {
  const entries = configs.flatMap(({ entries }) => entries)
    .map((entry) => ({ ...entry, key: `${entry.host}/${entry.path}` }));
  // Sorting keeps the order of equal keys.
  entries.sort((a, b) => a.key < b.key ? 1 : a.key > b.key ? -1 : 0);
  return entries.find((entry) => matches(entry, reference))?.credential;
}

const remedy = "make it anew with kubectl create secret docker-registry";

function decodedText(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64.replace(/\s+/g, "")), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseEntries(text: string, where: string, inAuths: boolean): DockerConfigEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the place, which may be a password.
    throw new DockerConfigError(`${where}: is not JSON (${placeOfJsonError(text)}); ${remedy}`);
  }
  const outer = fieldsOf(value, where, "the text");
  const auths = inAuths ? fieldsOf(outer.auths ?? {}, where, "auths") : outer;
  return Object.entries(auths).flatMap(([key, entry]) => {
    const place = inAuths ? `auths[${quoted(key)}]` : `[${quoted(key)}]`;
    const credential = credentialOf(fieldsOf(entry ?? {}, where, place), where, place);
    return credential === undefined ? [] : [{ ...patternOf(key), credential }];
  });
}

/** An entry without anything to send is none: Docker leaves such behind when a helper keeps the credential. */
function credentialOf(
  entry: Record<string, unknown>,
  where: string,
  place: string,
): Credential | undefined {
  const text = (field: string): string | undefined => {
    const value = entry[field] ?? undefined;
    if (value !== undefined && typeof value !== "string") {
      throw new DockerConfigError(
        `${where}: ${place}.${field} is ${typeNameOf(value)}, wanted is text; ${remedy}`,
      );
    }
    return value || undefined;
  };
  const auth = text("auth");
  const pair = auth === undefined
    ? { username: text("username"), password: text("password") }
    : pairOf(auth, where, place);
  const parts = { ...pair, identityToken: text("identitytoken"), registryToken: text("registrytoken") };
  const isEmpty = !parts.username && !parts.identityToken && !parts.registryToken;
  return isEmpty ? undefined : new Credential(parts);
}

function pairOf(auth: string, where: string, place: string): { username: string; password: string } {
  const text = decodedText(auth);
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 0) {
    const problem = text === undefined
      ? "is not text in base64"
      : "has no ':' between user name and password";
    throw new DockerConfigError(`${where}: ${place}.auth ${problem}; ${remedy}`);
  }
  // Old versions of Docker pad with NUL.
  return { username: text.slice(0, colon), password: trimmed(text.slice(colon + 1), "\0", { start: false }) };
}

/** Without a character at the ends. A regular expression would try every run of it to the end. */
function trimmed(text: string, character: string, { start = true } = {}): string {
  let from = 0;
  let to = text.length;
  while (start && from < to && text[from] === character) from++;
  while (to > from && text[to - 1] === character) to--;
  return text.slice(from, to);
}

function fieldsOf(value: unknown, where: string, place: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DockerConfigError(`${where}: ${place} is ${typeNameOf(value)}, wanted is an object; ${remedy}`);
  }
  return value as Record<string, unknown>;
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Host and path of a key: without scheme, and without the `/v1` or `/v2` of an address of an API. */
function patternOf(key: string): { host: string; path: string } {
  const address = key.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  const slash = address.indexOf("/");
  const host = slash < 0 ? address : address.slice(0, slash);
  const path = slash < 0 ? "" : address.slice(slash).replace(/^\/v[12]\//, "/");
  return { host: canonicalHost(host), path: trimmed(path, "/") };
}

function matches({ host, path }: DockerConfigEntry, { registry, repository }: ImageReference): boolean {
  const pattern = splitHost(host);
  const target = splitHost(registry);
  if (pattern.port !== target.port) return false;
  if (path !== "" && repository !== path && !repository.startsWith(`${path}/`)) return false;
  if (pattern.host.startsWith("[")) return pattern.host === target.host;
  const patterns = pattern.host.split(".");
  const labels = target.host.split(".");
  return patterns.length === labels.length && patterns.every((glob, i) => globMatches(glob, labels[i]));
}

/** Whether `*` and `?` in a label's pattern can be filled so that it is the label; steps back only to the last `*`. */
export function globMatches(glob: string, label: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  let i = 0;
  while (at < label.length) {
    if (glob[i] === "*") {
      star = i++;
      starAt = at;
    } else if (i < glob.length && (glob[i] === "?" || glob[i] === label[at])) {
      i++;
      at++;
    } else if (star >= 0) {
      i = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (glob[i] === "*") i++;
  return i === glob.length;
}
