/** What a service's references lead to: the shapes that its parts hand to each other. */

import type {
  AIMClusterModel,
  AIMClusterServiceTemplate,
  AIMModel,
  AIMServiceTemplate,
} from "../../../lib/api/mod.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import type { ComponentError } from "../../../lib/operator/status/errors.ts";
import type { Selection } from "../../../lib/selection/mod.ts";

export type Scope = "Namespace" | "Cluster";

export interface ResolvedModel {
  readonly object: Live<AIMModel | AIMClusterModel>;
  readonly scope: Scope;
}

/** Found, to be created in this pass, or the error that stands in its place. */
export type ModelResolution =
  | { readonly found: ResolvedModel; readonly creating?: undefined; readonly error?: undefined }
  | {
    readonly creating: { readonly child: Child; readonly message: string };
    readonly found?: undefined;
    readonly error?: undefined;
  }
  | { readonly error: ComponentError; readonly found?: undefined; readonly creating?: undefined };

export type Template = AIMServiceTemplate | AIMClusterServiceTemplate;

export interface ResolvedTemplate {
  readonly object: Live<Template>;
  readonly scope: Scope;
}

/** A template as messages call it. */
export function nameOf({ object, scope }: ResolvedTemplate): string {
  return `${
    scope === "Cluster" ? "AIMClusterServiceTemplate" : "AIMServiceTemplate"
  } ${object.metadata.name}`;
}

export interface TemplateResolution {
  readonly found?: ResolvedTemplate;
  /** An explicit template that is not there. */
  readonly error?: ComponentError;
  /** Templates of the model that are being discovered and might be chosen. */
  readonly awaited?: readonly string[];
  /** How the choice fell, if this pass had to choose. */
  readonly selection?: Selection<Live<Template>>;
  /** A template derived for the service's overrides, to be created in this pass. */
  readonly deriving?: Child;
}
