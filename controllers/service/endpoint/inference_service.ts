/** The InferenceService of a service (services.md §8). */

import {
  type AIMTemplateCache,
  type LocalObjectReference,
  type ResourceRequirements,
} from "../../../lib/api/mod.ts";
import { inferenceServices } from "../../../lib/cluster/kinds.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { asChild, label, labelText } from "../../../lib/operator/naming/labels.ts";
import { cutLabelValue, labelValue } from "../../../lib/operator/naming/naming.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { cacheVolumes, sharedMemory } from "./cache_volumes.ts";
import { affinityFor } from "./affinity.ts";
import { containerEnv } from "./container_env.ts";
import type { Context } from "../context.ts";
import type { ResolvedModel, ResolvedTemplate } from "../resolve/resolved.ts";
import { pullSecrets } from "./pull_secrets.ts";
import { replicaFields, scalingAnnotations } from "./scaling.ts";
import { chooseFor, standingMarks } from "./take_over.ts";

/** What an InferenceService is made of. */
export interface Ingredients {
  readonly name: string;
  readonly model: ResolvedModel;
  readonly template: ResolvedTemplate;
  readonly cache: Live<AIMTemplateCache> | undefined;
  readonly live: Live<InferenceService> | undefined;
  readonly resources: ResourceRequirements;
  /** The same by AIM Engine's rule, for one that is there already. */
  readonly plainResources: ResourceRequirements;
  /** Pull secrets of service, template and model, as far as they count. */
  readonly pullSecrets: readonly LocalObjectReference[];
  /** Whether a registry refuses the image to its newest pods: what may open it is wanted at once. */
  readonly pullRefused: boolean;
}

/** The InferenceService as it is to be, owned by the service. */
export function inferenceServiceChild(context: Context, ingredients: Ingredients): Child {
  const { namespace } = context.service.metadata;
  const { name } = ingredients;
  const desired: InferenceService = {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      name,
      namespace,
      labels: {
        ...standingMarks(context, ingredients.live),
        ...labelsOf(context, ingredients.template, ingredients.live),
      },
      annotations: scalingAnnotations(context.service.spec, name),
    },
    spec: { predictor: predictor(context, ingredients) },
  };
  return {
    how: "apply",
    ref: { kind: inferenceServices, namespace, name },
    desired: asChild(desired, context.parent, { owned: true, propagation: context.propagation }),
  };
}

function labelsOf(
  { service }: Context,
  { object }: ResolvedTemplate,
  live: Live<InferenceService> | undefined,
): Record<string, string> {
  const { metric, precision } = object.status?.profile?.metadata ?? {};
  const sanitized = {
    [label.template]: object.metadata.name,
    [label.service]: service.metadata.name,
    [label.model]: object.spec?.modelName,
    [label.metric]: metric,
    [label.precision]: precision,
  };
  const labels: Record<string, string> = {
    [label.appComponent]: labelText.inference,
    [label.managedBy]: labelText.engine,
  };
  for (const [key, value] of Object.entries(sanitized)) {
    const clean = value && chooseFor(service, {
      live: live?.metadata.labels?.[key],
      plain: cutLabelValue(value),
      rich: labelValue(value),
    });
    if (clean) labels[key] = clean;
  }
  return labels;
}

type Predictor = NonNullable<NonNullable<InferenceService["spec"]>["predictor"]>;

function predictor(context: Context, ingredients: Ingredients): Predictor {
  const { service } = context;
  const { model, template, cache, live } = ingredients;
  const volumes = cacheVolumes(cache, live);
  const standing = live?.spec?.predictor;
  const choose = <T>(liveValue: unknown, plain: T, rich: T): T =>
    standing === undefined ? rich : chooseFor(service, { live: liveValue, plain, rich });
  // Pods whose image is refused lose nothing by a restart.
  const chooseAccess: typeof choose = (live, plain, rich) =>
    ingredients.pullRefused ? rich : choose(live, plain, rich);
  const imagePullSecrets = chooseAccess(
    standing?.imagePullSecrets ?? [],
    pullSecrets(service.spec),
    [...ingredients.pullSecrets],
  );
  const account = service.spec?.serviceAccountName ?? "";
  const standingAccount = standing?.serviceAccountName ?? "";
  const ofServiceOrTemplate = account || template.object.spec?.serviceAccountName;
  // An endpoint that has a cluster model's account, by an earlier rule, keeps it: an upgrade restarts nothing.
  const ofAnyModel = ofServiceOrTemplate || (model.object.spec?.serviceAccountName ?? "");
  const serviceAccountName = chooseAccess(
    standingAccount,
    account,
    chooseAccess(standingAccount, ofAnyModel, ofServiceOrTemplate || accountOf(model)),
  );
  const resources = choose(
    standing?.containers?.[0]?.resources ?? {},
    ingredients.plainResources,
    ingredients.resources,
  );
  const nodeAffinity = affinityFor(template, live);
  return {
    ...replicaFields(service.spec),
    ...(imagePullSecrets.length > 0 ? { imagePullSecrets } : {}),
    ...(serviceAccountName ? { serviceAccountName } : {}),
    ...(nodeAffinity ? { affinity: { nodeAffinity } } : {}),
    containers: [{
      name: "kserve-container",
      image: model.object.spec?.image,
      ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }],
      env: containerEnv(context, template, standing?.containers?.[0]?.env),
      ...(Object.keys(resources).length > 0 ? { resources } : {}),
      volumeMounts: [
        { name: sharedMemory, mountPath: "/dev/shm" },
        ...volumes.map(({ name, mountPath }) => ({ name, mountPath })),
      ],
    }],
    volumes: [
      { name: sharedMemory, emptyDir: { medium: "Memory", sizeLimit: "8Gi" } },
      ...volumes.map(({ name, claimName }) => ({ name, persistentVolumeClaim: { claimName } })),
    ],
  };
}

/** That of a model of the cluster is an account of the operator's namespace (model-sources-and-config.md §14 Better). */
function accountOf({ object, scope }: ResolvedModel): string {
  return scope === "Namespace" ? object.spec?.serviceAccountName ?? "" : "";
}
