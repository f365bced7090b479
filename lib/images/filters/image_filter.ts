/** What a filter of a source asks for (model-sources-and-config.md §3.1, with its Better lines). Pure. */

import { matchesWildcard } from "./wildcard.ts";
import {
  ConstraintError,
  parseConstraint,
  type VersionConstraint,
  versionOfTag,
} from "./version_constraint.ts";

/** A filter as it is written, with what it takes from its source. */
export interface WrittenFilter {
  readonly image: string;
  readonly exclude?: readonly string[];
  readonly versions?: readonly string[];
}

/** What the source gives to filters that say nothing of it themselves. */
export interface FilterDefaults {
  readonly registry?: string;
  readonly versions?: readonly string[];
}

/** An image with a name of its own: no registry is asked for it. */
export interface NamedImage {
  readonly how: "named";
  readonly registry: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
}

/** All tags that are accepted, of one repository or of those that match a pattern. */
export interface ListedImages {
  /** `tags` asks for those of one repository, `catalogue` for repositories before. */
  readonly how: "tags" | "catalogue";
  readonly registry: string;
  /** Name of the repository, or the pattern for it. */
  readonly repository: string;
  /** Of repositories without the path that the registry may have. */
  readonly acceptsRepository: (repository: string) => boolean;
  readonly acceptsTag: (tag: string) => boolean;
}

export type ImageFilter = NamedImage | ListedImages;

/** A filter that cannot be read. The message says what is wrong and how it should be written. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/** Docker Hub, as names, annotations and status call it. */
export const dockerHubName = "docker.io";

/** How images of a registry begin: those of Docker Hub with the repository. */
export function imageUri(registry: string, repository: string, reference: string): string {
  const place = registry === dockerHubName ? repository : `${registry}/${repository}`;
  return `${place}${reference.includes(":") ? "@" : ":"}${reference}`;
}

/** Whether images of that registry may be called by one word, `ubuntu` for `library/ubuntu`. */
function isDockerHub(registry: string): boolean {
  return registry === dockerHubName || registry === "registry-1.docker.io";
}

/**
 * Reads a filter.
 *
 * @throws FilterError: the filter has failed, and nothing may be taken by it
 */
export function parseFilter(filter: WrittenFilter, defaults: FilterDefaults): ImageFilter {
  const text = filter.image.trim();
  if (text === "") throw new FilterError(`it is empty; ${remedy}`);
  const { first, rest } = split(text);
  const own = first === undefined ? undefined : checkedRegistry(first, "its registry");
  const registry = own ?? defaultRegistry(defaults.registry);
  const isWildcard = text.includes("*");
  const { repository: written, tag, digest } = partsOf(rest, isWildcard);
  const repository = isWildcard ? checkedPattern(written) : checkedRepository(written, registry);
  const reference = digest ?? tag;
  if (!isWildcard && reference !== undefined) return { how: "named", registry, repository, reference };
  const excluded = new Set(filter.exclude ?? []);
  const prefix = registry.includes("/") ? registry.slice(registry.indexOf("/") + 1) + "/" : "";
  return {
    how: isWildcard ? "catalogue" : "tags",
    registry,
    repository,
    acceptsRepository: (name) =>
      matchesWildcard(repository, name) && !excluded.has(name) && !excluded.has(prefix + name),
    acceptsTag: tag === undefined ? tagsMeeting(filter, defaults) : (each) => each === tag,
  };
}

const remedy =
  'write it like "org/repo", "org/repo-*", "registry.example/org/repo:1.0.0" or "org/repo@sha256:…"';

/** The registry, where the first component is one: it has a dot or a colon, or is `localhost`. */
function split(text: string): { first?: string; rest: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  return /[.:]/.test(first) || first === "localhost"
    ? { first, rest: text.slice(slash + 1) }
    : { rest: text };
}

const host =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

function checkedRegistry(text: string, what: string): string {
  // The parser of URLs knows which numbers make an address and a port; 0 is none.
  if (text.length > 253 || !host.test(text) || !URL.canParse(`https://${text}/`) || /:0+$/.test(text)) {
    throw new FilterError(`${what} ${quoted(text)} is no host[:port]; ${remedy}`);
  }
  return /^(?:index\.)?docker\.io$/i.test(text) ? dockerHubName : text;
}

/** `host[:port][/path]`; a scheme `https://` and a slash at the end are taken off. */
function defaultRegistry(written = ""): string {
  const text = written.trim().replace(/^https:\/\//i, "").replace(/\/+$/, "");
  if (text === "") return dockerHubName;
  const [first, ...path] = text.split("/");
  // A word alone in front of an image is read as a part of its path on Docker Hub.
  const isHost = host.test(first) && (/[.:]/.test(first) || first === "localhost");
  if (!isHost || (path.length > 0 && !isRepository(path.join("/")))) {
    throw new FilterError(
      `spec.registry is ${
        quoted(written)
      }; write it as host[:port] with a dot or a port in it, with a path behind it if all repositories share it`,
    );
  }
  return [checkedRegistry(first, "spec.registry"), ...path].join("/");
}

function partsOf(text: string, isWildcard: boolean): { repository: string; tag?: string; digest?: string } {
  const at = text.indexOf("@");
  const name = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && (isWildcard || !/^sha256:[0-9a-f]{64}$/.test(digest))) {
    const problem = isWildcard
      ? "a wildcard cannot have a digest"
      : `${quoted(digest)} is no digest sha256:<64 hex digits>`;
    throw new FilterError(`${problem}; ${remedy}`);
  }
  const colon = name.lastIndexOf(":");
  if (colon <= name.lastIndexOf("/")) return { repository: name, digest };
  const tag = name.slice(colon + 1);
  if (!isTag(tag)) {
    const hint = tag.includes("*")
      ? "a tag has no wildcard; use versions instead"
      : `${quoted(tag)} is no tag`;
    throw new FilterError(`${hint}; ${remedy}`);
  }
  return { repository: name.slice(0, colon), tag, digest };
}

/** Whether a text can be the tag of an image. */
export function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text);
}

/** Whether a text can be the name of a repository. */
export function isRepository(text: string): boolean {
  // 64 hexadecimal digits are the id of an image.
  return text.length <= 255 && !/^[0-9a-f]{64}$/.test(text) &&
    text.split("/").every((part) => /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/.test(part));
}

function checkedRepository(text: string, registry: string): string {
  const path = registry.includes("/") ? registry.slice(registry.indexOf("/") + 1) + "/" : "library/";
  if (text.length < 2 || !isRepository(text) || !isRepository(path + text)) {
    throw new FilterError(
      `${
        quoted(text)
      } is no repository: 2 to 247 of a-z, 0-9, '.', '_', '-' and '/', with letters or digits at the ` +
        `ends of each element; ${remedy}`,
    );
  }
  return isDockerHub(registry) && !text.includes("/") ? `library/${text}` : text;
}

function checkedPattern(text: string): string {
  if (!/^[a-z0-9._\/*-]+$/.test(text)) {
    throw new FilterError(
      `the pattern ${
        quoted(text)
      } can match no repository: these have a-z, 0-9, '.', '_', '-' and '/' only; ${remedy}`,
    );
  }
  return text;
}

/** The constraints of the filter, or those of the source: all must hold, and what is no version meets none. */
function tagsMeeting(filter: WrittenFilter, defaults: FilterDefaults): (tag: string) => boolean {
  const isOwn = (filter.versions ?? []).length > 0;
  const entries = (isOwn ? filter.versions : defaults.versions) ?? [];
  const constraints = entries.map((entry) => constraintOf(entry, isOwn ? "its versions" : "spec.versions"));
  if (constraints.length === 0) return () => true;
  return (tag) => {
    const version = versionOfTag(tag);
    return version !== undefined && constraints.every((constraint) => constraint(version));
  };
}

function constraintOf(entry: string, field: string): VersionConstraint {
  try {
    return parseConstraint(entry);
  } catch (error) {
    if (error instanceof ConstraintError) throw new FilterError(`${field}: ${error.message}`);
    throw error;
  }
}

function quoted(text: string): string {
  return JSON.stringify((text.length > 80 ? `${text.slice(0, 80)}…` : text).toWellFormed());
}
