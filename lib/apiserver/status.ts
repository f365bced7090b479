/** What the server answers when it refuses: `Status` objects worded as the original words them. */
import type { FieldError } from "./schema/field_error.ts";
import type { Kind } from "./kinds/kind.ts";

export interface Cause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** A refusal. It carries the code twice, so that a client of `lib/kube`'s call shape can read it as it is. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly httpCode: number;
  /** What the request was warned of before it was refused. */
  warnings: readonly string[] = [];
  readonly status: {
    kind: "Status";
    apiVersion: "v1";
    metadata: Record<string, never>;
    status: "Failure";
    message: string;
    reason?: string;
    details?: Details;
    code: number;
  };

  constructor(code: number, reason: string | undefined, message: string, details?: Details) {
    super(message);
    this.httpCode = code;
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** Does `work`; a refusal carries the warnings. */
export function warning<T>(warnings: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (refusal) {
    if (refusal instanceof Refusal) refusal.warnings = warnings;
    throw refusal;
  }
}

/** `configmaps` or `widgets.example.com`, as messages name a resource. */
function resourceName({ plural, group }: Pick<Kind, "plural" | "group">): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** `ConfigMap` or `Widget.example.com`, as messages name a kind. */
function kindName({ kind, group }: Kind): string {
  return group === "" ? kind : `${kind}.${group}`;
}

function detailsOf({ plural, group }: Pick<Kind, "plural" | "group">, name?: string): Details {
  return { ...(name ? { name } : {}), ...(group === "" ? {} : { group }), kind: plural };
}

export function notFound(kind: Pick<Kind, "plural" | "group">, name: string): Refusal {
  return new Refusal(404, "NotFound", `${resourceName(kind)} "${name}" not found`, detailsOf(kind, name));
}

/** There is no such path. */
export function noSuchPath(): Refusal {
  return new Refusal(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(kind: Kind, name: string): Refusal {
  return new Refusal(
    409,
    "AlreadyExists",
    `${resourceName(kind)} "${name}" already exists`,
    detailsOf(kind, name),
  );
}

export function conflict(kind: Kind, name: string, why: string): Refusal {
  const message = `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`;
  return new Refusal(409, "Conflict", message, detailsOf(kind, name));
}

/** Somebody else has written since the version that was given. */
export function stale(kind: Kind, name: string): Refusal {
  return conflict(
    kind,
    name,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, "BadRequest", message);
}

export function forbidden(kind: Kind, name: string, why: string, causes?: readonly Cause[]): Refusal {
  const what = name === ""
    ? `${resourceName(kind)} is forbidden`
    : `${resourceName(kind)} "${name}" is forbidden`;
  return new Refusal(403, "Forbidden", `${what}: ${why}`, {
    ...detailsOf(kind, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

/** What the rules of a kind refuse, with a cause for each field. */
export function invalid(kind: Kind, name: string, errors: readonly FieldError[]): Refusal {
  const causes = errors.map(({ type, field, detail }) => ({ reason: type, message: detail, field }));
  const said = [...new Set(errors.map(({ field, detail }) => `${field}: ${detail}`))];
  const list = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
  return new Refusal(422, "Invalid", `${kindName(kind)} "${name}" is invalid: ${list}`, {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  });
}

export function methodNotAllowed(): Refusal {
  return new Refusal(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

export function notAcceptable(accepted: readonly string[]): Refusal {
  const message = `only the following media types are accepted: ${accepted.join(", ")}`;
  return new Refusal(406, "NotAcceptable", message);
}

export function unsupportedMediaType(accepted: readonly string[]): Refusal {
  const message = `the body of the request was in an unknown format - accepted media types include: ${
    accepted.join(", ")
  }`;
  return new Refusal(415, "UnsupportedMediaType", message);
}

/** The version is older than what the server remembers. */
export function expired(message: string): Refusal {
  return new Refusal(410, "Expired", message);
}

/** The version has not come yet. */
export function tooLargeVersion(asked: number, current: number): Refusal {
  return new Refusal(
    504,
    "Timeout",
    `Timeout: Too large resource version: ${asked}, current: ${current}`,
    {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  );
}

export function tooLargeBody(limit: number): Refusal {
  return new Refusal(
    413,
    "RequestEntityTooLarge",
    `Request entity too large: limit is ${limit}`,
  );
}

export function tooManyRequests(seconds: number): Refusal {
  return new Refusal(
    429,
    "TooManyRequests",
    "too many requests, please try again later",
    { retryAfterSeconds: seconds },
  );
}

export function internalError(why: string): Refusal {
  return new Refusal(500, "InternalError", `Internal error occurred: ${why}`, { causes: [{ message: why }] });
}
