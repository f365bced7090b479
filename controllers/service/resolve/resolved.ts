/** What a service's references lead to: the shapes that its parts hand to each other. */

import type {
  AIMClusterModel,
  AIMClusterServiceTemplate,
  AIMModel,
  AIMServiceTemplate,
  ResolvedReference,
} from "../../../lib/api/mod.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { label, labelText } from "../../../lib/operator/naming/labels.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import { isReady } from "../../../lib/operator/status/status_words.ts";
import type { Selection } from "../../../lib/selection/mod.ts";

export type Scope = "Namespace" | "Cluster";

export interface ResolvedModel {
  readonly object: Live<AIMModel | AIMClusterModel>;
  readonly scope: Scope;
}

/**
 * Whether an object is the recorded one and Ready. One that was recreated under its name (out of a backup, say) is
 * not: its UID is new.
 */
export function isStill(
  object: ResolvedModel["object"] | Live<Template>,
  { uid }: ResolvedReference,
): boolean {
  return isReady(object) && (uid ?? object.metadata.uid) === object.metadata.uid;
}

/** Found, to be created in this pass, or the error that stands in its place. */
export type ModelResolution =
  | {
    readonly found: ResolvedModel;
    /** Why this one of several that have the service's image. */
    readonly amongSeveral?: string;
    readonly creating?: undefined;
    readonly error?: undefined;
  }
  | {
    readonly creating: { readonly child: Child; readonly message: string };
    readonly found?: undefined;
    readonly error?: undefined;
  }
  | { readonly error: ComponentError; readonly found?: undefined; readonly creating?: undefined };

/**
 * How much a recorded reference counts: while its object is Ready (`loose`), whatever has become of that, because an
 * endpoint was made of it (`fixed`), or not at all (`none`).
 */
export type Binding = "loose" | "fixed" | "none";

export type Template = AIMServiceTemplate | AIMClusterServiceTemplate;

/** A template by its name, whether it is there or not. */
export interface TemplateRef {
  readonly name: string;
  readonly scope: Scope;
}

export interface ResolvedTemplate {
  readonly object: Live<Template>;
  readonly scope: Scope;
}

/** A template as messages call it; of one that the user never wrote, with the one that it was derived from. */
export function nameOf({ object, scope }: ResolvedTemplate): string {
  const { name, labels } = object.metadata;
  const base = labels?.[label.origin] === labelText.derived ? labels[label.template] : undefined;
  return describeRef({ name, scope }) + (base ? ` (derived from ${base} for spec.overrides)` : "");
}

/** Kind and name. */
export function describeRef({ name, scope }: TemplateRef): string {
  return `${scope === "Cluster" ? "AIMClusterServiceTemplate" : "AIMServiceTemplate"} ${name}`;
}

export function refOf({ object, scope }: ResolvedTemplate): TemplateRef {
  return { name: object.metadata.name, scope };
}

export interface TemplateResolution {
  readonly found?: ResolvedTemplate;
  /** The recorded template under an endpoint, if it is there no more. */
  readonly gone?: TemplateRef;
  /** Why templates of the cluster could not be looked for, and what helps; undefined where they could. */
  readonly unread?: string;
  /** What the service asks for now leads to, where the recorded one is gone. */
  readonly instead?: ResolvedTemplate;
  /** An explicit template that is not there. */
  readonly error?: ComponentError;
  /** Templates of the model that are being discovered and might be chosen. */
  readonly awaited?: readonly string[];
  /** How the choice fell, if this pass had to choose. */
  readonly selection?: Selection<Live<Template>>;
  /** Among which it was chosen, where it led to none. */
  readonly candidates?: readonly Live<Template>[];
  /** A template derived for the service's overrides, to be created in this pass. */
  readonly deriving?: Child;
}
