/**
 * Whether a bearer token may read a path, as the API server sees it (conventions.md §12): TokenReview says who it
 * is, SubjectAccessReview what they may.
 */

import { create } from "../../kube/write.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";

export type Verdict = "allowed" | "unauthenticated" | "forbidden";

interface TokenReview extends KubeObject {
  spec: { token: string };
  status?: {
    authenticated?: boolean;
    user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  };
}

interface SubjectAccessReview extends KubeObject {
  spec: {
    user?: string;
    uid?: string;
    groups?: string[];
    extra?: Record<string, string[]>;
    nonResourceAttributes: { verb: string; path: string };
  };
  status?: { allowed?: boolean };
}

const tokenReviews: Resource = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  namespaced: false,
};

const subjectAccessReviews: Resource = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  namespaced: false,
};

const writing = { fieldManager: "aim-engine", timeoutMilliseconds: 10_000 };

/** How long a verdict holds, in milliseconds: a right that is taken away ends within this time. */
const validity = 60_000;
/** Verdicts remembered. Whoever invents tokens pushes out old ones, not our memory. */
const longest = 256;

export class AccessReview {
  /** By hash: no token is kept. */
  readonly #verdicts = new Map<string, { until: number; verdict: Promise<Verdict> }>();

  constructor(
    private readonly transport: Transport,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  /** @throws ApiError, NetworkError when the API server cannot be asked; that is not remembered. */
  async mayGet(path: string, token: string): Promise<Verdict> {
    const key = await hashOf(path, token);
    const known = this.#verdicts.get(key);
    if (known !== undefined && this.monotonic() < known.until) return await known.verdict;
    const verdict = this.#ask(path, token);
    this.#verdicts.delete(key);
    this.#verdicts.set(key, { until: this.monotonic() + validity, verdict });
    if (this.#verdicts.size > longest) this.#verdicts.delete(this.#verdicts.keys().next().value!);
    verdict.catch(() => this.#verdicts.delete(key));
    return await verdict;
  }

  async #ask(path: string, token: string): Promise<Verdict> {
    const { status } = await create<TokenReview>(this.transport, tokenReviews, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token },
    }, writing);
    if (!status?.authenticated) return "unauthenticated";
    const { username, uid, groups, extra } = status.user ?? {};
    const review = await create<SubjectAccessReview>(this.transport, subjectAccessReviews, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: username, uid, groups, extra, nonResourceAttributes: { verb: "get", path } },
    }, writing);
    return review.status?.allowed ? "allowed" : "forbidden";
  }
}

async function hashOf(path: string, token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${path}\n${token}`));
  return new Uint8Array(digest).toHex();
}
