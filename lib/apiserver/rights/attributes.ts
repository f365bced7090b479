/** What a request asks for, in the terms of roles: a verb on a resource, or on a path that names none. */
import type { Request } from "../request.ts";

export interface AskedResource {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface AskedPath {
  readonly verb: string;
  readonly path: string;
}

export type Asked = AskedResource | AskedPath;

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

const partsOfNamespace = ["status", "finalize"];

/** @param request read as the original reads it, whether or not such a resource is served */
export function askedOf({ method, path, query }: Request): Asked {
  const parts = path.split("/").filter((part) => part !== "").map(decodeURIComponent);
  const [root, ...rest] = parts;
  const grouped = root === "apis";
  if (root !== "api" && !grouped || rest.length < (grouped ? 3 : 2)) {
    return { verb: method.toLowerCase(), path };
  }
  const group = grouped ? rest.shift()! : "";
  rest.shift(); // the version
  let verb = verbs[method] ?? "";
  const watching = rest[0] === "watch" && rest.length > 1;
  if (watching) {
    rest.shift();
    verb = "watch";
  }
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = rest[1];
    if (rest.length > 2 && !partsOfNamespace.includes(rest[2])) rest.splice(0, 2);
  }
  const [resource, name = "", subresource = ""] = rest;
  const asked = { verb, group, resource, subresource: watching ? "" : subresource, namespace, name };
  if (name !== "") return asked;
  if (verb === "delete") return { ...asked, verb: "deletecollection" };
  if (verb !== "get" && verb !== "watch") return asked;
  return { ...asked, verb: verb === "watch" || watches(query) ? "watch" : "list", name: nameIn(query) };
}

/** The one name that a field selector leaves. */
function nameIn(query: URLSearchParams): string {
  const selector = query.get("fieldSelector") ?? "";
  for (const part of selector.split(",")) {
    const [, name] = /^metadata\.name==?([^=].*)$/.exec(part) ?? [];
    if (name !== undefined && /^[^/%]+$/.test(name) && name !== "." && name !== "..") return name;
  }
  return "";
}

function watches(query: URLSearchParams): boolean {
  const said = query.get("watch");
  return said !== null && said !== "0" && said.toLowerCase() !== "false";
}
