/** The model of a service that names an image (services.md §3.3, §3.4). */

import type { AIMModel, AIMService } from "../../../lib/api/mod.ts";
import { clusterModels, models } from "../../../lib/cluster/kinds.ts";
import { keyOf, type Live } from "../../../lib/kube/object.ts";
import { classify } from "../../../lib/operator/errors/classify.ts";
import { API_VERSION, asChild, label, labelText } from "../../../lib/operator/naming/labels.ts";
import { modelNameForImage } from "../../../lib/operator/naming/object_names.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { breaksTies, tieAnnotation } from "../../../lib/selection/mod.ts";
import type { Context } from "../context.ts";
import type { ModelResolution, ResolvedModel } from "./resolved.ts";

export const modelsByImage = models.index(
  "namespace and image",
  ({ metadata, spec }) => spec === undefined ? [] : [keyOf(metadata.namespace, spec.image)],
);
const clusterModelsByImage = clusterModels.index(
  "image",
  ({ spec }) => spec === undefined ? [] : [spec.image],
);

/**
 * The one model with that image in either scope; created if there is none; several are an error, unless names are to
 * decide: then it is the first of the namespace, else of the cluster.
 */
export function modelOfImage(context: Context, written: string, view: View): ModelResolution {
  const image = written.trim();
  const found = modelsOf(context, image, view);
  if (found.length === 0) return newModel(context, image, view);
  if (found.length === 1) return { found: found[0] };
  const before = resolvedBefore(context.service, found);
  if (before === undefined && !breaksTies(context)) return { error: several(image, found) };
  return { found: before ?? found[0], ...amongSeveral(context, image, view) };
}

/** Those with that image, of the namespace before those of the cluster, by name. */
function modelsOf({ service }: Context, image: string, view: View): ResolvedModel[] {
  return [
    ...view.list(modelsByImage, keyOf(service.metadata.namespace, image)).map((object) =>
      ({ object, scope: "Namespace" }) as const
    ),
    ...view.list(clusterModelsByImage, image).map((object) => ({ object, scope: "Cluster" }) as const),
  ];
}

/** What is to be said of a model of an image where names decide. It is said as long as there are several. */
export function amongSeveral(
  context: Context,
  written: string | undefined,
  view: View,
): { readonly amongSeveral?: string } {
  if (written === undefined || !breaksTies(context)) return {};
  const { length } = modelsOf(context, written.trim(), view);
  return length < 2 ? {} : { amongSeveral: `one of ${length} with its image, by ${tieAnnotation}` };
}

/** A service that already stands on one of several keeps it. */
function resolvedBefore(service: AIMService, found: readonly ResolvedModel[]): ResolvedModel | undefined {
  const uid = service.status?.resolvedModel?.uid;
  return uid === undefined ? undefined : found.find(({ object }) => object.metadata.uid === uid);
}

function several(image: string, found: readonly ResolvedModel[]) {
  const names = found.map(({ object: { metadata }, scope }) =>
    scope === "Cluster" ? `${metadata.name} (cluster)` : `${metadata.namespace}/${metadata.name} (namespace)`
  );
  return {
    category: "InvalidSpec",
    reason: "MultipleModelsFound",
    message: `multiple models found with the same image with image "${image}": ${names.join(", ")}; ` +
      "name one of them in spec.model.name of a new service, or delete the others",
  } as const;
}

/** A model for the image, without an owner: it stays for the next service (§3.4). */
function newModel(context: Context, image: string, view: View): ModelResolution {
  const { service } = context;
  let name: string;
  try {
    name = modelNameForImage(image);
  } catch (error) {
    return { error: classify(error) };
  }
  const taken = view.get(models, service.metadata.namespace, name);
  if (taken !== undefined) {
    return {
      error: {
        category: "InvalidSpec",
        reason: "ModelNotFound",
        message: `the model for image "${image}" would be named ${name}, but that AIMModel has image ` +
          `"${taken.spec?.image ?? ""}"; name it in spec.model.name of a new service, or delete it`,
      },
    };
  }
  // A config that wants no discovery is obeyed by who makes the model; a written model says for itself
  // (models-and-templates.md §7).
  const discovery = wantsDiscovery(context) ? {} : { discovery: discoveryOff };
  return {
    creating: {
      child: modelChild(context, name, { image, ...discovery }, {}),
      message: `Model will be created for image ${image}`,
    },
  };
}

const discoveryOff = { extractMetadata: false, createServiceTemplates: false };

/** Whether models that the service makes may read their image: the runtime config's `autoDiscovery`. */
export function wantsDiscovery({ config }: Context): boolean {
  return config?.model?.autoDiscovery !== false;
}

/** A model to create while there is none; of later edits of the service only access reaches it (`model_access.ts`). */
export function modelChild(
  context: Context,
  name: string,
  spec: Pick<NonNullable<AIMModel["spec"]>, "image"> & Partial<NonNullable<AIMModel["spec"]>>,
  labels: Readonly<Record<string, string>>,
): Child {
  const { service, parent, propagation } = context;
  const { namespace } = service.metadata;
  const { runtimeConfigName, imagePullSecrets, serviceAccountName } = service.spec ?? {};
  const desired: AIMModel = {
    apiVersion: API_VERSION,
    kind: "AIMModel",
    metadata: { name, namespace, labels: { [label.origin]: labelText.autoGenerated, ...labels } },
    spec: {
      ...spec,
      ...(runtimeConfigName ? { runtimeConfigName } : {}),
      ...(imagePullSecrets?.length ? { imagePullSecrets } : {}),
      ...(serviceAccountName ? { serviceAccountName } : {}),
    },
  };
  return {
    how: "create",
    ref: { kind: models, namespace, name },
    desired: asChild(desired, parent, { owned: false, propagation }),
  };
}

/** The AIMModels of one image in the service's namespace. */
export function modelsWithImage(
  service: Live<AIMService>,
  image: string,
  view: View,
): readonly Live<AIMModel>[] {
  return view.list(modelsByImage, keyOf(service.metadata.namespace, image));
}
