/** An installation as it was when it was read: what all checks judge. */

import type { KubeObject } from "../../kube/object.ts";
import type { Surveyed } from "./kinds.ts";

/** `absent`: the cluster does not serve the kind. `unreadable`: the user may not list it. */
export type Answer = readonly KubeObject[] | "absent" | "unreadable";

/** What a named Secret is: its type, or why that is not known. */
export type SecretType = { readonly type: string } | "missing" | "unreadable";

export interface SurveyFacts {
  /** Kinds that are older than this program, each with fields that it lacks. */
  readonly lacking?: readonly string[];
  /** `1.35` */
  readonly version?: string;
  /** The API server's time and this machine's at the same moment, in milliseconds since 1970. */
  readonly clocks?: { readonly server: number; readonly own: number };
  /** By `namespace/name`: the Secrets that something of ours names to pull images with. */
  readonly pullSecrets?: ReadonlyMap<string, SecretType>;
}

export class Survey {
  constructor(
    private readonly answers: ReadonlyMap<Surveyed, Answer>,
    readonly facts: SurveyFacts = {},
  ) {}

  /** All objects of the kind that were seen. */
  all<T extends KubeObject>(kind: Surveyed<T>): readonly T[] {
    const answer = this.answers.get(kind as Surveyed);
    return typeof answer === "object" ? answer as readonly T[] : [];
  }

  /** Whether the cluster does not have the kind at all. */
  lacks(kind: Surveyed): boolean {
    return this.answers.get(kind) === "absent";
  }

  /** Whether all of the kind was seen: only then may one conclude from what is not there. */
  saw(...kinds: readonly Surveyed[]): boolean {
    return kinds.every((kind) => this.answers.get(kind) !== "unreadable");
  }

  /** Kinds that the user may not list, as kubectl writes them. */
  get unseen(): string[] {
    const names = [...this.answers].filter(([, answer]) => answer === "unreadable").map(([{ resource }]) =>
      resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`
    );
    return [...new Set(names)];
  }

  /** The moment of the survey by the API server's clock, where that is known. */
  get now(): number | undefined {
    return this.facts.clocks?.server;
  }
}

/** Something that is broken. */
export interface Finding {
  /** Short and stable: `crds-missing`. */
  readonly check: string;
  /** What it is about: `ClusterRole aim-engine-manager-role`. */
  readonly about: string;
  /** What is wrong, and what follows from it. */
  readonly says: string;
  /** What mends it. */
  readonly fix: string;
}

/** Looks at one part of an installation. */
export type Check = (survey: Survey) => readonly Finding[];

/** `namespace/name`, or the name of what has no namespace. */
export function nameOf({ metadata }: KubeObject): string {
  const { namespace, name = "" } = metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A few of many, in words. */
export function listed(names: readonly string[], most = 3): string {
  const all = [...new Set(names)];
  return all.length <= most
    ? all.join(", ")
    : `${all.slice(0, most).join(", ")} and ${all.length - most} more`;
}
