/** What can be asked of a kind: each verb for one object, for many, and for parts of one. */
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kinds/kind.ts";
import { wantedOf } from "../output/accept.ts";
import { listIn, listShapes, objectIn, objectShapes, rowObjects } from "../output/shape.ts";
import type { Answer, Request, Target } from "../request.ts";
import {
  badRequest,
  internalError,
  methodNotAllowed,
  noSuchPath,
  notFound,
  Refusal,
  tooLargeVersion,
  warning,
} from "../status.ts";
import { bind } from "./bind.ts";
import { create, type Written } from "./create.ts";
import { deleteOptions, deletionWarnings, remove } from "./delete.ts";
import { list } from "./list.ts";
import { checkVersionText, isWatch, listOptions } from "./list_options.ts";
import { patch } from "./patch.ts";
import { podLog } from "./pod_log.ts";
import { replace } from "./replace.ts";
import { readScale, writeScale } from "./scale.ts";
import { requestToken } from "./token_request.ts";
import { watch } from "./watch.ts";

export function answerResource(cluster: Cluster, kind: Kind, target: Target, request: Request): Answer {
  const { name, namespace, subresource } = target;
  if (name === undefined) return answerMany(cluster, kind, target, request);
  if (target.watch) return answerMany(cluster, kind, target, withName(request, name));
  const where = { namespace, name };
  if (subresource !== undefined) return answerPart(cluster, kind, where, subresource, request);
  switch (request.method) {
    case "GET":
      return read(cluster, kind, where, request);
    case "PUT":
      return written(cluster, kind, request, replace(cluster, kind, where, request));
    case "PATCH":
      return written(cluster, kind, request, patch(cluster, kind, where, request));
    case "DELETE": {
      const warnings = deletionWarnings(kind, request);
      const options = () => ({ ...deleteOptions(request, kind), warnings });
      const { object, success } = warning(warnings, () => remove(cluster, kind, where, options()));
      const answer = object === undefined
        ? { code: 200, body: success }
        : shaped(cluster, kind, request, object);
      return { ...answer, warnings } as Answer;
    }
    default:
      throw methodNotAllowed();
  }
}

interface Where {
  readonly namespace?: string;
  readonly name: string;
}

function answerMany(cluster: Cluster, kind: Kind, target: Target, request: Request): Answer {
  const { namespace } = target;
  const { query } = request;
  switch (request.method) {
    case "GET": {
      if (target.watch || isWatch(query)) return watching(cluster, kind, namespace, request);
      const wanted = wantedOf(request.accept, [...listShapes, "PartialObjectMetadata"]);
      const { objects, metadata } = list(cluster, kind, namespace, listOptions(query, kind, false));
      return { code: 200, body: listIn(wanted, kind, objects, metadata, query, cluster.clock.now()) };
    }
    case "POST":
      return written(cluster, kind, request, create(cluster, kind, namespace, request));
    case "DELETE": {
      if (!kind.verbs.includes("deletecollection")) throw methodNotAllowed();
      const options = deleteOptions(request, kind);
      const { objects, metadata } = list(cluster, kind, namespace, listOptions(query, kind, false));
      for (const { metadata } of objects) {
        remove(cluster, kind, { namespace: metadata.namespace, name: metadata.name }, options);
      }
      return {
        code: 200,
        body: listIn({ format: "json" }, kind, objects, metadata, query, cluster.clock.now()),
      };
    }
    default:
      throw methodNotAllowed();
  }
}

function watching(cluster: Cluster, kind: Kind, namespace: string | undefined, request: Request): Answer {
  const { query, accept } = request;
  const wanted = wantedOf(accept, ["Table", "PartialObjectMetadata"]);
  if (wanted.as === "Table") rowObjects(query);
  const options = listOptions(query, kind, true);
  return { code: 200, watch: watch(cluster, { kind, namespace, options, wanted, query }) };
}

function answerPart(cluster: Cluster, kind: Kind, where: Where, part: string, request: Request): Answer {
  const { method } = request;
  if (part === "status" && kind.hasStatus) {
    if (method === "GET") return read(cluster, kind, where, request);
    if (method === "PUT") {
      return written(cluster, kind, request, replace(cluster, kind, where, request, "status"));
    }
    if (method === "PATCH") {
      return written(cluster, kind, request, patch(cluster, kind, where, request, "status"));
    }
    throw notSupported(kind, method);
  }
  if (part === "scale" && kind.scale !== undefined) {
    if (method === "GET") return { code: 200, body: readScale(cluster, kind, where) };
    if (method === "PUT" || method === "PATCH") {
      return { code: 200, body: writeScale(cluster, kind, where, request) };
    }
    throw notSupported(kind, method);
  }
  if (part === "binding" && kind.kind === "Pod" && method === "POST") {
    return bind(cluster, kind, where, request);
  }
  if (part === "token" && kind.kind === "ServiceAccount" && method === "POST") {
    return requestToken(cluster, kind, where, request);
  }
  if (["attach", "exec", "portforward"].includes(part) && kind.kind === "Pod") {
    throw notConnected(cluster, kind, where);
  }
  if (part === "log" && kind.kind === "Pod" && method === "GET") return podLog(cluster, kind, where);
  if (kind.custom) throw notFound(kind, where.name);
  throw noSuchPath();
}

/** Nobody gets into a container here: of a pod without a node the original says so, else its kubelet would answer. */
function notConnected(cluster: Cluster, kind: Kind, { namespace, name }: Where): Refusal {
  const pod = cluster.get(kind, namespace, name);
  if (pod === undefined) return notFound(kind, name);
  const node = (pod.spec as { nodeName?: string }).nodeName;
  if (!node) return badRequest(`pod ${name} does not have a host assigned`);
  return internalError(`no kubelet of node ${node} can be asked: this cluster is in memory`);
}

function notSupported(kind: Kind, method: string): Refusal {
  if (!kind.custom) return methodNotAllowed();
  const resource = `${kind.plural}.${kind.group}`;
  const message = `${method.toLowerCase()} is not supported on resources of kind "${resource}"`;
  return new Refusal(405, "MethodNotAllowed", message, { group: kind.group, kind: kind.plural });
}

function read(cluster: Cluster, kind: Kind, { namespace, name }: Where, request: Request): Answer {
  const version = request.query.get("resourceVersion") ?? "";
  checkVersionText(version, false, true);
  if (Number(version) > cluster.store.version) throw tooLargeVersion(Number(version), cluster.store.version);
  wantedOf(request.accept, objectShapes);
  const object = cluster.get(kind, namespace, name);
  if (object === undefined) throw notFound(kind, name);
  return shaped(cluster, kind, request, object);
}

function written(
  cluster: Cluster,
  kind: Kind,
  request: Request,
  { code, object, warnings }: Written,
): Answer {
  return { ...shaped(cluster, kind, request, object), code, warnings } as Answer;
}

function shaped(
  cluster: Cluster,
  kind: Kind,
  request: Request,
  object: Parameters<typeof objectIn>[2],
): Answer {
  const wanted = wantedOf(request.accept, objectShapes);
  return { code: 200, body: objectIn(wanted, kind, object, request.query, cluster.clock.now()) };
}

function withName(request: Request, name: string): Request {
  const query = new URLSearchParams(request.query);
  query.set("fieldSelector", `metadata.name=${name}`);
  return { ...request, query };
}
