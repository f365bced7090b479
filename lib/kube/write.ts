/**
 * Requests on single objects. All give the live object of the response, all throw `ApiError` and
 * `NetworkError`. After a `NetworkError` with `sent` the outcome is unknown: read the object.
 */
import { deadline } from "./backoff.ts";
import type { KubeObject, Live, Resource } from "./object.ts";
import { pathOf } from "./path.ts";
import { stringifyJson } from "./json/json.ts";
import type { HttpMethod, Transport } from "./transport.ts";

/** Which object. */
export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

export interface CallOptions {
  /** The request is given up after so many milliseconds (then `NetworkError`, kind `NetworkTimeout`). */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
  /** Only these managers' entries of `managedFields` are asked for. Default: all. */
  readonly managers?: readonly string[];
}

export interface WriteOptions extends CallOptions {
  /** Who writes, as the server records it in `managedFields`. */
  readonly fieldManager: string;
  readonly subresource?: "status" | "scale";
  /** Have everything checked, nothing stored. */
  readonly dryRun?: boolean;
  /** What happens to fields that the schema does not know; the server's own default is `Warn`. */
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore";
}

/** How long a request on one object may take, in milliseconds, where nothing else is said. */
export const requestTimeout = 10_000;

/** Reads one object, consistently. 404 if there is none. */
export function get<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  { namespace, name }: ObjectName,
  options: CallOptions = {},
): Promise<Live<T>> {
  const path = pathOf(resource, namespace, name);
  return call(transport, { method: "GET", path }, options);
}

/** Creates an object; 409 `AlreadyExists` if its name is taken. */
export function create<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  object: T,
  options: WriteOptions,
): Promise<Live<T>> {
  const path = pathOf(resource, object.metadata?.namespace);
  return call(transport, { method: "POST", path, querystring: queryOf(options), bodyJson: object }, options);
}

/** Creates an object of which nothing is to be known after: the answer is not parsed, nor made text for it in process. */
export async function createUnread(
  transport: Transport,
  resource: Resource,
  object: KubeObject,
  options: WriteOptions,
): Promise<void> {
  const path = pathOf(resource, object.metadata?.namespace);
  await call(
    transport,
    { method: "POST", path, querystring: queryOf(options), bodyJson: object },
    options,
    transport.hasObjects === true,
  );
}

/** Replaces an object; its `metadata.resourceVersion`, if set, must be the stored one (else 409 `Conflict`). */
export function replace<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  object: T,
  options: WriteOptions,
): Promise<Live<T>> {
  const path = pathOf(resource, object.metadata?.namespace, object.metadata?.name, options.subresource);
  return call(transport, { method: "PUT", path, querystring: queryOf(options), bodyJson: object }, options);
}

/**
 * Server-side apply: what `object` says becomes so and is owned by `fieldManager`; what that manager owned
 * and no longer says is removed. Creates the object if there is none, unless `metadata.uid` is set (409
 * then). Without `force` a field of another manager is a 409 `Conflict`.
 */
export function apply<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  object: T,
  options: WriteOptions & { readonly force: boolean },
): Promise<Live<T>> {
  const path = pathOf(resource, object.metadata?.namespace, object.metadata?.name, options.subresource);
  const querystring = queryOf(options);
  querystring.set("force", String(options.force));
  return call(transport, {
    method: "PATCH",
    path,
    querystring,
    bodyRaw: new TextEncoder().encode(yamlSafe(stringifyJson(object))),
    contentType: "application/apply-patch+yaml",
  }, options);
}

/**
 * The body of an apply that only creates: where there is an object of that name it is refused with 409 `Conflict`. By a
 * version that no object has: the server compares versions of what there is only, and the first belongs to none.
 */
export function asNew<T extends KubeObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion: "1" } };
}

/** Merges `patch` into the object (RFC 7386; `null` removes). A resourceVersion in it is a precondition. */
export function mergePatch<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  { namespace, name }: ObjectName,
  patch: unknown,
  options: WriteOptions,
): Promise<Live<T>> {
  return call(transport, {
    method: "PATCH",
    path: pathOf(resource, namespace, name, options.subresource),
    querystring: queryOf(options),
    bodyJson: patch,
    contentType: "application/merge-patch+json",
  }, options);
}

export interface RemoveOptions extends CallOptions {
  /** Only this very object, only in this version: 409 otherwise. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly dryRun?: boolean;
}

/** What a deletion leaves: the object while finalizers hold it, else nothing. */
export type Removed<T extends KubeObject> = Live<T> | undefined;

/** Deletes an object. 404 if there is none. */
export async function remove<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  { namespace, name }: ObjectName,
  options: RemoveOptions = {},
): Promise<Removed<T>> {
  const answer = await call<KubeObject>(transport, {
    method: "DELETE",
    path: pathOf(resource, namespace, name),
    bodyJson: {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: options.propagationPolicy ?? "Background",
      preconditions: options.preconditions,
      dryRun: options.dryRun ? ["All"] : undefined,
    },
  }, options);
  return answer.metadata?.uid === undefined || answer.metadata.deletionTimestamp === undefined
    ? undefined
    : answer as Live<T>;
}

function queryOf(options: WriteOptions): URLSearchParams {
  const query = new URLSearchParams({ fieldManager: options.fieldManager });
  if (options.dryRun) query.set("dryRun", "All");
  if (options.fieldValidation) query.set("fieldValidation", options.fieldValidation);
  return query;
}

interface Call {
  readonly method: HttpMethod;
  readonly path: string;
  readonly querystring?: URLSearchParams;
  readonly bodyJson?: unknown;
  readonly bodyRaw?: Uint8Array;
  readonly contentType?: string;
}

async function call<T extends KubeObject>(
  transport: Transport,
  request: Call,
  options: CallOptions,
  expectJson = true,
): Promise<Live<T>> {
  const limit = deadline(options.timeoutMilliseconds ?? requestTimeout, options.signal);
  try {
    const answer: unknown = await transport.performRequest({
      ...request,
      expectJson,
      managers: options.managers,
      abortSignal: limit.signal,
    });
    return answer as Live<T>;
  } finally {
    limit.done();
  }
}

/**
 * The server reads the body of an apply as YAML, to which JSON is close but not equal: control characters
 * of U+007F to U+009F are refused or, as the line separators are, folded into spaces.
 */
function yamlSafe(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
