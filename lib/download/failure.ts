/** Why a download or a size check did not come about, in the classes that the operator acts on (caching-and-artifacts.md §6.3). */

/** What kind of trouble it is: credentials, nothing there, no room, no connection, anything else. */
export type FailureClass = "auth" | "notFound" | "storageFull" | "network" | "other";

/** A failure with a message for people. It never carries a token, nor the query of a signed address. */
export class DownloadFailure extends Error {
  override readonly name = "DownloadFailure";
  readonly class: FailureClass;
  /** Whether the same request may succeed a moment later. */
  readonly retryable: boolean;
  /** How long the server asks to wait, in seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** Whether the server has too many requests: of ours, or of many who do the same at the same time. */
  readonly crowded: boolean;
  /** Whether it is for want of having accepted the terms of the model. */
  readonly gated: boolean;

  constructor(
    failureClass: FailureClass,
    message: string,
    options: {
      readonly retryable?: boolean;
      readonly retryAfterSeconds?: number;
      readonly crowded?: boolean;
      readonly gated?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.class = failureClass;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.crowded = options.crowded ?? false;
    this.gated = options.gated ?? false;
  }
}

/** What a failure is more closely than its class says, for who tells its cause. */
export type FailureDetail = "gated" | "crowded";

export function detailOf({ gated, crowded }: DownloadFailure): FailureDetail | undefined {
  return gated ? "gated" : crowded ? "crowded" : undefined;
}

/** Credentials, a wrong name and a full volume do not get better by another protocol (§6.4 Better). */
export function isFinal(failure: DownloadFailure): boolean {
  return failure.class === "auth" || failure.class === "notFound" || failure.class === "storageFull";
}

/** Any error as a failure: what the system says about the disk is sorted, all else is `other`. */
export function failureFrom(error: unknown): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  const { code, message } = error as { code?: string; message?: string };
  const text = message ?? String(error);
  if (code === "ENOSPC" || code === "EDQUOT" || /os error (28|122)\b/.test(text)) {
    return new DownloadFailure(
      "storageFull",
      `the volume is full: ${text}; give the artifact a larger volume`,
      { cause: error },
    );
  }
  return new DownloadFailure("other", text, { cause: error });
}

/** A failure of `fetch`, or of reading its body: it may work the next time. */
export function connectionFailure(host: string, error: unknown): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  if (error instanceof Deno.errors.NotCapable) return failureFrom(error); // a permission is missing: no fault of the network
  const { cause, message } = error as { cause?: unknown; message?: string };
  const words = (cause instanceof Error ? cause.message : message) ?? String(error);
  if (/certificate|UnknownIssuer/i.test(words)) {
    const [, fault = words] = /invalid peer certificate: (.+)$/s.exec(words) ?? [];
    return new DownloadFailure(
      "network",
      `${host} shows a certificate that is not trusted here: ${fault}; ${certificateRemedy(fault)}`,
      { cause: error },
    );
  }
  const broke = /reading a body/.test(words); // all that Deno says of an answer that ends early
  const told = broke ? `the connection to ${host} broke off` : `no connection to ${host}: ${words}`;
  return new DownloadFailure("network", told, { retryable: true, cause: error });
}

function certificateRemedy(fault: string): string {
  if (/expired/i.test(fault)) return "have it renewed, or set this node's clock right";
  if (/not valid for name/i.test(fault)) return "name the server in the endpoint as its certificate does";
  return "put its authority's certificate (PEM) into AIM_DOWNLOADER_CA_BUNDLE, for instance from a ConfigMap";
}

/** Seconds of a Retry-After header, which may also be a date; undefined without one. */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
