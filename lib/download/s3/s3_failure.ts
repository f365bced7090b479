/** What an S3 store says when it refuses, sorted; the words carry status and code, which AIM Engine's classifier knows (§6.3). */

import { connectionFailure, DownloadFailure, type FailureClass } from "../failure.ts";

/** A folder of a bucket. `prefix` is empty or ends with a slash. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** What the SDK's errors have, as far as it is read. */
interface S3Error {
  readonly name?: string;
  readonly message?: string;
  readonly Code?: string;
  readonly BucketRegion?: string;
  readonly Region?: string;
  readonly ServerTime?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Codes by class; others are sorted by their status. */
const codes: Readonly<Record<string, { readonly class: FailureClass; readonly remedy: string }>> = {
  NoSuchBucket: { class: "notFound", remedy: "check the bucket's name and AWS_ENDPOINT_URL" },
  NoSuchKey: { class: "notFound", remedy: "it was there when the folder was listed" },
  AccessDenied: { class: "auth", remedy: "the credentials may not list and get objects there" },
  InvalidAccessKeyId: { class: "auth", remedy: "check AWS_ACCESS_KEY_ID" },
  XAdminUserNotFound: { class: "auth", remedy: "check AWS_ACCESS_KEY_ID" }, // what versitygw says of an unknown key
  SignatureDoesNotMatch: { class: "auth", remedy: "check AWS_SECRET_ACCESS_KEY" },
  ExpiredToken: { class: "auth", remedy: "the session token has expired: give a new one" },
  InvalidToken: { class: "auth", remedy: "check AWS_SESSION_TOKEN" },
  CredentialsProviderError: {
    class: "auth",
    remedy: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod's service account a role",
  },
  PreconditionFailed: { class: "other", remedy: "it was changed while it was downloaded: try again" },
};

/** Codes of a region that is not the bucket's. */
const otherRegion = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);

/**
 * @param path the object; undefined for the folder.
 * @param now what the clock here says.
 */
export function s3Failure(
  error: unknown,
  { bucket, prefix }: Place,
  path: string | undefined,
  now = new Date(),
): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  const { name = "", message = "", Code, $metadata, $response, BucketRegion, Region, ServerTime } =
    error as S3Error;
  const status = $metadata?.httpStatusCode;
  const code = Code ?? name;
  const where = `s3://${bucket}/${prefix}${path ?? ""}`;
  const said = `S3 ${status ?? "without an answer"} ${code} for ${where}`;
  if (code === "RequestTimeTooSkewed") {
    const theirs = new Date(ServerTime ?? $response?.headers?.date ?? NaN);
    const difference = isNaN(theirs.getTime())
      ? "and the store's says another time"
      : `the store's ${theirs.toISOString()}`;
    // The SDK has learnt the difference and signs the next request with it.
    return new DownloadFailure(
      "auth",
      `${said}: the clock of this node says ${now.toISOString()}, ${difference}; set the node's clock right (NTP)`,
      { retryable: true },
    );
  }
  if (otherRegion.has(code) || status === 301) {
    const region = BucketRegion ?? Region ?? $response?.headers?.["x-amz-bucket-region"];
    const remedy = region === undefined
      ? "set AWS_REGION to the bucket's region"
      : `set AWS_REGION to ${region}`;
    return new DownloadFailure("other", `${said}: the bucket is in another region; ${remedy}`);
  }
  const known = codes[code];
  if (known !== undefined) return new DownloadFailure(known.class, `${said}: ${known.remedy}`);
  if (status === undefined) return connectionFailure(bucket, error);
  if (status === 429 || status === 503) {
    // S3 names no time: fewer requests at a time, and growing pauses, are what it asks for.
    return new DownloadFailure("network", `${said}: too many requests`, { retryable: true, crowded: true });
  }
  if (status >= 500 || status === 408) return new DownloadFailure("network", said, { retryable: true });
  if (status === 401 || status === 403) {
    return new DownloadFailure("auth", `${said}: check the credentials, and that they may read the bucket`);
  }
  if (status === 404) {
    return new DownloadFailure("notFound", `${said}: check the bucket and AWS_ENDPOINT_URL`);
  }
  if (status === 412) return new DownloadFailure("other", `${said}: ${codes.PreconditionFailed.remedy}`);
  return new DownloadFailure("other", `${said}: ${message}`);
}
