/** Failures of a request: which may pass, and what is said about them. Pure. */

import type { RegistryReason } from "./errors.ts";

/** Answers that are asked for again (models-and-templates.md §3.3, rule 4, and 429). */
const passing: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

/** Whether the same request may be answered differently a moment later. */
export function mayPass(status: number): boolean {
  return passing.has(status);
}

/** The reason of an HTTP status that is not a success. */
export function reasonOfStatus(status: number): RegistryReason {
  if (status === 401 || status === 403) return "ImagePullAuthFailure";
  if (status === 404) return "ImageNotFound";
  if (status === 429) return "RateLimited";
  if (status === 408 || status === 499) return "NetworkTimeout";
  return status >= 500 ? "RegistryUnavailable" : "UnexpectedResponse";
}

/** What fetch met: the reason, its words, and whether a connection came about. */
export interface NetworkFailure {
  readonly reason: RegistryReason;
  /** Without addresses of URLs, which may carry signatures. */
  readonly words: string;
  /** Nothing was sent, since no connection (with TLS, where wanted) came about. */
  readonly unconnected: boolean;
}

/** Sorts what `fetch`, or reading its body, threw, by the words of the HTTP client underneath. */
export function networkFailure(thrown: unknown): NetworkFailure {
  const full = thrown instanceof Error
    ? (thrown.cause instanceof Error ? thrown.cause.message : thrown.message)
    : String(thrown);
  const connect = /client error \(Connect\)/.test(full);
  const words = full.replace(/^.*?client error \(\w+\): /s, "").replace(/https?:\/\/\S+/g, "(address)").slice(
    0,
    300,
  );
  return { reason: reasonOf(full, connect), words, unconnected: connect };
}

function reasonOf(words: string, connect: boolean): RegistryReason {
  if (/connection refused/i.test(words)) return "ConnectionRefused";
  if (/dns error|failed to lookup|name resolution/i.test(words)) return "DNSFailure";
  if (/timed out/i.test(words)) return "NetworkTimeout";
  if (/certificate|unknownissuer/i.test(words)) return "CertificateInvalid";
  if (connect) return /reset|eof/i.test(words) ? "ConnectionReset" : "NetworkError";
  return /reset|broken pipe|closed|incomplete|eof|end of file|SendRequest|body|goaway/i.test(words)
    ? "ConnectionReset"
    : "NetworkError";
}

/**
 * The milliseconds that a `Retry-After` asks for (seconds or a date, RFC 9110 §10.2.3), at most a day;
 * undefined when there is none that can be read.
 */
export function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const isDate = /^[A-Za-z]{3,9}, /.test(header);
  const wait = isDate ? Date.parse(header) - now : /^\d+$/.test(header) ? Number(header) * 1000 : NaN;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 24 * 60 * 60_000) : undefined;
}

/**
 * What a registry or token server says about an error, in one line: the `errors` of the distribution
 * specification, or the words that token servers use. Pages for people (HTML) say nothing here.
 */
export function errorText(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { errors, error, error_description, details, message } = value as Record<string, unknown>;
  const told = Array.isArray(errors)
    ? errors.slice(0, 3).map((one) => [one?.code, one?.message].filter(isText).join(": "))
    : [error, error_description, details, message].filter(isText);
  const line = told.filter((text) => text !== "").join("; ").replace(/[\s\p{C}]+/gu, " ").trim();
  return line === "" ? undefined : line.slice(0, 300);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A text without any of the secrets. */
export function scrubbed(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) if (secret.length > 0) clean = clean.replaceAll(secret, "[redacted]");
  return clean;
}
