/** The Job that asks a model's image for profile and sources (models-and-templates.md §5.5). */

import { type EnvVar, pullSecretNames } from "../../../lib/api/mod.ts";
import { discoveryLabels } from "../../../lib/cluster/indexes.ts";
import { jobs } from "../../../lib/cluster/kinds.ts";
import type { Job, PodSpec } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { mergeEnv, withoutEmptyValue } from "../../../lib/operator/naming/env.ts";
import { asChild, label, type Propagation } from "../../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../../lib/operator/naming/naming.ts";
import { sidecarOptOut } from "../../../lib/operator/naming/sidecars.ts";
import {
  type DiscoveryInputs,
  discoveryJobName,
  discoverySpecHash,
} from "../../../lib/operator/naming/object_names.ts";
import { discoveryContainer } from "../../../lib/facts/discovery_result.ts";
import { deadline, discoverySlot } from "./discovery_jobs.ts";
import type { FoundModel } from "../model.ts";
import { labelsWithModel } from "../model_label.ts";
import { jobNamespaceOf, type Scope, type Template } from "../scope.ts";

/** The Job to create while there is none; never updated. */
export function discoveryJob(
  template: Live<Template>,
  model: FoundModel,
  scope: Scope,
  propagation: Propagation | undefined,
): Child {
  const namespace = jobNamespaceOf(template);
  const name = jobNames(template, model)[0];
  const templateLabel = { [label.template]: rawLabelValue(template.metadata.name) };
  const job: Job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels: { ...discoveryLabels, ...templateLabel } },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 60,
      activeDeadlineSeconds: deadline,
      template: {
        metadata: {
          labels: { ...templateLabel, ...sidecarOptOut.labels },
          annotations: sidecarOptOut.annotations,
        },
        spec: discoveryPod(template, model),
      },
    },
  };
  const parent = {
    kind: scope.kind,
    metadata: { ...template.metadata, labels: labelsWithModel(template) },
  };
  return {
    how: "create",
    ref: { kind: jobs, namespace, name },
    desired: asChild(job, parent, { owned: true, propagation }),
    slot: discoverySlot,
  };
}

function discoveryPod(template: Template, model: FoundModel): PodSpec {
  const pullSecrets = pullSecretsOf(template, model);
  const serviceAccountName = serviceAccountOf(template, model);
  return {
    restartPolicy: "Never",
    ...(serviceAccountName !== "" ? { serviceAccountName } : {}),
    ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets.map((name) => ({ name })) } : {}),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [{
      name: discoveryContainer,
      image: model.image,
      args: ["dry-run", "--format=json"],
      env: environment(template),
      securityContext: {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
      },
    }],
  };
}

/** One entry a name: what the user sets wins over what we would (§5.5 Better). */
function environment({ spec }: Template): EnvVar[] {
  const { metric, precision, hardware, profileId } = spec!;
  const { model, requests = 0 } = hardware?.gpu ?? {};
  const quiet = ["AIM_LOG_LEVEL_ROOT", "AIM_LOG_LEVEL"].map((name) => ({ name, value: "CRITICAL" }));
  const asked: [name: string, value: string | undefined][] = [
    ["AIM_METRIC", metric],
    ["AIM_PRECISION", precision],
    ["AIM_GPU_MODEL", model],
    ["AIM_GPU_COUNT", requests > 0 ? String(requests) : undefined],
    ["AIM_PROFILE_ID", profileId],
  ];
  const users = mergeEnv(quiet, spec!.env);
  const ours = asked.flatMap(([name, value]) =>
    value && !users.some((entry) => entry.name === name) ? [{ name, value }] : []
  );
  return [...users, ...ours].map(withoutEmptyValue);
}

/** Those of the model, then those of the template (§5.5 Better). */
function pullSecretsOf({ spec }: Template, model: FoundModel): string[] {
  return [...new Set([...model.pullSecrets, ...pullSecretNames(spec)])];
}

/** The template's, else the model's (§5.5 Better). */
function serviceAccountOf({ spec }: Template, model: FoundModel): string {
  return spec?.serviceAccountName || model.serviceAccount;
}

/**
 * The names of Jobs that ask what is to be found out now: ours, and that of a Job which AIM Engine has made of
 * the model's secrets and account alone.
 */
export function jobNames(
  template: Live<Template>,
  model: FoundModel,
): readonly [ours: string, engines: string] {
  const { name, namespace } = template.metadata;
  const inputs = {
    ...inputsOf(template, model),
    template: name,
    ...(namespace !== undefined ? { env: template.spec?.env } : {}),
  };
  return [
    discoveryJobName({
      ...inputs,
      pullSecrets: pullSecretsOf(template, model),
      serviceAccount: serviceAccountOf(template, model),
    }),
    discoveryJobName({ ...inputs, pullSecrets: model.pullSecrets, serviceAccount: model.serviceAccount }),
  ];
}

/** `status.discovery.specHash` (§5.7). */
export function specHash(template: Live<Template>, model: FoundModel): string {
  return discoverySpecHash(inputsOf(template, model));
}

function inputsOf({ metadata, spec }: Live<Template>, model: FoundModel): DiscoveryInputs {
  const gpu = spec?.hardware?.gpu;
  return {
    template: metadata.name,
    model: spec?.modelName ?? "",
    image: model.image,
    metric: spec?.metric,
    precision: spec?.precision,
    gpu: gpu !== undefined,
    gpuModel: gpu?.model,
    gpuCount: gpu?.requests,
    profileId: spec?.profileId,
  };
}
