/** The part of the Hugging Face API that a download needs: what is in a repository at a commit, and why not. */

import { unlessAborted } from "../../kube/body.ts";
import type { Checksum } from "../files/checksum.ts";
import { DownloadFailure } from "../failure.ts";
import { checkPaths, type Listing, type RemoteFile } from "../files/listing.ts";
import { type Requests, serverFailure } from "../transfer/requests.ts";
import { Pace } from "./pace.ts";

/** What the API says of a model, as far as it is read. */
interface ModelInfo {
  readonly id?: unknown;
  readonly sha?: unknown;
  readonly siblings?: readonly {
    readonly rfilename?: unknown;
    readonly size?: unknown;
    readonly blobId?: unknown;
    readonly lfs?: { readonly sha256?: unknown; readonly size?: unknown } | null;
  }[];
}

interface TreeEntry {
  readonly path?: unknown;
  readonly xetHash?: unknown;
}

/** What the hub gives to those who may read from XET storage. */
export interface XetToken {
  readonly accessToken: string;
  readonly casUrl: string;
  /** Seconds since 1970. */
  readonly exp: number;
}

/** A repository at one commit. */
export interface Snapshot extends Listing {
  readonly commit: string;
  /** Its name now: a repository that was renamed is found by its former one, too. */
  readonly repository: string;
}

export interface HubOptions {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly requests: Requests;
}

export class Hub {
  readonly #endpoint: URL;
  readonly #token: string | undefined;
  readonly requests: Requests;
  readonly #pace = new Pace();

  constructor({ endpoint, token, requests }: HubOptions) {
    this.#endpoint = endpoint;
    this.#token = token;
    this.requests = requests;
  }

  get #credentials(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** Asks the hub, at its pace; the answer may come from a storage to which it redirects. */
  async get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    await this.#pace.turn(signal);
    const response = await this.requests.get(url, { ...headers, ...this.#credentials }, signal);
    if (response.status === 429) this.#pace.refused();
    return response;
  }

  /** An address of the hub. */
  address(path: string): URL {
    return new URL(`${this.#endpoint.href.replace(/\/+$/, "")}${path}`);
  }

  /** Where a file of a commit is. */
  fileAddress(repository: string, commit: string, path: string): URL {
    return this.address(
      `/${repository}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`,
    );
  }

  /**
   * Lists a repository at a branch, a tag or a commit; the commit that it is now stands in the answer, and its name where that has
   * changed.
   *
   * @throws DownloadFailure: no such repository or revision, no access, no answer, or a listing that cannot be downloaded as it is.
   */
  async snapshot(repository: string, revision: string, signal: AbortSignal): Promise<Snapshot> {
    const url = this.address(`/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`);
    const response = await this.get(url, {}, signal);
    if (!response.ok) throw await this.failureOf(response, repository, { revision });
    const info = await jsonOf<ModelInfo>(response, `the model information of ${repository}`, signal);
    if (typeof info.sha !== "string" || !/^[0-9a-f]{40}$/.test(info.sha)) {
      throw unusable(response, `the model information of ${repository} names no commit`);
    }
    const files = (info.siblings ?? []).map((sibling) => fileOf(sibling, repository, response));
    checkPaths(files, `Repository ${repository}`);
    if (!response.redirected || typeof info.id !== "string" || info.id === repository) {
      return { commit: info.sha, files, repository };
    }
    const note = `Repository ${repository} was renamed to ${info.id}, and is downloaded from there; ` +
      `write hf://${info.id} in the source`;
    return { commit: info.sha, files, repository: info.id, note };
  }

  /**
   * XET hashes of the files at a commit, by path; empty where the hub keeps none.
   * @throws DownloadFailure
   */
  async xetHashes(repository: string, commit: string, signal: AbortSignal): Promise<Map<string, string>> {
    const hashes = new Map<string, string>();
    let next: URL | undefined = this.address(`/api/models/${repository}/tree/${commit}?recursive=true`);
    while (next !== undefined) {
      const response = await this.get(next, {}, signal);
      if (!response.ok) throw await this.failureOf(response, repository, { revision: commit });
      const entries = await jsonOf<readonly TreeEntry[]>(response, `the file tree of ${repository}`, signal);
      for (const { path, xetHash } of entries) {
        if (typeof path === "string" && isHex(xetHash, 64)) hashes.set(path, xetHash);
      }
      const [, link] = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("link") ?? "") ?? [];
      next = link === undefined ? undefined : new URL(link, next);
    }
    return hashes;
  }

  /** Where a token for XET storage is given out. */
  xetTokenAddress(repository: string, commit: string): URL {
    return this.address(`/api/models/${repository}/xet-read-token/${commit}`);
  }

  /** A token for XET storage. @throws DownloadFailure */
  async xetToken(repository: string, commit: string, signal: AbortSignal): Promise<XetToken> {
    const response = await this.get(this.xetTokenAddress(repository, commit), {}, signal);
    if (!response.ok) throw await this.failureOf(response, repository, { path: "a token for XET" });
    const token = await jsonOf<XetToken>(response, `the XET token of ${repository}`, signal);
    if (
      typeof token.accessToken === "string" && typeof token.exp === "number" && URL.canParse(token.casUrl)
    ) return token;
    throw unusable(response, `the XET token of ${repository} has not what it needs`);
  }

  /**
   * The failure that an answer of the hub means, in words that AIM Engine's classifier knows too (caching-and-artifacts.md §6.3).
   * The body is dropped.
   */
  async failureOf(
    response: Response,
    repository: string,
    asked: { readonly revision?: string; readonly path?: string },
  ): Promise<DownloadFailure> {
    await response.body?.cancel();
    const { status, headers } = response;
    const code = headers.get("x-error-code") ?? "";
    const said = headers.get("x-error-message")?.replace(/\s+/g, " ").slice(0, 300) ?? "";
    const words = said === "" ? "" : `; the hub says: ${said}`;
    const what = asked.path ?? `model information of ${repository}`;
    const busy = serverFailure(response, what);
    if (busy !== undefined) return busy;
    if (code === "GatedRepo") {
      const remedy = this.#token === undefined
        ? "set HF_TOKEN to the token of an account that has access"
        : "the account of HF_TOKEN has none: accept the terms on the model's page, or use another token";
      return new DownloadFailure("auth", `Cannot access gated repo: ${repository}; ${remedy}${words}`, {
        gated: true,
      });
    }
    if (code === "RevisionNotFound") {
      return new DownloadFailure(
        "notFound",
        `Revision Not Found: ${repository} has no revision ${asked.revision}`,
      );
    }
    if (code === "RepoNotFound" || (code === "" && status === 404 && asked.path === undefined)) {
      const remedy = this.#token === undefined
        ? "check the name; if it is private, set HF_TOKEN"
        : "check the name, and that the account of HF_TOKEN may see it";
      return new DownloadFailure("notFound", `Repository Not Found: ${repository}; ${remedy}`);
    }
    if (status === 401 || status === 403) {
      const remedy = this.#token === undefined
        ? "set HF_TOKEN"
        : "check HF_TOKEN: it may be wrong or expired";
      return new DownloadFailure(
        "auth",
        `No access to ${repository} (${status}, ${what}): ${remedy}${words}`,
      );
    }
    if (status === 404) {
      return new DownloadFailure("notFound", `File Not Found: ${what} in ${repository}`);
    }
    return new DownloadFailure("other", `${new URL(response.url).host} answers ${status} (${what})${words}`);
  }
}

function fileOf(
  sibling: NonNullable<ModelInfo["siblings"]>[number],
  repository: string,
  response: Response,
): RemoteFile {
  const { rfilename: path, blobId, lfs } = sibling;
  const size = lfs?.size ?? sibling.size;
  if (typeof path !== "string" || !Number.isSafeInteger(size) || (size as number) < 0) {
    throw unusable(response, `the model information of ${repository} has a file without a name or a size`);
  }
  const etag = lfs?.sha256 ?? blobId;
  const checksum: Checksum = isHex(lfs?.sha256, 64)
    ? { kind: "sha256", value: lfs.sha256 as string }
    : { kind: "gitBlob", value: blobId as string };
  if (!isHex(checksum.value, checksum.kind === "sha256" ? 64 : 40)) {
    throw unusable(
      response,
      `the model information of ${repository} has no checksum of ${JSON.stringify(path)}`,
    );
  }
  return { path, size: size as number, checksum, etag: etag as string };
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length === length && /^[0-9a-f]*$/.test(value);
}

async function jsonOf<T>(response: Response, what: string, signal: AbortSignal): Promise<T> {
  let text: string;
  try {
    text = await unlessAborted(response.text(), signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new DownloadFailure("network", `${what} broke off`, { retryable: true, cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(response, `${what} is no JSON`);
  }
}

function unusable(response: Response, why: string): DownloadFailure {
  return new DownloadFailure("other", `${new URL(response.url).host} speaks no Hugging Face API: ${why}`);
}
