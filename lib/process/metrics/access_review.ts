/**
 * Whether a bearer token may read a path, as the API server sees it (conventions.md §12): TokenReview says who it
 * is, SubjectAccessReview what they may.
 */

import { create } from "../../kube/write.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";

/** `busy`: too many are being asked about, so nothing is known of this one. */
export type Verdict = "allowed" | "unauthenticated" | "forbidden" | "busy";

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
/** So many unknown tokens are asked about at a time: with invented ones nobody keeps out who was allowed before. */
const mostAtOnce = 32;

interface Known {
  readonly until: number;
  readonly verdict: Promise<Verdict>;
  wasAllowed: boolean;
}

export class AccessReview {
  /** By hash: no token is kept. */
  readonly #verdicts = new Map<string, Known>();
  #underWay = 0;

  constructor(
    private readonly transport: Transport,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  /** @throws ApiError, NetworkError when the API server cannot be asked; that is not remembered. */
  async mayGet(path: string, token: string): Promise<Verdict> {
    const key = await hashOf(path, token);
    const known = this.#verdicts.get(key);
    if (known !== undefined && this.monotonic() < known.until) return await known.verdict;
    const wasAllowed = known?.wasAllowed ?? false;
    if (this.#underWay >= mostAtOnce && !wasAllowed) return "busy";
    this.#underWay++;
    const verdict = this.#ask(path, token).finally(() => this.#underWay--);
    const asked = { until: this.monotonic() + validity, verdict, wasAllowed };
    this.#verdicts.delete(key);
    if (this.#verdicts.size >= longest) this.#forgetOne();
    this.#verdicts.set(key, asked);
    verdict.then((told) => asked.wasAllowed = told === "allowed", () => this.#verdicts.delete(key));
    return await verdict;
  }

  /** The oldest of those who were never allowed, else the oldest. */
  #forgetOne(): void {
    const [first] = this.#verdicts.keys();
    const stranger = [...this.#verdicts].find(([, { wasAllowed }]) => !wasAllowed);
    this.#verdicts.delete(stranger?.[0] ?? first);
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
