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

/** What was taken apart last: whoever stands before a server has looked at the same path. */
let last: { readonly path: string; readonly target: Target | undefined } = { path: "", target: undefined };

/** Takes a path apart; undefined where it cannot be one of an object or a list. */
export function targetOf(path: string): Target | undefined {
  if (path !== last.path) last = { path, target: takenApart(path) };
  return last.target;
}

function takenApart(path: string): Target | undefined {
  const plain = path.split("/").filter((part) => part !== "");
  const parts = path.includes("%") ? plain.map(decodeURIComponent) : plain;
  const root = parts[0];
  if (root !== "api" && root !== "apis") return undefined;
  let at = 1;
  const group = root === "apis" ? parts[at++] : "";
  const version = parts[at++];
  const watch = parts[at] === "watch";
  if (watch) at++;
  const scoped = parts[at] === "namespaces" && parts.length - at >= 3 &&
    !isSubresourceOfNamespace(parts.slice(at));
  const namespace = scoped ? parts[at + 1] : undefined;
  if (scoped) at += 2;
  const plural = parts[at];
  if (plural === undefined || parts.length > at + 3) return undefined;
  return { group, version, namespace, plural, name: parts[at + 1], subresource: parts[at + 2], watch };
}

function isSubresourceOfNamespace(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === "status" || rest[2] === "finalize");
}
