/**
 * What is remembered of download attempts (caching-and-artifacts.md §5.11 and §5.12 Better). A failed Job is
 * removed by its TTL, long before the next attempt may be due; the status has no field for it, so the message
 * of `DownloadComplete` says it, in words that people read and that are read back here.
 */

import type { Reason } from "../../lib/operator/status/reasons.ts";

/** A failed attempt. */
export interface Failure {
  /** From 1; counts anew once the inputs change. */
  readonly attempt: number;
  /** When the Job failed, and when the next one may begin. RFC 3339. */
  readonly at: string;
  readonly retryAt: string;
  /** Hash of what the Job was made of: another hash lets the next attempt begin at once. */
  readonly inputs: string;
}

const failed =
  /^Download attempt (\d+) failed at (\S+); the next begins at (\S+), or once artifact or runtime config change \(inputs ([0-9a-f]{8})\)/;

export function failureText({ attempt, at, retryAt, inputs }: Failure, detail: string): string {
  return `Download attempt ${attempt} failed at ${at}; the next begins at ${retryAt}, ` +
    `or once artifact or runtime config change (inputs ${inputs}): ${detail}`;
}

/** The failure that a stored message tells of. */
export function failureIn(message: string | undefined): Failure | undefined {
  const match = failed.exec(message ?? "");
  if (match === null) return undefined;
  const [, attempt, at, retryAt, inputs] = match;
  if (Number.isNaN(Date.parse(at)) || Number.isNaN(Date.parse(retryAt))) return undefined;
  return { attempt: Number(attempt), at, retryAt, inputs };
}

const verified = /^Verified on PersistentVolumeClaim (\S+) \(UID (\S+)\)$/;

export function verifiedText(claim: { readonly name: string; readonly uid: string }): string {
  return `Verified on PersistentVolumeClaim ${claim.name} (UID ${claim.uid})`;
}

/** UID of the claim that a stored message says was filled. */
export function verifiedClaimIn(message: string | undefined): string | undefined {
  return verified.exec(message ?? "")?.[2];
}

const minute = 60_000;
const longest = 30 * minute;
/** What does not pass by itself is tried rarely; its cure is a change, which is noticed at once. */
const stubbornly = 60 * minute;
const stubborn: readonly Reason[] = [
  "AuthError",
  "SourceNotFound",
  "StorageFull",
  "ImagePullAuthFailure",
  "ImageNotFound",
];

/** When the attempt after this one may begin: a minute later, doubling to half an hour. */
export function retryTime(attempt: number, failedAt: string, reason: Reason): string {
  const wait = stubborn.includes(reason)
    ? stubbornly
    : Math.min(longest, minute * 2 ** Math.min(attempt - 1, 10));
  return new Date(Date.parse(failedAt) + wait).toISOString().replace(/\.\d+Z$/, "Z");
}
