/** Image references, read as Docker reads them (models-and-templates.md §3.3, rule 1). Pure. */

import { quoted, RegistryError } from "./errors.ts";

/** Where an image is. */
export interface ImageReference {
  /** As it was written. */
  readonly image: string;
  /** `host[:port]`, lower-case; Docker Hub under any of its names is `index.docker.io`. */
  readonly registry: string;
  /** Path inside the registry, with `library/` for the short names of Docker Hub. */
  readonly repository: string;
  /** `latest` when neither tag nor digest is written; kept beside a digest, which then decides. */
  readonly tag?: string;
  /** `sha256:…` or `sha512:…`. */
  readonly digest?: string;
}

/** The host under which all names of Docker Hub are asked. */
export const dockerHub = "index.docker.io";

const dockerHubNames: ReadonlySet<string> = new Set(["docker.io", dockerHub, "registry-1.docker.io"]);

/** One name for the hosts that are one registry (models-and-templates.md §3.3, Better). */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return dockerHubNames.has(lower) ? dockerHub : lower;
}

const longestRepository = 255;
const longestTag = 128;
const hexLength: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * Parses an image reference: `[host[:port]/]path[:tag][@digest]`.
 *
 * @throws RegistryError `InvalidImageReference` that quotes the reference and says which part is wrong, where,
 * and how it should be written
 */
export function parseReference(image: string): ImageReference {
  const fail = (problem: string): never => {
    throw new RegistryError(
      "InvalidImageReference",
      `image ${quoted(image)} is not a valid image reference: ${problem}; ` +
        "write it as [host[:port]/]path[:tag][@sha256:…]",
      { image: image.slice(0, 200) },
    );
  };
  if (image === "") fail("it is empty");
  if (/^\s|\s$/u.test(image)) fail("it begins or ends with white space");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(image)) {
    fail(`leave out ${quoted(image.slice(0, image.indexOf("://") + 3), 40)} at its beginning`);
  }
  const at = image.indexOf("@");
  const name = at < 0 ? image : image.slice(0, at);
  const digest = at < 0 ? undefined : checkedDigest(image.slice(at + 1), fail);
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const tag = hasTag ? checkedTag(name.slice(colon + 1), colon + 1, fail) : undefined;
  const place = placeOf(hasTag ? name.slice(0, colon) : name, fail);
  return { image, ...place, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
}

/** `host[:port]` of the registry that an image is on: all images with the same answer share a server. */
export function registryHostOf(image: string): string {
  return parseReference(image).registry;
}

/**
 * Whether a registry may be asked over plain HTTP: addresses of RFC 1918 and loopback, `localhost` with a port,
 * and hosts ending in `.local` (models-and-templates.md §3.3, rule 1).
 *
 * @param registry `host[:port]`
 */
export function allowsPlainHttp(registry: string): boolean {
  const { host, port } = splitHost(registry);
  if (host === "localhost") return port !== undefined;
  if (host === "[::1]") return true;
  if (host.endsWith(".local") && host.length > ".local".length) return true;
  const address = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1).map(Number);
  if (address === undefined || address.some((byte) => byte > 255)) return false;
  const [first, second] = address;
  return first === 127 || first === 10 || (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168);
}

/** Splits `host[:port]`; an IPv6 address stays in its brackets. */
export function splitHost(registry: string): { host: string; port?: string } {
  const colon = registry.lastIndexOf(":");
  return colon > registry.lastIndexOf("]")
    ? { host: registry.slice(0, colon), port: registry.slice(colon + 1) }
    : { host: registry };
}

type Fail = (problem: string) => never;

/** Which part of a name is the host, and which the path. */
function placeOf(name: string, fail: Fail): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasHost = /[.:[]/.test(first) || first === "localhost";
  const registry = hasHost ? canonicalHost(checkedHost(first, fail)) : dockerHub;
  const path = hasHost ? name.slice(slash + 1) : name;
  checkPath(path, hasHost ? slash + 1 : 0, fail);
  const repository = registry === dockerHub && !path.includes("/") ? `library/${path}` : path;
  if (repository.length > longestRepository) {
    fail(`its path has ${repository.length} characters, and ${longestRepository} are allowed`);
  }
  return { registry, repository };
}

function checkedHost(host: string, fail: Fail): string {
  const { host: name, port } = splitHost(host);
  const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;
  const isName = name.length <= 253 && name.split(".").every((part) => part.length <= 63 && label.test(part));
  // The parser of URLs knows which numbers make an address.
  if ((!isName && !/^\[[0-9a-f:.]+\]$/i.test(name)) || !URL.canParse(`https://${name}/`)) {
    fail(`the host ${quoted(name, 80)} is neither a DNS name nor an IP address`);
  }
  if (port !== undefined && (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)) {
    fail(`the port ${quoted(port, 80)} is not a number from 1 to 65535`);
  }
  return host;
}

function checkPath(path: string, start: number, fail: Fail): void {
  if (path === "") fail("the path is empty");
  if (/^[0-9a-f]{64}$/.test(path)) {
    fail("64 hexadecimal digits are read as the id of an image, not as a name");
  }
  let column = start + 1;
  for (const part of path.split("/")) {
    if (part === "") fail(`an element of the path is empty (column ${column})`);
    const foreign = /[^a-z0-9._-]/u.exec(part);
    if (foreign !== null) {
      const why = /[A-Z]/.test(foreign[0])
        ? "paths are lower-case"
        : "allowed are a-z, 0-9, '.', '_' and '-'";
      fail(`the path has ${quoted(foreign[0])} at column ${column + foreign.index}, but ${why}`);
    }
    if (!/^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/.test(part)) {
      fail(
        `the element ${
          quoted(part, 80)
        } of the path (column ${column}) must begin and end with a letter or ` +
          "digit, with one '.', one or two '_' or any '-' between",
      );
    }
    column += part.length + 1;
  }
}

function checkedTag(tag: string, start: number, fail: Fail): string {
  if (tag === "") fail(`the tag after ':' is empty (column ${start + 1})`);
  if (tag.length > longestTag) fail(`its tag has ${tag.length} characters, and ${longestTag} are allowed`);
  const foreign = /^[.-]|[^A-Za-z0-9_.-]/u.exec(tag);
  if (foreign !== null) {
    fail(
      `the tag ${quoted(tag, 80)} has ${quoted(foreign[0])} at column ${
        start + foreign.index + 1
      }, but allowed ` +
        "are letters, digits, '_', and behind the first character '.' and '-'",
    );
  }
  return tag;
}

function checkedDigest(digest: string, fail: Fail): string {
  const [algorithm, hex = ""] = digest.split(":", 2);
  const length = Object.hasOwn(hexLength, algorithm) ? hexLength[algorithm] : undefined;
  if (length === undefined) {
    fail(`the digest ${quoted(digest, 80)} does not begin with "sha256:" or "sha512:"`);
  }
  if (digest.length !== algorithm.length + 1 + length! || !/^[0-9a-f]*$/.test(hex)) {
    fail(
      `the digest ${quoted(digest, 80)} does not have ${length} lower-case hexadecimal digits behind the ':'`,
    );
  }
  return digest;
}
