/** KServe: there, in the right mode, without settings that change what the operator asks for. */

import { deployments, inferenceServices, kserveSettings, ownKinds } from "../kinds.ts";
import { type Check, type Finding, listed, nameOf, type Survey } from "../survey.ts";

export const kserve: Check = (survey) => {
  if (ownKinds.some((kind) => survey.lacks(kind))) return [];
  if (survey.lacks(inferenceServices)) {
    return [{
      check: "kserve-missing",
      about: "KServe",
      says: "the cluster has no InferenceServices: no service gets an endpoint",
      fix: "install KServe in mode Standard: README, Install, step 2",
    }];
  }
  const controller = survey.all(deployments).find(({ metadata }) =>
    metadata?.name === "kserve-controller-manager"
  );
  if (controller !== undefined && (controller.status?.availableReplicas ?? 0) === 0) {
    return [{
      check: "kserve-stopped",
      about: `Deployment ${nameOf(controller)}`,
      says: "none of its pods is ready: InferenceServices stay as they are",
      fix:
        `kubectl describe deployment ${controller.metadata?.name} -n ${controller.metadata?.namespace} says why`,
    }];
  }
  const idle = controller === undefined && survey.saw(deployments)
    ? survey.all(inferenceServices).filter(isUnseen(survey))
    : [];
  if (idle.length > 0) {
    return [{
      check: "kserve-stopped",
      about: "KServe's controller",
      says: `nobody has looked at InferenceService ${
        listed(idle.map(nameOf))
      }: the kinds are there, the controller is not`,
      fix: "install KServe's controller beside its CRDs: README, Install, step 2",
    }];
  }
  return survey.all(kserveSettings).flatMap((settings) =>
    settingsFindings(nameOf(settings), settings.data ?? {})
  );
};

/** Without a status after so long (milliseconds). */
const patience = 300_000;

const isUnseen =
  ({ now }: Survey) =>
  ({ metadata, status }: { metadata?: { creationTimestamp?: string }; status?: object }) =>
    status === undefined && now !== undefined &&
    now - Date.parse(metadata?.creationTimestamp ?? "") > patience;

function settingsFindings(name: string, data: Readonly<Record<string, string>>): Finding[] {
  const { defaultDeploymentMode: mode = "" } = json<{ defaultDeploymentMode?: string }>(data.deploy);
  if (!["Standard", "RawDeployment"].includes(mode)) {
    return [{
      check: "kserve-mode",
      about: `ConfigMap ${name}`,
      says: `KServe makes endpoints in mode ${
        mode || "Knative (none is set)"
      }; the operator's are made for Standard`,
      fix: 'set "defaultDeploymentMode": "Standard" in its field deploy, and restart KServe\'s controller',
    }];
  }
  const { resource = {} } = json<{ resource?: Record<string, string> }>(data.inferenceService);
  const set = Object.entries(resource).filter(([, value]) => value).map(([key, value]) => `${key} ${value}`);
  if (set.length === 0) return [];
  return [{
    check: "kserve-resources",
    about: `ConfigMap ${name}`,
    says: `KServe gives each endpoint what its template leaves open: ${
      listed(set, 4)
    }; a model does not run in so little`,
    fix: "empty the fields of resource in its field inferenceService, and restart KServe's controller",
  }];
}

/** What does not parse says nothing: KServe itself would not start with it. */
function json<T extends object>(text: string | undefined): Partial<T> {
  try {
    return JSON.parse(text ?? "{}") ?? {};
  } catch {
    return {};
  }
}
