/** Names of repositories, page by page: Docker Hub, GHCR, and the catalogue of any other registry (model-sources-and-config.md §4.3 to §4.5). */

import type { HttpAnswer } from "../http/exchange.ts";
import { dockerHub } from "../reference.ts";
import { ListingFault } from "./fault.ts";
import { nextPage } from "./link.ts";
import type { ListingSession, Page, PageRequest } from "./listing_session.ts";

/** Where the two registries that list over interfaces of their own are asked. */
export interface CatalogueAddresses {
  readonly dockerHub: string;
  readonly gitHub: string;
}

/** So much is read of one list at most: more is no list, but a registry that makes up names for ever. */
const mostPages = 1_000;
const mostNames = 200_000;

/** All pages, one after the other; a registry that sends round in a circle is left. */
export async function* pagesFrom(session: ListingSession, first: PageRequest): AsyncGenerator<Page> {
  const asked = new Set<string>();
  let names = 0;
  let request: PageRequest | undefined = first;
  while (request !== undefined) {
    asked.add(String(request.at));
    const page: Page = await session.page(request);
    yield page;
    const { next } = page;
    names += page.names.length;
    const isTooMuch = asked.size >= mostPages || names > mostNames;
    if (next !== undefined && (asked.has(next.href) || isTooMuch)) {
      throw new ListingFault(
        "UnexpectedAnswer",
        `${next.host} sends from page to page without an end; check that this is the address of a registry`,
      );
    }
    request = next === undefined ? undefined : { ...first, at: next };
  }
}

/** The names below a field of the body, and the next page by `Link`. A list that is `null` is empty (Harbor). */
export function namesIn(field: string): PageRequest["read"] {
  return (body, { headers, address }: HttpAnswer) => {
    const names = fieldOf(body, field) ?? [];
    if (!Array.isArray(names)) throw new SyntaxError(`it has no list "${field}"`);
    const next = nextPage(headers.get("link"), address);
    return {
      names: names.filter((name) => typeof name === "string"),
      ...(next === undefined ? {} : { next }),
    };
  };
}

function fieldOf(body: unknown, field: string): unknown {
  if (typeof body !== "object" || body === null || !(field in body)) {
    throw new SyntaxError(`it has no field "${field}"`);
  }
  return (body as Record<string, unknown>)[field];
}

/** Whether repositories are listed by the namespace or organisation that they belong to, over an interface for that. */
export function listsByOwner({ subject: { registry } }: ListingSession): boolean {
  return isHub(registry) || isGitHub(registry);
}

function isHub(registry: string): boolean {
  return registry === dockerHub || registry.includes("hub.docker.com");
}

function isGitHub(registry: string): boolean {
  return registry.includes("ghcr.io");
}

/**
 * The repositories that may match a pattern, by the interface of the registry.
 *
 * @param from the page to begin with; by default the first
 */
export function repositories(
  session: ListingSession,
  pattern: string,
  addresses: CatalogueAddresses,
  from?: string,
): AsyncGenerator<Page> {
  const { registry } = session.subject;
  if (isHub(registry)) return hubRepositories(session, pattern, addresses.dockerHub, from);
  if (isGitHub(registry)) return gitHubPackages(session, pattern, addresses.gitHub, from);
  return pagesFrom(session, {
    at: from === undefined ? "/v2/_catalog?n=1000" : new URL(from),
    scope: "registry:catalog:*",
    what: "its repositories",
    read: namesIn("repositories"),
  });
}

/** The first element of a pattern, without the wildcards at its end; it has to be there as a whole. */
function namespaceOf(pattern: string, owner: string): string {
  const namespace = pattern.split("/")[0].replace(/\*+$/, "");
  if (namespace === "" || namespace.includes("*") || namespace.includes(".")) {
    throw new ListingFault(
      "InvalidFilter",
      `the pattern ${
        JSON.stringify(pattern)
      } does not begin with ${owner}, whose repositories could be listed; ` +
        'write it like "org/name-*"',
    );
  }
  return namespace;
}

async function* hubRepositories(
  session: ListingSession,
  pattern: string,
  base: string,
  from?: string,
): AsyncGenerator<Page> {
  const namespace = namespaceOf(pattern, "a namespace of Docker Hub");
  const authorization = await hubLogin(session, base);
  yield* pagesFrom(session, {
    at: new URL(from ?? `${base}/v2/namespaces/${namespace}/repositories?page_size=100`),
    headers: authorization === undefined ? {} : { authorization },
    what: `the repositories of ${namespace}`,
    read: (body, { address }) => {
      const results = fieldOf(body, "results");
      if (!Array.isArray(results)) throw new SyntaxError('it has no list "results"');
      const names = results.map((each) => each?.name).filter((name) => typeof name === "string");
      const next = (body as { next?: unknown }).next;
      return { names: names.map((name) => `${namespace}/${name}`), ...hubNext(next, address) };
    },
  });
}

/** Only Docker Hub itself is shown its token. */
function hubNext(next: unknown, of: URL): { next?: URL } {
  if (typeof next !== "string" || next === "") return {};
  const url = URL.canParse(next, of.href) ? new URL(next, of.href) : undefined;
  if (url?.host !== of.host) throw new SyntaxError("its next page is on another host");
  url.protocol = of.protocol;
  return { next: url };
}

/** Private repositories are listed to who logs in; who cannot sees the public ones. */
async function hubLogin(session: ListingSession, base: string): Promise<string | undefined> {
  const login = session.credential?.login();
  if (login === undefined) return undefined;
  const body = { identifier: login.username, secret: login.password };
  const answer = await session.post(new URL(`${base}/v2/auth/token`), body, "a token");
  if (answer.status !== 200) return undefined;
  try {
    const token = JSON.parse(new TextDecoder().decode(answer.bytes))?.access_token;
    if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) return undefined;
    session.subject.secrets.add(token);
    return `Bearer ${token}`;
  } catch {
    return undefined;
  }
}

const gitHubPage = 100;

async function* gitHubPackages(
  session: ListingSession,
  pattern: string,
  base: string,
  from?: string,
): AsyncGenerator<Page> {
  const owner = namespaceOf(pattern, "an organisation or user of GitHub");
  const authorization = session.credential?.bearer();
  if (authorization === undefined) {
    throw new ListingFault(
      "CredentialsMissing",
      "GitHub lists packages, public ones too, only to who shows a token; name a pull secret for ghcr.io with a token " +
        "that has read:packages in spec.imagePullSecrets",
    );
  }
  const first = (kind: "orgs" | "users") =>
    `${base}/${kind}/${owner}/packages?package_type=container&per_page=${gitHubPage}&page=1`;
  const pages = (at: string) =>
    pagesFrom(session, {
      at: new URL(at),
      headers: { authorization, accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
      what: `the packages of ${owner}`,
      read: (body, { address }) => {
        if (!Array.isArray(body)) throw new SyntaxError("it is no list");
        const names = body.map((each) => each?.name).filter((name) => typeof name === "string");
        return { names: names.map((name) => `${owner}/${name}`), ...gitHubNext(body.length, address) };
      },
    });
  try {
    yield* pages(from ?? first("orgs"));
  } catch (error) {
    if (from !== undefined || (error as { status?: number }).status !== 404) throw error;
    yield* pages(first("users"));
  }
}

function gitHubNext(length: number, of: URL): { next?: URL } {
  if (length < gitHubPage) return {};
  const next = new URL(of);
  next.searchParams.set("page", String(Number(of.searchParams.get("page")) + 1));
  return { next };
}
