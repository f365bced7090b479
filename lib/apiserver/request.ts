/** What comes to the server and what goes back, whichever door it uses. */
import type { UserInfo } from "./user.ts";
import type { Watch } from "./watch/watch.ts";

export interface Request {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Parsed already (in process), or text as it came. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The default field manager is its first part. */
  readonly userAgent?: string;
  /** Who asks; unless a door has found that out, an administrator. */
  readonly user?: UserInfo;
  /** As whom, where that is somebody else. */
  readonly impersonated?: Impersonated;
}

export interface Impersonated {
  readonly username?: string;
  readonly groups: readonly string[];
}

export type Answer =
  | { readonly code: number; readonly body: unknown; readonly warnings?: readonly string[] }
  | { readonly code: number; readonly text: string }
  | { readonly code: 200; readonly watch: Watch };

/** Whoever answers at a door. Undefined is an answer that gets lost. */
export interface Answering {
  handle(request: Request): Answer | Promise<Answer | undefined>;
}

/** What a path below `/api` or `/apis` names. */
export interface Target {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  readonly plural: string;
  readonly name?: string;
  readonly subresource?: string;
  /** By the old path `/api/v1/watch/…`. */
  readonly watch: boolean;
}

/** Takes a path apart; undefined where it cannot be one of an object or a list. */
export function targetOf(path: string): Target | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const [root, ...rest] = path.includes("%") ? parts.map(decodeURIComponent) : parts;
  if (root !== "api" && root !== "apis") return undefined;
  const group = root === "apis" ? rest.shift() : "";
  const version = rest.shift();
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  const watch = rest[0] === "watch";
  if (watch) rest.shift();
  const scoped = rest[0] === "namespaces" && rest.length >= 3 && !isSubresourceOfNamespace(rest);
  const namespace = scoped ? rest[1] : undefined;
  const [plural, name, subresource, ...more] = scoped ? rest.slice(2) : rest;
  if (more.length > 0 || plural === undefined) return undefined;
  return { group, version, namespace, plural, name, subresource, watch };
}

function isSubresourceOfNamespace(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === "status" || rest[2] === "finalize");
}
