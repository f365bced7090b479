/**
 * A hub on loopback that speaks what a download uses of the Hugging Face API: model information, resolve with redirects to a storage
 * of another origin, ranges, entity tags, gated and missing repositories. Large files are "LFS": they lie in the storage, at addresses
 * that are signed and expire.
 */

import { createHash } from "node:crypto";
import type { Content } from "./content.ts";

/** Files from this size on lie in the storage. */
const lfsBytes = 100_000;

export interface Repository {
  readonly files: Readonly<Record<string, Content>>;
  /** Only for those who show this token. */
  readonly token?: string;
  /** The token is right, and its account has no access yet. */
  readonly gated?: boolean;
  /** XET hashes by path: these files can be put together from the XET storage as well. */
  readonly xet?: Readonly<Record<string, string>>;
  /** It was renamed to that: whatever is asked of it is redirected. */
  readonly movedTo?: string;
  /** What the listing says instead of the files, e.g. to lie. */
  readonly siblings?: readonly Record<string, unknown>[];
  /** Branches and tags besides `main`; by commit. */
  readonly revisions?: Readonly<Record<string, Readonly<Record<string, Content>>>>;
}

const pageEntries = 1000;

/** What the hub was asked. */
export interface Asked {
  readonly kind: "info" | "tree" | "token" | "file" | "storage";
  readonly method: string;
  /** Path of the file, or of the repository. */
  readonly path: string;
  readonly range: { readonly from: number; readonly to: number } | undefined;
  readonly authorization: string | null;
  /** Which request of its kind and path it is, from 1. */
  readonly number: number;
}

/** What a fault does instead of the right answer. */
export type Fault =
  | Response
  /** The connection ends after so many bytes of the body, or goes mute. */
  | { readonly cutAfter: number; readonly mute?: boolean }
  /** One byte is another one. */
  | { readonly wrongByteAt: number }
  /** The range is ignored: 200 and the whole file. */
  | "whole";

export interface HubOptions {
  /** Looked up at each request. */
  readonly repositories: Record<string, Repository>;
  /** Decides about a fault; undefined: the right answer. */
  readonly fault?: (asked: Asked) => Fault | undefined | Promise<Fault | undefined>;
  /** Address of the XET storage, if there is one. */
  readonly xetStorage?: string;
  /** Where large files lie, by path, if not in the hub's own storage. */
  readonly storage?: (path: string) => string;
  /** How many requests a signed address is good for. */
  readonly signedFor?: number;
  /** Certificate and key, PEM: hub and storage speak TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export class Hub implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** Where the hub redirects to; its own storage unless something is put before it. */
  storage: string;
  readonly #options: HubOptions;
  readonly #numbers = new Map<string, number>();
  readonly #stored = new Map<string, Content>();
  /** Requests for which each signed address is still good. */
  readonly #tickets = new Map<string, number>();
  readonly #hub: Deno.HttpServer<Deno.NetAddr>;
  readonly #storage: Deno.HttpServer<Deno.NetAddr>;
  readonly #end = new AbortController();

  constructor(options: HubOptions) {
    this.#options = options;
    this.#hub = this.#serve((request) => this.#answer(request));
    this.#storage = this.#serve((request) => this.#answerStorage(request));
    this.storage = this.#addressOf(this.#storage);
  }

  get endpoint(): string {
    return this.#addressOf(this.#hub);
  }

  #serve(answer: (request: Request) => Promise<Response>): Deno.HttpServer<Deno.NetAddr> {
    const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#end.signal };
    const { tls } = this.#options;
    return tls === undefined ? Deno.serve(listen, answer) : Deno.serve({ ...listen, ...tls }, answer);
  }

  #addressOf({ addr }: Deno.HttpServer<Deno.NetAddr>): string {
    return `${this.#options.tls ? "https" : "http"}://127.0.0.1:${addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await Promise.allSettled([this.#hub.finished, this.#storage.finished]);
  }

  /** The commit that `main`, or another revision, is. */
  commitOf(name: string, revision = "main"): string {
    return commitOf(this.#filesAt(this.#options.repositories[name], revision) ?? {});
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname);
    for (const [name, { movedTo }] of Object.entries(this.#options.repositories)) {
      const at = path.indexOf(`/${name}/`);
      if (movedTo === undefined || at !== 0 && at !== "/api/models".length) continue;
      const location = url.pathname.replace(`/${name}/`, `/${movedTo}/`) + url.search;
      return new Response(`Temporary Redirect. Redirecting to ${location}`, {
        status: 307,
        headers: { location },
      });
    }
    const tree = /^\/api\/models\/(.+?)\/tree\/(.+)$/.exec(path);
    if (tree !== null) return await this.#tree(request, tree[1], tree[2]);
    const token = /^\/api\/models\/(.+?)\/xet-read-token\/(.+)$/.exec(path);
    if (token !== null) return await this.#token(request, token[1]);
    const info = /^\/api\/models\/(.+?)(?:\/revision\/(.+))?$/.exec(path);
    const file = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/s.exec(path);
    if (file !== null) return await this.#file(request, file[1], file[2], file[3]);
    if (info !== null) return await this.#info(request, info[1], info[2] ?? "main");
    return new Response("no such page", { status: 404 });
  }

  async #info(request: Request, name: string, revision: string): Promise<Response> {
    const fault = await this.#note(request, "info", name);
    if (fault instanceof Response) return fault;
    const refused = this.#refusal(request, name);
    if (refused !== undefined) return refused;
    const repository = this.#options.repositories[name];
    const files = this.#filesAt(repository, revision);
    if (files === undefined) return refusal(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    return Response.json({
      id: name,
      sha: commitOf(files),
      private: false,
      gated: repository.gated ? "manual" : false,
      siblings: repository.siblings ??
        Object.entries(files).map(([path, content]) => ({
          rfilename: path,
          size: content.size,
          blobId: content.gitBlob,
          ...(isLfs(content)
            ? { lfs: { sha256: content.sha256, size: content.size, pointerSize: 134 } }
            : {}),
        })),
    });
  }

  async #tree(request: Request, name: string, revision: string): Promise<Response> {
    const fault = await this.#note(request, "tree", name);
    if (fault instanceof Response) return fault;
    const refused = this.#refusal(request, name);
    if (refused !== undefined) return refused;
    const repository = this.#options.repositories[name];
    const files = this.#filesAt(repository, revision);
    if (files === undefined) return refusal(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    const url = new URL(request.url);
    const entries = Object.entries(files).map(([path, content]) => ({
      type: "file",
      path,
      size: content.size,
      oid: content.gitBlob,
      ...(isLfs(content) ? { lfs: { oid: content.sha256, size: content.size, pointerSize: 134 } } : {}),
      ...(repository.xet?.[path] === undefined ? {} : { xetHash: repository.xet[path] }),
    }));
    // In pages, as the real one with its thousands.
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const page = entries.slice(from, from + pageEntries);
    url.searchParams.set("cursor", String(from + pageEntries));
    const more = from + pageEntries < entries.length;
    return Response.json(page, { headers: more ? { link: `<${url}>; rel="next"` } : {} });
  }

  async #token(request: Request, name: string): Promise<Response> {
    const fault = await this.#note(request, "token", name);
    if (fault instanceof Response) return fault;
    const refused = this.#refusal(request, name);
    if (refused !== undefined) return refused;
    const exp = Math.floor(Date.now() / 1000) + 3600;
    return Response.json({ accessToken: "xet-token", casUrl: this.#options.xetStorage, exp }, {
      headers: {
        "x-xet-access-token": "xet-token",
        "x-xet-cas-url": this.#options.xetStorage ?? "",
        "x-xet-token-expiration": String(exp),
      },
    });
  }

  async #file(request: Request, name: string, revision: string, path: string): Promise<Response> {
    const fault = await this.#note(request, "file", path);
    if (fault instanceof Response) return fault;
    const refused = this.#refusal(request, name);
    if (refused !== undefined) return refused;
    const files = this.#filesAt(this.#options.repositories[name], revision);
    if (files === undefined) return refusal(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    const content = files[path];
    if (content === undefined) return refusal(404, "EntryNotFound", "Entry not found");
    const headers = { "x-repo-commit": commitOf(files), "accept-ranges": "bytes" };
    if (!isLfs(content)) {
      return bodyOf(request, content, fault, { ...headers, etag: `"${content.gitBlob}"` });
    }
    this.#stored.set(content.sha256, content);
    const hash = this.#options.repositories[name].xet?.[path];
    const ticket = crypto.randomUUID();
    this.#tickets.set(ticket, this.#options.signedFor ?? Infinity);
    return new Response(null, {
      status: 302,
      headers: {
        ...headers,
        ...(hash === undefined ? {} : {
          "x-xet-hash": hash,
          link: `<${this.endpoint}/api/models/${name}/xet-read-token/${commitOf(files)}>; rel="xet-auth", ` +
            `<${this.#options.xetStorage}/v1/reconstructions/${hash}>; rel="xet-reconstruction-info"`,
        }),
        "x-linked-size": String(content.size),
        "x-linked-etag": `"${content.sha256}"`,
        location: this.#options.storage?.(path) ??
          `${this.storage}/${content.sha256}?ticket=${ticket}&path=${
            encodeURIComponent(path)
          }&signature=secret-signature`,
      },
    });
  }

  async #answerStorage(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const fault = await this.#note(request, "storage", url.searchParams.get("path") ?? "");
    if (fault instanceof Response) return fault;
    const ticket = url.searchParams.get("ticket") ?? "";
    const left = this.#tickets.get(ticket) ?? 0;
    if (left < 1) return new Response("expired", { status: 403 });
    this.#tickets.set(ticket, left - 1);
    const content = this.#stored.get(url.pathname.slice(1));
    if (content === undefined) return new Response("no such file", { status: 404 });
    return bodyOf(request, content, fault, { etag: `"${content.sha256}"`, "accept-ranges": "bytes" });
  }

  /** Notes a request, and asks for its fault. */
  async #note(request: Request, kind: Asked["kind"], path: string): Promise<Fault | undefined> {
    const key = `${kind} ${path}`;
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
    const asked: Asked = {
      kind,
      method: request.method,
      path,
      range: from === undefined ? undefined : { from: Number(from), to: Number(to) + 1 },
      authorization: request.headers.get("authorization"),
      number,
    };
    this.asked.push(asked);
    return await this.#options.fault?.(asked);
  }

  /** The answer to somebody who may not see the repository. */
  #refusal(request: Request, name: string): Response | undefined {
    const repository = this.#options.repositories[name];
    const shown = request.headers.get("authorization");
    if (repository === undefined) {
      return refusal(shown === null ? 401 : 404, "RepoNotFound", "Repository not found");
    }
    if (repository.gated) return refusal(403, "GatedRepo", `Access to model ${name} is restricted`);
    if (repository.token === undefined || shown === `Bearer ${repository.token}`) return undefined;
    if (shown === null) return refusal(401, "RepoNotFound", "Repository not found");
    return refusal(401, "", "Invalid credentials in Authorization header");
  }

  #filesAt(
    repository: Repository | undefined,
    revision: string,
  ): Readonly<Record<string, Content>> | undefined {
    if (repository === undefined) return undefined;
    const all = [["main", repository.files] as const, ...Object.entries(repository.revisions ?? {})];
    return all.find(([name, files]) => revision === name || revision === commitOf(files))?.[1];
  }
}

function isLfs({ size }: Content): boolean {
  return size >= lfsBytes;
}

const commits = new WeakMap<Readonly<Record<string, Content>>, string>();

/** A commit is named by its content, as in git. */
function commitOf(files: Readonly<Record<string, Content>>): string {
  const known = commits.get(files);
  if (known !== undefined) return known;
  const tree = Object.entries(files).map(([path, { gitBlob }]) => `${gitBlob} ${path}\n`).join("");
  const commit = createHash("sha1").update(tree).digest("hex");
  commits.set(files, commit);
  return commit;
}

function refusal(status: number, code: string, message: string): Response {
  return new Response(message, {
    status,
    headers: { ...(code === "" ? {} : { "x-error-code": code }), "x-error-message": message },
  });
}

const pieceBytes = 256 * 1024;

/** The content as the request asks for it, or with a fault. */
function bodyOf(
  request: Request,
  content: Content,
  fault: Exclude<Fault, Response> | undefined,
  headers: Record<string, string>,
): Response {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
  const ranged = first !== undefined && fault !== "whole";
  const from = ranged ? Number(first) : 0;
  const to = ranged ? Math.min(Number(last) + 1, content.size) : content.size;
  if (ranged && from >= content.size) return new Response(null, { status: 416 });
  return new Response(request.method === "HEAD" ? null : stream(content, from, to, fault), {
    status: ranged ? 206 : 200,
    headers: {
      ...headers,
      "content-length": String(to - from),
      ...(ranged ? { "content-range": `bytes ${from}-${to - 1}/${content.size}` } : {}),
    },
  });
}

function stream(
  content: Content,
  from: number,
  to: number,
  fault: Exclude<Fault, Response> | undefined,
): ReadableStream<Uint8Array> {
  let at = from;
  const cut = typeof fault === "object" && "cutAfter" in fault ? fault : undefined;
  return new ReadableStream({
    pull(controller) {
      if (cut !== undefined && at - from >= cut.cutAfter) {
        if (cut.mute) return new Promise(() => {});
        return controller.error("(a connection is cut by the test)");
      }
      if (at === to) return controller.close();
      const end = Math.min(at + pieceBytes, to, cut === undefined ? to : from + cut.cutAfter);
      let piece = content.read(at, end);
      if (typeof fault === "object" && "wrongByteAt" in fault) {
        const index = fault.wrongByteAt - at;
        if (index >= 0 && index < piece.length) {
          piece = piece.slice();
          piece[index] ^= 1;
        }
      }
      controller.enqueue(piece);
      at = end;
    },
  });
}
