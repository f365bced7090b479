/** What the environment says to the downloader (caching-and-artifacts.md §6.2). */

import { DownloadFailure } from "./failure.ts";

/** Ways to get the bytes of a Hugging Face repository. */
export const protocols = ["XET", "HF_TRANSFER", "HTTP"] as const;
export type Protocol = typeof protocols[number];

/** Reads one variable of the environment. */
export type Env = (name: string) => string | undefined;

export interface Settings {
  /** Where the files go. */
  readonly targetFolder: string;
  /** Denominator of the progress, in bytes; undefined: the source is asked. */
  readonly expectedBytes: number | undefined;
  /** The artifact to report to; undefined: nothing is reported. */
  readonly artifact: { readonly namespace: string; readonly name: string } | undefined;
  /** Names of the protocols to try, in this order; one that is unknown is among them. */
  readonly protocols: readonly string[];
  /** Seconds without a byte after which an attempt is given up. */
  readonly stallSeconds: number;
  /** Seconds between two reports. */
  readonly progressSeconds: number;
  /** The commit found by the size check; it wins over the revision in the URI. */
  readonly revision: string | undefined;
  /** Patterns of files to take; empty: all. */
  readonly include: readonly string[];
  /** Patterns of files to leave out. */
  readonly exclude: readonly string[];
  /** Folder for what is thrown away, and of the termination message. */
  readonly temporaryFolder: string;
  readonly huggingFace: { readonly endpoint: URL; readonly token: string | undefined };
  readonly s3: S3Settings;
  /** Authorities to trust besides the known ones: as PEM, or the file that has it. */
  readonly authorities: { readonly pem: string } | { readonly file: string } | undefined;
}

export interface S3Settings {
  /** Undefined: Amazon's, of the region. */
  readonly endpoint: URL | undefined;
  readonly region: string;
  /** The bucket is part of the host name, also at an endpoint. */
  readonly virtualHosts: boolean;
  /** Requests are not signed. */
  readonly anonymous: boolean;
}

/**
 * Reads the settings.
 * @throws DownloadFailure that names the variable, its value and what it should be.
 */
export function settingsFrom(env: Env): Settings {
  const text = (name: string) => env(name)?.trim() || undefined;
  const namespace = text("ARTIFACT_NAMESPACE");
  const name = text("ARTIFACT_NAME");
  return {
    targetFolder: text("TARGET_DIR") ?? "/cache",
    expectedBytes: number(env, "EXPECTED_SIZE_BYTES", { least: 0 }) || undefined,
    artifact: namespace && name ? { namespace, name } : undefined,
    protocols: protocolsFrom(text),
    stallSeconds: number(env, "STALL_TIMEOUT", { least: 1 }) ?? 120,
    progressSeconds: number(env, "PROGRESS_INTERVAL", { least: 1 }) ?? 5,
    revision: text("AIM_DOWNLOADER_REVISION"),
    include: list(text("AIM_DOWNLOADER_INCLUDE")),
    exclude: list(text("AIM_DOWNLOADER_EXCLUDE")),
    temporaryFolder: text("TMPDIR") ?? "/tmp",
    huggingFace: {
      endpoint: address("HF_ENDPOINT", text("HF_ENDPOINT") ?? "https://huggingface.co"),
      token: text("HF_TOKEN"),
    },
    s3: s3From(text),
    authorities: authoritiesFrom(text),
  };
}

/** A Job's pod has no volume for certificates: they can come as text, from a ConfigMap. */
function authoritiesFrom(text: Env): Settings["authorities"] {
  const pem = text("AIM_DOWNLOADER_CA_BUNDLE");
  if (pem !== undefined) return { pem };
  const file = text("AWS_CA_BUNDLE") ?? text("REQUESTS_CA_BUNDLE") ?? text("SSL_CERT_FILE");
  return file === undefined ? undefined : { file };
}

/** The list as given; without one a single attempt with what the Hugging Face tools' own switches say. */
function protocolsFrom(text: Env): string[] {
  const given = list(text("AIM_DOWNLOADER_PROTOCOL"));
  if (given.length > 0) return given;
  if (!isOn(text("HF_HUB_DISABLE_XET"))) return ["XET"];
  return [isOn(text("HF_HUB_ENABLE_HF_TRANSFER")) ? "HF_TRANSFER" : "HTTP"];
}

/** What the AWS tools, image 0.2.0 and KServe's storage initializer read; the first in this order wins. */
function s3From(text: Env): S3Settings {
  const given = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_ENDPOINT"].find((name) =>
    text(name) !== undefined
  );
  return {
    endpoint: given === undefined ? undefined : s3Endpoint(given, text(given)!, text),
    region: text("AWS_REGION") ?? text("AWS_DEFAULT_REGION") ?? "us-east-1",
    virtualHosts: isOn(text("S3_USE_VIRTUAL_BUCKET")),
    anonymous: isOn(text("AWS_ANONYMOUS_CREDENTIAL")),
  };
}

/** `S3_NO_SSL` turns TLS off, also against an `https://` in the address; `S3_USE_HTTPS` counts where there is no scheme. */
function s3Endpoint(name: string, value: string, text: Env): URL {
  const usesTls = !/^(0|off|no|false)$/i.test(text("S3_USE_HTTPS") ?? "");
  const url = address(name, /^https?:\/\//i.test(value) ? value : `${usesTls ? "https" : "http"}://${value}`);
  if (isOn(text("S3_NO_SSL"))) url.protocol = "http:";
  return url;
}

/** The words that Hugging Face tools take for yes. */
function isOn(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? "");
}

function list(value: string | undefined): string[] {
  return (value ?? "").split(",").map((part) => part.trim()).filter((part) => part !== "");
}

function number(env: Env, name: string, { least }: { least: number }): number | undefined {
  const value = env(name)?.trim();
  if (!value) return undefined;
  const parsed = Number(value);
  if (!Number.isFinite(parsed) || parsed < least) {
    throw new DownloadFailure(
      "other",
      `${name} is ${JSON.stringify(value)}; it must be a number, at least ${least}`,
    );
  }
  return parsed;
}

function address(name: string, value: string): URL {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new DownloadFailure(
      "other",
      `${name} is ${JSON.stringify(value)}; it must be an http or https address`,
    );
  }
  return url;
}
