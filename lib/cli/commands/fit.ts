/** `kubectl aim fit`: how many replicas fit, what is short for more, and who would make room. It writes nothing. */

import type { Pod } from "kubernetes-types/core/v1";
import type { AIMService } from "../../api/mod.ts";
import { clusterModels, clusterTemplates, models, templates } from "../../cluster/kinds.ts";
import type { Live } from "../../kube/object.ts";
import { hasEnded } from "../../surroundings/workloads/pods_of_template.ts";
import { inferenceServiceSlot } from "../../../controllers/service/endpoint/names.ts";
import type { ResolvedModel, ResolvedTemplate } from "../../../controllers/service/resolve/resolved.ts";
import { resolve } from "../../../controllers/service/resolve/standing.ts";
import { templateHealth } from "../../../controllers/service/resolve/template.ts";
import { modelHealth } from "../../../controllers/service/resolve/model.ts";
import { assess, type Assessment } from "../capacity/assessment.ts";
import type { ReadFleet } from "../capacity/read_fleet.ts";
import { replicaOf, serviceFor } from "../capacity/replica.ts";
import { Look } from "../cluster/look.ts";
import type { ReadCluster } from "../cluster/read.ts";
import { contextIn, serviceIn } from "../cluster/service.ts";
import { CommandFault, notThere } from "../faults.ts";
import { table, type TableOptions, wrapped } from "../output/table.ts";

/** What is asked about: one of them. */
export interface Asked {
  readonly service?: string;
  readonly template?: string;
  readonly model?: string;
  /** So many replicas are wanted; absent: as many as the service wants, or one. */
  readonly replicas?: number;
}

/** One answer for a service or a template; of a model one for each of its templates. @throws CommandFault */
export function fitOf(cluster: ReadCluster, fleet: ReadFleet, namespace: string, asked: Asked): Assessment[] {
  const look = new Look(cluster.cache, cluster.at);
  if (asked.service !== undefined) {
    return [ofService(cluster, look, fleet, namespace, asked.service, asked.replicas)];
  }
  if (asked.template !== undefined) {
    const template = templateNamed(cluster, look, namespace, asked.template);
    return [ofTemplate(template, look, fleet, namespace, asked.replicas)];
  }
  return templatesOf(cluster, look, namespace, asked.model!)
    .map((template) => ofTemplate(template, look, fleet, namespace, asked.replicas));
}

function ofService(
  cluster: ReadCluster,
  look: Look,
  fleet: ReadFleet,
  namespace: string,
  name: string,
  replicas: number | undefined,
): Assessment {
  const service = serviceIn(cluster, look, namespace, name);
  const live = inferenceServiceSlot(service, look).child?.live;
  const { model, template } = resolve(contextIn(service, look), live !== undefined, look);
  if (model.found === undefined) {
    throw new CommandFault(
      `${name} has no model: ${model.error?.message ?? modelHealth(model, undefined).message}`,
    );
  }
  if (template.found === undefined) {
    throw new CommandFault(
      `${name} has no template: ${template.error?.message ?? templateHealth(template).message}`,
    );
  }
  const running = live === undefined ? [] : podsOfEndpoint(fleet, namespace, live.metadata.name);
  return assess({
    namespace,
    of: `service ${name}`,
    replica: replicaOf(service, model.found, template.found, running, look),
    running: running.filter(({ spec }) => spec?.nodeName !== undefined).length,
    wanted: replicas ?? wantedBy(service),
    service: { namespace, name },
  }, fleet);
}

/** The most that it may have. */
function wantedBy({ spec }: Live<AIMService>): number {
  return spec?.maxReplicas ?? spec?.minReplicas ?? spec?.replicas ?? 1;
}

function podsOfEndpoint({ pods }: ReadFleet, namespace: string, name: string): Pod[] {
  return pods.filter((pod) =>
    pod.metadata?.namespace === namespace &&
    pod.metadata.labels?.["serving.kserve.io/inferenceservice"] === name &&
    pod.metadata.deletionTimestamp === undefined && !hasEnded(pod)
  );
}

function ofTemplate(
  template: ResolvedTemplate,
  look: Look,
  fleet: ReadFleet,
  namespace: string,
  replicas = 1,
): Assessment {
  const service = serviceFor(namespace, template);
  const { name } = template.object.metadata;
  const model = modelNamed(look, namespace, template.object.spec?.modelName ?? "");
  return assess({
    namespace,
    of: `template ${name}`,
    replica: replicaOf(service, model, template, [], look),
    running: 0,
    wanted: replicas,
  }, fleet);
}

function modelNamed(look: Look, namespace: string, name: string): ResolvedModel {
  const own = look.get(models, namespace, name);
  if (own !== undefined) return { object: own, scope: "Namespace" };
  const shared = look.get(clusterModels, undefined, name);
  if (shared === undefined) throw new CommandFault(`the template's model ${name} is not there`);
  return { object: shared, scope: "Cluster" };
}

function templateNamed(cluster: ReadCluster, look: Look, namespace: string, name: string): ResolvedTemplate {
  const own = look.get(templates, namespace, name);
  if (own !== undefined) return { object: own, scope: "Namespace" };
  const shared = look.get(clusterTemplates, undefined, name);
  if (shared !== undefined) return { object: shared, scope: "Cluster" };
  throw notThere(
    "template",
    namespace,
    name,
    allTemplates(cluster, look, namespace).map(({ object }) => object.metadata.name),
  );
}

function templatesOf(cluster: ReadCluster, look: Look, namespace: string, model: string): ResolvedTemplate[] {
  const all = allTemplates(cluster, look, namespace);
  const own = all.filter(({ object }) => object.spec?.modelName === model);
  if (own.length > 0) return own;
  throw notThere(
    "model with templates",
    namespace,
    model,
    [...new Set(all.flatMap(({ object }) => object.spec?.modelName ?? []))].sort(),
  );
}

/** Those of the namespace, then those of the cluster, by name. */
function allTemplates({ cache }: ReadCluster, look: Look, namespace: string): ResolvedTemplate[] {
  const keysOf = (kind: typeof templates | typeof clusterTemplates) =>
    [...cache.store(kind as typeof templates).keys()].sort();
  const own = keysOf(templates).filter((key) => key.startsWith(`${namespace}/`)).flatMap((key) => {
    const object = look.get(templates, namespace, key.slice(namespace.length + 1));
    return object === undefined ? [] : [{ object, scope: "Namespace" as const }];
  });
  const shared = keysOf(clusterTemplates).flatMap((key) => {
    const object = look.get(clusterTemplates, undefined, key.slice(1));
    return object === undefined ? [] : [{ object, scope: "Cluster" as const }];
  });
  return [...own, ...shared];
}

/** One answer at length; several as a table. */
export function fitInWords(all: readonly Assessment[], options: TableOptions = {}): string[] {
  if (all.length === 1) return assessmentInWords(all[0], options);
  return [
    ...table(
      ["TEMPLATE", "FIT", "A REPLICA", "SHORT OF"],
      all.map(({ of, fits, each, short, storage }) => [
        of.replace(/^template /, ""),
        String(fits),
        eachInWords(each),
        [...short.map(shortInWords), ...storage.flatMap(({ fault }) => fault ?? [])].join("; "),
      ]),
      options,
    ),
    ...unseenInWords(all[0]?.unseen ?? [], options),
  ];
}

function assessmentInWords(assessment: Assessment, { width }: TableOptions): string[] {
  const {
    namespace,
    of,
    each,
    running,
    fits,
    wanted,
    nodes,
    quotas,
    storage,
    sizeUnknown,
    short,
    shrink,
    ignored,
  } = assessment;
  const line = (text: string) => wrapped(text, width ?? Infinity);
  const beside = running === 0 ? `${fits} fit` : `${running} run, ${fits} more fit`;
  return [
    ...line(
      `${of} in namespace ${namespace}: ${beside}, ${wanted} wanted. A replica asks for ${
        eachInWords(each)
      }.`,
    ),
    "",
    ...(nodes.length === 0 ? ["No node was seen."] : table(
      ["NODE", "FIT", "LEFT THEN", "WHY NOT MORE"],
      nodes.map(({ node, fits, left, all, couldFit, whyNot }) => [
        node,
        String(fits),
        couldFit || fits > 0 ? leftInWords(left, all) : "-",
        whyNot.join(", "),
      ]),
      { width },
    )),
    ...quotas.flatMap(({ quota, fits, by, used, hard }) =>
      line(`Quota ${quota} takes ${fits} more: ${used === undefined ? by : `${by} ${used} of ${hard} used`}.`)
    ),
    ...storage.flatMap(({ size, storageClass, fault }) =>
      line(
        fault === undefined
          ? `Weights need a volume of ${size} of storage class ${storageClass || "(default)"} first.`
          : `Weights need a volume of ${size}: ${fault}.`,
      )
    ),
    ...(sizeUnknown ? line("How much room the weights need is not known yet.") : []),
    ...(short.length === 0
      ? []
      : ["", ...line(`For ${wanted} it is short of ${short.map(shortInWords).join(" and ")}.`)]),
    ...shrink.slice(0, 3).flatMap(({ namespace, service, by, of, nodes }) =>
      line(
        `${wanted} fit if service ${namespace}/${service} runs ${by} fewer (of ${of}), on ${
          nodes.join(", ")
        }.`,
      )
    ),
    ...(short.length > 0 && shrink.length === 0
      ? line("No single service makes enough room by shrinking.")
      : []),
    ...(ignored.length === 0 ? [] : line(`Not looked at: ${ignored.join(", ")}.`)),
    ...unseenInWords(assessment.unseen, { width }),
  ];
}

function unseenInWords(unseen: readonly string[], { width = Infinity }: TableOptions): string[] {
  if (unseen.length === 0) return [];
  return [
    "",
    ...wrapped(`You may not list all of ${unseen.join(", ")}: there may be less room, or more.`, width),
  ];
}

function eachInWords(each: Readonly<Record<string, string>>): string {
  const parts = Object.entries(each).sort(([a], [b]) =>
    Number(b.includes("/")) - Number(a.includes("/")) || (a < b ? -1 : 1)
  );
  return parts.length === 0 ? "nothing" : parts.map(([name, amount]) => `${amount} ${name}`).join(", ");
}

/** Of what there is least of: GPUs before CPUs. */
function leftInWords(left: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>): string {
  const [name] = Object.keys(all).sort((a, b) => Number(b.includes("/")) - Number(a.includes("/")));
  return name === undefined ? "" : `${left[name] ?? "0"} of ${all[name]} ${name}`;
}

function shortInWords({ of, by, where }: Assessment["short"][number]): string {
  return `${by} ${of} (${where})`;
}
