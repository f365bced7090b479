/** What every part of an artifact's reconcile needs to know (caching-and-artifacts.md §3). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import { runtimeConfigOf, type RuntimeConfigResolution } from "../../lib/cluster/runtime_config.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { asChild, type Parent } from "../../lib/operator/naming/labels.ts";
import { claimName } from "./claim_name.ts";
import type { View } from "../../lib/operator/core/view.ts";

export interface Context {
  readonly artifact: Live<AIMArtifact>;
  readonly runtimeConfig: RuntimeConfigResolution<"AIMArtifact">;
  /** Merged over both scopes; undefined where there is none. */
  readonly config: RuntimeConfigResolution<"AIMArtifact">["spec"];
  readonly parent: Parent;
  /** Of the claim that holds the weights, whether it is there or not. */
  readonly claimName: string;
}

export function contextOf(artifact: Live<AIMArtifact>, view: View): Context {
  const runtimeConfig = runtimeConfigOf(
    view,
    "AIMArtifact",
    artifact.metadata.namespace,
    artifact.spec?.runtimeConfigName,
  );
  const parent: Parent = { kind: "AIMArtifact", metadata: artifact.metadata };
  return {
    artifact,
    runtimeConfig,
    config: runtimeConfig.spec,
    parent,
    claimName: claimName(artifact, view),
  };
}

/** A child with all labels that it gets from its artifact (§3.2), and its owner if it is owned. */
export function childOf<T extends KubeObject>(object: T, { parent, config }: Context, owned: boolean): T {
  return asChild(object, parent, { owned, propagation: config?.labelPropagation });
}
