/** The official S3 client, set up by the environment, on the downloader's own connections. */

import { S3Client } from "@aws-sdk/client-s3";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { DownloadFailure } from "../failure.ts";
import type { Requests } from "../transfer/requests.ts";
import type { S3Settings } from "../settings.ts";

/** A request of the SDK, as far as it is read. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Credentials come from the SDK's own chain: environment, session token, web identity, container credentials, shared file. A store
 * with an endpoint of its own is addressed by path unless told otherwise.
 */
export function s3Client(settings: S3Settings, requests: Requests): S3Client {
  const { endpoint, region, virtualHosts, anonymous } = settings;
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    forcePathStyle: endpoint !== undefined && !virtualHosts,
    followRegionRedirects: true,
    // Trying again is the download's own business: it counts, waits and tells.
    maxAttempts: 1,
    // Bytes are verified as a whole, not answer by answer.
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(anonymous
      ? {
        credentials: { accessKeyId: "", secretAccessKey: "" },
        signer: { sign: (request) => Promise.resolve(request) },
      }
      : { credentials: credentials() }),
    requestHandler: requestHandlerOn(requests),
  });
}

/** The official chain; what asks a token service does so by the connections and in the region of the S3 client. */
function credentials(): ReturnType<typeof fromNodeProviderChain> {
  const chain = fromNodeProviderChain();
  return async (properties) => {
    try {
      return await chain(properties);
    } catch (error) {
      const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
      if ($metadata?.httpStatusCode === undefined || $metadata.httpStatusCode >= 500) throw error;
      const role = Deno.env.get("AWS_ROLE_ARN") ?? "the role";
      throw new DownloadFailure(
        "auth",
        `The token service gives no credentials for ${role}: ${name}: ${message}; check AWS_ROLE_ARN, and that the role ` +
          "trusts the pod's service account",
        { cause: error },
      );
    }
  };
}

function requestHandlerOn(requests: Requests): never {
  return {
    handle: async (request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      const signal = abortSignal ?? new AbortController().signal;
      const { method, headers, body } = request;
      const response = await requests.send(method, addressOf(request), headers, signal, body);
      return {
        response: {
          statusCode: response.status,
          reason: response.statusText,
          headers: Object.fromEntries(response.headers),
          body: response.body ?? new Blob([]).stream(),
        },
      };
    },
    metadata: { handlerProtocol: "http/1.1" },
  } as never;
}

function addressOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) =>
      one === null ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(one)}`
    )
  );
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`);
}
