import { deadline } from "../backoff.ts";
import { isStatus } from "../errors.ts";
import { apiVersionOf, type KubeObject, type Live, type Resource } from "../object.ts";
import { pathOf, queryOf, type Selection } from "../path.ts";
import type { Transport } from "../transport.ts";

export interface ListOptions<T extends KubeObject> extends Selection {
  /** Objects per page. */
  readonly pageSize?: number;
  /** Which objects count, by what of them never changes; default: all that the selection matches. */
  readonly keep?: (object: Live<T>) => boolean;
  /**
   * Applied to each object as its page comes; what it gives is kept instead, so that a list never holds
   * more than one page unprojected.
   */
  readonly project?: (object: Live<T>) => Live<T>;
  /** For each page. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
}

/** A whole list, as of one moment. */
export interface List<T extends KubeObject> {
  readonly items: Live<T>[];
  /** The version that the list was read at; a watch from here misses nothing. */
  readonly resourceVersion: string;
}

interface ListAnswer<T extends KubeObject> {
  metadata: { resourceVersion: string; continue?: string };
  items: Live<T>[] | null;
}

/** So much a caller waits for one page at most, in milliseconds. */
const pageTimeout = 60_000;

/**
 * Reads all objects of a selection, page by page, consistently: it contains every write that was answered
 * before the call, and all pages show the same moment. If that moment expires between two pages (410), it
 * starts over; the second time in one request without pages, so that it ends.
 *
 * Objects in lists come without `apiVersion` and `kind`; they are put in.
 * @throws ApiError, NetworkError; 404 says that the kind is not served.
 */
export async function list<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  options: ListOptions<T> = {},
): Promise<List<T>> {
  const pageSizes = [options.pageSize ?? 500, options.pageSize ?? 500, undefined];
  for (const [attempt, pageSize] of pageSizes.entries()) {
    try {
      return await listOnce(transport, resource, options, pageSize);
    } catch (failure) {
      if (!isStatus(failure, 410) || attempt === pageSizes.length - 1) throw failure;
    }
  }
  throw new Error("unreachable");
}

async function listOnce<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  options: ListOptions<T>,
  pageSize: number | undefined,
): Promise<List<T>> {
  const items: Live<T>[] = [];
  const apiVersion = apiVersionOf(resource);
  let next: string | undefined;
  for (;;) {
    const page = await readPage<T>(transport, resource, options, pageSize, next);
    for (const item of page.items ?? []) {
      item.apiVersion ??= apiVersion;
      item.kind ??= resource.kind;
      if (options.keep?.(item) === false) continue;
      items.push(options.project ? options.project(item) : item);
    }
    next = page.metadata.continue;
    if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

async function readPage<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  options: ListOptions<T>,
  pageSize: number | undefined,
  next: string | undefined,
): Promise<ListAnswer<T>> {
  const querystring = queryOf(options);
  if (pageSize !== undefined) querystring.set("limit", String(pageSize));
  if (next !== undefined) querystring.set("continue", next);
  const limit = deadline(options.timeoutMilliseconds ?? pageTimeout, options.signal);
  try {
    return await transport.performRequest({
      method: "GET",
      path: pathOf(resource, options.namespace),
      querystring,
      expectJson: true,
      abortSignal: limit.signal,
    }) as ListAnswer<T>;
  } finally {
    limit.done();
  }
}
