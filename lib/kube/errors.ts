/** What can go wrong between this process and an API server: it answered "no", or it did not answer. */

/** `details` of a `Status` answer, as far as callers look at it. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  retryAfterSeconds?: number;
  causes?: { reason?: string; message?: string; field?: string }[];
}

/** The API server answered with something else than success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status code. */
  readonly status: number;
  /** `reason` of the `Status` in the answer (`NotFound`, `Conflict`, `Invalid` …), `""` without one. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** How long the server asks to wait, from the header or the `Status`. */
  readonly retryAfterSeconds: number | undefined;
  readonly method: string;
  readonly path: string;

  constructor(answer: {
    status: number;
    reason?: string;
    message: string;
    details?: StatusDetails;
    retryAfterSeconds?: number;
    method: string;
    path: string;
  }) {
    super(answer.message);
    this.status = answer.status;
    this.reason = answer.reason ?? "";
    this.details = answer.details ?? {};
    this.retryAfterSeconds = answer.retryAfterSeconds;
    this.method = answer.method;
    this.path = answer.path;
  }
}

/** Kinds of failure without an answer. The first four are reasons of conditions (conventions §5.1). */
export type NetworkErrorKind =
  | "ConnectionRefused"
  | "NetworkTimeout"
  | "ConnectionReset"
  | "DNSFailure"
  | "TLS"
  | "NetworkError";

/** There was no answer, or it broke off. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly kind: NetworkErrorKind;
  /**
   * Whether the request may have reached the server. `false` is certain: no connection came about. After
   * `true` the outcome of a write is unknown and the object has to be read.
   */
  readonly sent: boolean;
  readonly method: string;
  readonly path: string;

  constructor(
    kind: NetworkErrorKind,
    message: string,
    request: { sent: boolean; method: string; path: string; cause?: unknown },
  ) {
    super(message, { cause: request.cause });
    this.kind = kind;
    this.sent = request.sent;
    this.method = request.method;
    this.path = request.path;
  }
}

/** Whether an error is the API server's answer with this HTTP status (and reason, if given). */
export function isStatus(error: unknown, status: number, reason?: string): error is ApiError {
  return error instanceof ApiError && error.status === status &&
    (reason === undefined || error.reason === reason);
}

/** Builds the error for an unsuccessful answer from its body, which is a `Status` or plain text. */
export function apiErrorFrom(
  request: { method: string; path: string },
  status: number,
  body: string,
  retryAfterHeader?: string | null,
): ApiError {
  const parsed = parseStatus(body);
  const headerSeconds = Number(retryAfterHeader ?? NaN);
  return new ApiError({
    status,
    reason: parsed?.reason,
    message: parsed?.message || body.trim().slice(0, 1000) || `HTTP status ${status}`,
    details: parsed?.details,
    retryAfterSeconds: Number.isFinite(headerSeconds) ? headerSeconds : parsed?.details?.retryAfterSeconds,
    ...request,
  });
}

/** The fields of a `v1 Status` that an error is made of. */
export interface Status {
  kind?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: StatusDetails;
}

function parseStatus(body: string): Status | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(body) as Status;
    return value.kind === "Status" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Sorts a failure of `fetch`, or of reading its body, by the words of the HTTP client underneath. */
export function networkErrorFrom(request: { method: string; path: string }, failure: unknown): NetworkError {
  const words = wordsOf(failure);
  const sent = !/client error \(Connect\)|are blocked/.test(words);
  const kind = kindOf(words, sent);
  const verb = request.method === "GET" ? "asking" : "writing to";
  return new NetworkError(kind, `${verb} the API server failed (${kind}): ${words}`, {
    sent,
    ...request,
    cause: failure,
  });
}

function wordsOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}

function kindOf(words: string, sent: boolean): NetworkErrorKind {
  if (/connection refused/i.test(words)) return "ConnectionRefused";
  if (/dns error|failed to lookup|name resolution/i.test(words)) return "DNSFailure";
  if (/timed out/i.test(words)) return "NetworkTimeout";
  if (/certificate|fatal alert|corrupt message|tls|handshake/i.test(words)) return "TLS";
  if (/reset|broken pipe|closed|incomplete|unexpected eof|end of file|reading a body|goaway/i.test(words)) {
    return "ConnectionReset";
  }
  return sent && /SendRequest|body/.test(words) ? "ConnectionReset" : "NetworkError";
}
