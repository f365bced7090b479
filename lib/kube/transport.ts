/**
 * The seam between this client and the network. Its call shape is that of `RestClient` in
 * `@cloudydeno/kubernetes-client`: whoever has one (`autoDetectClient()`) wraps it by {@link adapter}.
 */
import { abortable, unlessAborted } from "./body.ts";
import { ApiError, apiErrorFrom, NetworkError, networkErrorFrom, type Status } from "./errors.ts";

export type HttpMethod = "GET" | "POST" | "DELETE" | "PUT" | "PATCH" | "OPTIONS" | "HEAD";

/** One request to the API server. */
export interface RequestOptions {
  method: HttpMethod;
  /** Absolute path below the server's address, e.g. `/api/v1/nodes`. */
  path: string;
  querystring?: URLSearchParams;
  bodyJson?: unknown;
  bodyRaw?: Uint8Array;
  bodyStream?: ReadableStream<Uint8Array>;
  /** Of the body; `application/json` where there is a `bodyJson`. */
  contentType?: string;
  accept?: string;
  /** Give the body parsed. */
  expectJson?: boolean;
  /** Of a body that is parsed: an object, of whose `managedFields` only the entries of these managers are asked for. Default: all. */
  managers?: readonly string[];
  /** Give the body as it comes. */
  expectStream?: boolean;
  /** Open a bidirectional tunnel of these protocols (exec, attach, port-forward). */
  expectTunnel?: string[];
  /** A reason named `TimeoutError` (as of `AbortSignal.timeout`) becomes a {@link NetworkError}. */
  abortSignal?: AbortSignal;
}

/**
 * A client that is call-compatible with `RestClient` of `@cloudydeno/kubernetes-client`. What it throws
 * and gives for JSON is its own business: see {@link adapter}.
 */
export interface RestClient {
  performRequest(options: RequestOptions & { expectTunnel: string[] }): Promise<unknown>;
  performRequest(
    options: RequestOptions & { expectStream: true; expectJson: true },
  ): Promise<ReadableStream<unknown>>;
  performRequest(options: RequestOptions & { expectStream: true }): Promise<ReadableStream<Uint8Array>>;
  performRequest(options: RequestOptions & { expectJson: true }): Promise<unknown>;
  performRequest(options: RequestOptions): Promise<Uint8Array>;
  readonly defaultNamespace?: string;
}

/**
 * What everything in `lib/kube` talks to. Beyond {@link RestClient} it guarantees: an unsuccessful answer
 * throws {@link ApiError}, a missing or broken answer {@link NetworkError}, an abort by the caller throws
 * the signal's reason.
 */
export interface Transport extends RestClient {
  /** Watches are given as objects at no cost, where others would make text of them first: a server in this process. */
  readonly hasObjects?: true;
  /**
   * Lets later requests use a new connection, unless the present one was opened after `openedBefore`
   * (milliseconds of `performance.now()`). Requests under way stay where they are. For connections that
   * look alive but are not: HTTP/2 carries all watches and reads on one of them.
   */
  renew?(openedBefore: number): void;
  /** When the last byte came on the connection that carries this answer (milliseconds of `performance.now()`). */
  heardAt?(answer: ReadableStream): number | undefined;
}

/** An answer or its absence, for metrics. */
export interface RequestReport {
  method: string;
  /** Host and port of the API server. */
  host: string;
  /** HTTP status, or `<error>` without an answer. */
  code: string;
  /** Until the head of the answer. */
  seconds: number;
  /** Header `Date`: the time at the API server, where it says so. */
  date?: string;
}

/**
 * Makes a {@link Transport} of any client of that call shape. It adds the error types (from the `httpCode` and
 * `status` that the client puts on its errors, else from the words of the failure) and sees to it that an
 * abort is heard at once.
 */
export function adapter(client: RestClient): Transport {
  const call = client.performRequest.bind(client) as (options: RequestOptions) => Promise<unknown>;
  const performRequest = async (options: RequestOptions): Promise<unknown> => {
    const failed = (failure: unknown) => translate(failure, options);
    try {
      const answer = await unlessAborted(call(options), options.abortSignal);
      return answer instanceof ReadableStream
        ? abortable(answer, options.abortSignal ? [options.abortSignal] : [], failed)
        : answer;
    } catch (failure) {
      throw failed(failure);
    }
  };
  return { performRequest, defaultNamespace: client.defaultNamespace } as Transport;
}

function translate(failure: unknown, request: RequestOptions): unknown {
  if (failure instanceof ApiError || failure instanceof NetworkError) return failure;
  if (request.abortSignal?.aborted) return abortReason(request.abortSignal, request);
  const { httpCode, status, message } = failure as { httpCode?: number; status?: Status; message?: string };
  if (httpCode === undefined) return networkErrorFrom(request, failure);
  return apiErrorFrom(
    request,
    httpCode,
    status ? JSON.stringify({ kind: "Status", ...status }) : message ?? "",
  );
}

/** What an aborted request throws: the caller's own reason, or a {@link NetworkError} if time ran out. */
export function abortReason(signal: AbortSignal, request: { method: string; path: string }): unknown {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DOMException) || reason.name !== "TimeoutError") return reason;
  return new NetworkError(
    "NetworkTimeout",
    `no answer from the API server in time: ${request.method} ${request.path}`,
    {
      sent: true,
      method: request.method,
      path: request.path,
      cause: reason,
    },
  );
}
