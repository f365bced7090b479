/** Rights that the API server says this process lacks: one line when one is met, one when it is there, and a metric. */

import type { Logger } from "@logtape/logtape";
import { delay } from "../kube/backoff.ts";
import type { ApiError } from "../kube/errors.ts";
import { lackedRight, objectNamed, type Right, ruleOf, textOfRight } from "../kube/lacked_right.ts";
import { literal } from "./log.ts";

export interface MissingRightsOptions {
  /** Whether the rights of this process end at some namespaces: each has a Role of its own then. */
  readonly isScoped: boolean;
  readonly log: Pick<Logger, "info" | "error">;
  /** Whether this process has a right now; a rejection is no answer. */
  readonly ask: (right: Right) => Promise<boolean>;
  /** Told when a right that was missing is there. */
  readonly regained: () => void;
  /** Told of all that are missing, whenever that changes. */
  readonly changed?: (rights: readonly Right[]) => void;
  /** Milliseconds between two looks whether a right is there. Default 5 s. */
  readonly askAgainAfter?: number;
  /** After so many milliseconds without a refusal nobody wants the right any more. Default 15 minutes. */
  readonly forgetAfter?: number;
}

/**
 * Guarantees: a right is told once, by verb, resource and group, with the rule to add and the role to add it to, however
 * often it is refused. It is asked for (SelfSubjectAccessReview) as long as it is missing, and told once more when it is
 * there. Without a missing right nothing is asked.
 */
export class MissingRights {
  readonly #options: MissingRightsOptions;
  readonly #missing = new Map<string, { readonly right: Right; readonly asked: Right; refusedAt: number }>();
  #looking = false;

  constructor(options: MissingRightsOptions, private readonly stop: AbortSignal) {
    this.#options = options;
  }

  /** Notes a refusal, if it was for want of a right. */
  refused(error: ApiError): void {
    const right = lackedRight(error);
    if (right === undefined) return;
    const { isScoped, log } = this.#options;
    const key = JSON.stringify([right.verb, right.group, right.resource, isScoped && right.namespace]);
    const known = this.#missing.get(key);
    if (known !== undefined) {
      known.refusedAt = performance.now();
      return;
    }
    // A rule may name its objects, as ours does the Lease: it is asked for the one that was refused.
    const asked = { ...right, name: right.name ?? objectNamed(error) };
    this.#missing.set(key, { right, asked, refusedAt: performance.now() });
    const { verb, group, resource, namespace } = right;
    log.error(
      literal(
        `the right to ${textOfRight(right)} is missing: add the rule ${ruleOf(right)} to ${
          this.#roleOf(right)
        }`,
      ),
      { verb, resource, group, namespace },
    );
    this.#changed();
    this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { askAgainAfter = 5_000, forgetAfter = 900_000, ask, log, regained } = this.#options;
    while (this.#missing.size > 0) {
      await delay(askAgainAfter, this.stop).catch(() => {}); // the loop looks at the signal
      if (this.stop.aborted) return;
      for (const [key, { right, asked, refusedAt }] of this.#missing) {
        const isThere = await ask(asked).catch(() => false);
        if (!isThere && performance.now() - refusedAt < forgetAfter) continue;
        this.#missing.delete(key);
        this.#changed();
        if (!isThere) continue;
        log.info(literal(`the right to ${textOfRight(right)} is there now`));
        regained();
      }
    }
    this.#looking = false;
  }

  #changed(): void {
    this.#options.changed?.([...this.#missing.values()].map(({ right }) => right));
  }

  /** The role of `manifests` in which it belongs. */
  #roleOf({ group, namespace }: Right): string {
    if (group === "coordination.k8s.io") {
      return `Role aim-engine-leader-election-role in namespace ${namespace}`;
    }
    if (/^(authentication|authorization)\.k8s\.io$/.test(group)) {
      return "ClusterRole aim-engine-metrics-auth-role";
    }
    if (!this.#options.isScoped) return "ClusterRole aim-engine-manager-role";
    return namespace === undefined
      ? "ClusterRole aim-engine-cluster-reader"
      : `Role aim-engine-manager-role in namespace ${namespace}`;
  }
}
