/** Files of a repository by plain HTTP, in ranges or whole. */

import { DownloadFailure } from "../failure.ts";
import type { RemoteFile } from "../files/listing.ts";
import type { Answer, Origin } from "../files/origin.ts";
import { serverFailure } from "../transfer/requests.ts";
import type { Hub } from "./hub.ts";

/**
 * Asks the hub once for each file. A large one lies elsewhere, at a signed address that the hub redirects to: further ranges go
 * there directly, and to the hub again when the address has expired. The hub's token never goes there.
 */
export class PlainFiles implements Origin {
  readonly #inRanges: boolean;
  readonly #hub: Hub;
  readonly #repository: string;
  readonly #commit: string;
  /** Signed addresses, by path of the file. */
  readonly #signed = new Map<string, URL>();
  /** Files for which the hub is being asked: who wants another range of one waits, and may find a signed address. */
  readonly #asking = new Map<string, Promise<unknown>>();

  constructor(
    hub: Hub,
    at: { readonly repository: string; readonly commit: string; readonly inRanges: boolean },
  ) {
    this.#hub = hub;
    this.#repository = at.repository;
    this.#commit = at.commit;
    this.#inRanges = at.inRanges;
  }

  inRanges(): boolean {
    return this.#inRanges;
  }

  async open(file: RemoteFile, from: number, to: number, signal: AbortSignal): Promise<Answer> {
    const range = rangeOf(file, from, to);
    await this.#asking.get(file.path)?.catch(() => {});
    return await this.#fromStorage(file, from, range, signal) ??
      await this.#fromHub(file, from, range, signal);
  }

  /** By the signed address; undefined where there is none, or no more. */
  async #fromStorage(
    file: RemoteFile,
    from: number,
    range: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const signed = this.#signed.get(file.path);
    if (signed === undefined) return undefined;
    const response = await this.#hub.requests.get(signed, range, signal);
    if (response.ok) return await answerOf(response, file, from);
    await response.body?.cancel();
    const busy = serverFailure(response, file.path);
    if (busy !== undefined) throw busy;
    this.#signed.delete(file.path); // expired
    return undefined;
  }

  async #fromHub(
    file: RemoteFile,
    from: number,
    range: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const url = this.#hub.fileAddress(this.#repository, this.#commit, file.path);
    const asking = this.#hub.get(url, range, signal);
    this.#asking.set(file.path, asking);
    const response = await asking.finally(() => this.#asking.delete(file.path));
    const landed = new URL(response.url);
    const elsewhere = landed.origin !== url.origin;
    if (response.ok) {
      if (elsewhere) this.#signed.set(file.path, landed);
      return await answerOf(response, file, from);
    }
    if (!elsewhere) throw await this.#hub.failureOf(response, this.#repository, { path: file.path });
    await response.body?.cancel();
    throw serverFailure(response, file.path) ??
      new DownloadFailure(
        "network",
        `${landed.host}, to which the hub redirects, answers ${response.status}`,
        {
          retryable: true,
        },
      );
  }
}

/** No header for a whole file: servers that cannot do ranges need not be asked for one. */
function rangeOf(file: RemoteFile, from: number, to: number): Record<string, string> {
  return from === 0 && to === file.size ? {} : { range: `bytes=${from}-${to - 1}` };
}

/** The body of a good answer, if the server does not contradict the listing. */
export async function answerOf(response: Response, file: RemoteFile, from: number): Promise<Answer> {
  const { status, headers } = response;
  const { host } = new URL(response.url);
  const fault = status === 206
    ? rangeFault(headers.get("content-range"), file, from)
    : lengthFault(headers.get("content-length"), file);
  if (fault !== undefined) {
    await response.body?.cancel();
    throw new DownloadFailure(
      "other",
      `${host} answers ${fault} for ${file.path}, which is listed with ${file.size} bytes`,
    );
  }
  return {
    from: status === 206 ? from : 0,
    ranged: status === 206,
    host,
    body: response.body ?? new Blob([]).stream(),
  };
}

function rangeFault(header: string | null, file: RemoteFile, from: number): string | undefined {
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? "") ?? [];
  const right = first !== undefined && Number(first) === from && (size === "*" || Number(size) === file.size);
  return right ? undefined : `"Content-Range: ${header}"`;
}

function lengthFault(header: string | null, file: RemoteFile): string | undefined {
  return header === null || Number(header) === file.size ? undefined : `"Content-Length: ${header}"`;
}
