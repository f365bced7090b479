/** Why the first request to the API server came to nothing, in a line for whoever starts the operator: what is wrong, what to do. */

import { ApiError, NetworkError } from "../../kube/errors.ts";
import { type Access, ConfigurationError } from "../../kube/access/access.ts";

/** The failure with such a line; what needs none stays as it is. */
export function unreachable(
  failure: unknown,
  { server, origin }: Pick<Access, "server" | "origin">,
): unknown {
  const remedy = failure instanceof NetworkError
    ? remedyOf(failure)
    : failure instanceof ApiError
    ? refusals[failure.status]
    : undefined;
  if (remedy === undefined) return failure;
  return new ConfigurationError(
    `the API server ${server.origin} (${origin}) ${remedy}: ${(failure as Error).message}`,
  );
}

const refusals: Readonly<Record<number, string>> = {
  401: "does not accept these credentials; a token or client certificate may have expired",
  403: "does not let this user ask which kinds there are; every user may by ClusterRole system:discovery",
};

function remedyOf({ kind, message }: NetworkError): string {
  if (kind !== "TLS") return "cannot be reached; check its address and the network";
  if (/not valid yet|NotValidYet/i.test(message)) {
    return "has a certificate that is not valid yet; set this machine's clock right";
  }
  if (/expired/i.test(message)) {
    return "has a certificate that has expired; have it renewed, or set this machine's clock right";
  }
  if (/not valid for name|NotValidForName/i.test(message)) {
    return "has a certificate for another name; name the server as its certificate does";
  }
  return "has a certificate that is not trusted; name its authority (certificate-authority)";
}
