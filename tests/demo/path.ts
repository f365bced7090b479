/** The path from a service to its endpoint, as rows of a table: what stands in it, and what each part says. */

import type {
  AIMArtifact,
  AIMModel,
  AIMService,
  AIMServiceTemplate,
  AIMTemplateCache,
} from "../../lib/api/mod.ts";
import type {
  Event,
  HTTPRoute,
  InferenceService,
  Job,
  ObjectCondition,
  Pod,
} from "../../lib/operator/objects.ts";
import type { Cluster } from "../control_plane/cluster.ts";

/** Everything of one namespace that the path leads through. */
export interface Objects {
  readonly service?: AIMService;
  readonly models: readonly AIMModel[];
  readonly templates: readonly AIMServiceTemplate[];
  /** Discovery Jobs, until they are cleared away. */
  readonly jobs: readonly Job[];
  readonly caches: readonly AIMTemplateCache[];
  readonly artifacts: readonly AIMArtifact[];
  readonly endpoints: readonly InferenceService[];
  readonly pods: readonly Pod[];
  readonly routes: readonly HTTPRoute[];
  /** About the service. */
  readonly events: readonly Event[];
}

export interface Row {
  readonly part: string;
  readonly object: string;
  readonly state: string;
  readonly says: string;
}

/** Reads what {@link Objects} holds, as administrator. */
export async function readObjects(plane: Cluster, namespace: string, name: string): Promise<Objects> {
  const list = async (path: string) => (await plane.request("GET", path)).items;
  const aim = "/apis/aim.eai.amd.com/v1alpha1";
  const here = `namespaces/${namespace}`;
  const about = `involvedObject.kind%3DAIMService%2CinvolvedObject.name%3D${name}`;
  const [services, models, templates, jobs, caches, artifacts, endpoints, pods, routes, events] =
    await Promise.all(
      [
        list(`${aim}/${here}/aimservices`),
        list(`${aim}/${here}/aimmodels`),
        list(`${aim}/${here}/aimservicetemplates`),
        list(`/apis/batch/v1/${here}/jobs?labelSelector=app.kubernetes.io%2Fcomponent%3Ddiscovery`),
        list(`${aim}/${here}/aimtemplatecaches`),
        list(`${aim}/${here}/aimartifacts`),
        list(`/apis/serving.kserve.io/v1beta1/${here}/inferenceservices`),
        list(`/api/v1/${here}/pods?labelSelector=serving.kserve.io%2Finferenceservice`),
        list(`/apis/gateway.networking.k8s.io/v1/${here}/httproutes`),
        list(`/api/v1/${here}/events?fieldSelector=${about}`),
      ],
    );
  const service = services.find(({ metadata }: AIMService) => metadata?.name === name);
  return { service, models, templates, jobs, caches, artifacts, endpoints, pods, routes, events };
}

/** The rows, from what the service stands on to what it becomes. */
export function pathOf(objects: Objects): Row[] {
  const { service } = objects;
  const chosen = service?.status?.resolvedTemplate?.name;
  return [
    ...objects.models.map(modelRow),
    ...objects.templates.map((template) => templateRow(template, chosen)),
    ...jobRows(objects.jobs),
    ...choiceRows(objects),
    ...objects.caches.map((cache) => row("cache", cache, cache.status?.status, readyMessage(cache))),
    ...objects.artifacts.map(artifactRow),
    ...objects.endpoints.map(endpointRow),
    ...podRows(objects.pods),
    ...objects.routes.map((route) => routeRow(route, service)),
    ...(service === undefined ? [] : [serviceRow(service)]),
  ];
}

/** Whether the service runs, in the generation that stands in its spec now. */
export function isRunning({ service }: Objects): boolean {
  return service?.status?.status === "Running" &&
    service.status.observedGeneration === service.metadata?.generation;
}

/** Why this template, or why none yet: the event that tells the choice, else the condition. */
export function choiceOf({ service, events }: Objects): string | undefined {
  const event = events.find(({ reason }) => reason === "Resolved");
  return event?.message ?? conditionOf(service?.status?.conditions, "TemplateReady")?.message;
}

/** What the status says is missing, one line a condition. */
export function complaints({ service }: Objects): string[] {
  if (service === undefined) return ["There is no such service."];
  const { status, conditions = [] } = service.status ?? {};
  if (status === undefined) return ["The service has no status: the operator has not looked at it."];
  const open = conditions.filter((condition) => condition.status !== "True");
  return [
    `status: ${status}`,
    ...open.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`),
  ];
}

function row(
  part: string,
  object: { metadata?: { name?: string } } | undefined,
  state: string | undefined,
  says = "",
): Row {
  return { part, object: shown(object?.metadata?.name ?? ""), state: state || "-", says };
}

/** A long name without its middle: templates of images begin with the image and end with what tells them apart. */
function shown(name: string): string {
  return name.length <= 42 ? name : `${name.slice(0, 15)}…${name.slice(-26)}`;
}

function modelRow(model: AIMModel): Row {
  return row("model", model, model.status?.status, model.status?.imageMetadata?.model?.canonicalName);
}

/** What the image's labels recommend and, once it is known, what kind of profile the image has for it. */
function templateRow(template: AIMServiceTemplate, chosen: string | undefined): Row {
  const { metadata, spec, status } = template;
  const gpu = spec?.hardware?.gpu;
  const facts = [
    gpu && `${gpu.requests} × ${gpu.model}`,
    spec?.metric,
    spec?.precision,
    status?.profile?.metadata?.type,
    metadata?.name === chosen && "<- chosen",
  ];
  return row("template", template, status?.status, facts.filter(Boolean).join(", "));
}

function jobRows(jobs: readonly Job[]): Row[] {
  if (jobs.length === 0) return [];
  const complete =
    jobs.filter(({ status }) => conditionOf(status?.conditions, "Complete")?.status === "True").length;
  const state = complete === jobs.length ? "Complete" : "Running";
  return [{
    part: "jobs",
    object: `${complete}/${jobs.length} complete`,
    state,
    says: "ask the image for profiles",
  }];
}

function choiceRows(objects: Objects): Row[] {
  const { resolvedTemplate, conditions } = objects.service?.status ?? {};
  const says = choiceOf(objects);
  if (says === undefined) return [];
  const state = conditionOf(conditions, "TemplateReady")?.reason ?? "-";
  return [{ part: "choice", object: shown(resolvedTemplate?.name ?? ""), state, says }];
}

function artifactRow(artifact: AIMArtifact): Row {
  const { status } = artifact;
  const written = String(artifact.spec?.size ?? "0");
  const size = status?.displaySize ?? (written === "0" ? undefined : written);
  const percentage = progressOf(artifact);
  if (percentage !== undefined) {
    const says = [bar(percentage), size && `of ${size}`, status?.download?.message].filter(Boolean).join(" ");
    return row("artifact", artifact, status?.status, says);
  }
  const facts = [size, status?.persistentVolumeClaim && `on claim ${status.persistentVolumeClaim}`];
  return row("artifact", artifact, status?.status, facts.filter(Boolean).join(" "));
}

/** Of a download under way, how many percent are there. */
export function progressOf({ status }: AIMArtifact): number | undefined {
  return status?.status === "Ready" ? undefined : status?.progress?.percentage;
}

/** `██████░░░░  60 %` */
function bar(percentage: number): string {
  const full = Math.round(percentage / 10);
  return `${"█".repeat(full)}${"░".repeat(10 - full)} ${String(percentage).padStart(3)} %`;
}

function endpointRow(endpoint: InferenceService): Row {
  const ready = conditionOf(endpoint.status?.conditions, "Ready");
  return row("endpoint", endpoint, ready?.status === "True" ? "Ready" : "Starting", endpoint.status?.url);
}

function podRows(pods: readonly Pod[]): Row[] {
  if (pods.length === 0) return [];
  const ready =
    pods.filter(({ status }) => conditionOf(status?.conditions, "Ready")?.status === "True").length;
  const nodes = [...new Set(pods.map(({ spec }) => spec?.nodeName ?? "no node yet"))].sort();
  const state = ready === pods.length ? "Running" : "Starting";
  return [{ part: "pods", object: `${ready}/${pods.length} ready`, state, says: `on ${nodes.join(", ")}` }];
}

function routeRow(route: HTTPRoute, service: AIMService | undefined): Row {
  const accepted = (route.status?.parents ?? [])
    .some(({ conditions }) => conditionOf(conditions, "Accepted")?.status === "True");
  const path = service?.status?.routing?.path;
  return row("route", route, accepted ? "Accepted" : "Waiting", path && `path ${path}`);
}

function serviceRow(service: AIMService): Row {
  return row("service", service, service.status?.status, readyMessage(service));
}

function readyMessage(object: { status?: { conditions?: readonly ObjectCondition[] } }): string | undefined {
  return conditionOf(object.status?.conditions, "Ready")?.message;
}

function conditionOf(
  conditions: readonly ObjectCondition[] | undefined,
  type: string,
): ObjectCondition | undefined {
  return conditions?.find((each) => each.type === type);
}
