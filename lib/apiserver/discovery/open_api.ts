/** `/openapi/v3`: what `kubectl explain` and `kubectl apply` read of the kinds. */
import type { JsonObject } from "../json.ts";
import type { Answer } from "../request.ts";
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { builtInDefinitions, definitionName } from "../schema/mod.ts";
import { groupNames, versionsOf } from "./groups.ts";

const metadataName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/**
 * `/openapi/v2`, without definitions. kubectl asks for it, as protobuf, before it sends a `List`, to judge what is in it
 * by itself; of a kind that is not defined there it leaves that to the server.
 */
export function openApiV2(accept = ""): Answer {
  // The first field of the message, `swagger`, is enough for a document.
  if (accept.includes("protobuf")) return { code: 200, text: "\n\x032.0" };
  return {
    code: 200,
    body: { swagger: "2.0", info: { title: "Kubernetes", version: "v1.35.4" }, paths: {} },
  };
}

/** The list of documents. */
export function openApiIndex(kinds: readonly Kind[]): JsonObject {
  const paths = [
    "api/v1",
    ...groupNames(kinds).flatMap((group) =>
      versionsOf(group, kinds).map((version) => `apis/${group}/${version}`)
    ),
  ];
  return {
    paths: Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])),
  };
}

/** The document of one group and version. */
export function openApiOf(group: string, version: string, kinds: readonly Kind[]): JsonObject {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  const schemas: JsonObject = {};
  const paths: JsonObject = {};
  addDefinition(metadataName, schemas);
  for (const kind of served) {
    const name = schemaName(kind);
    if (kind.custom) schemas[name] = schemaDocument(kind);
    else addDefinition(name, schemas);
    const reference = { $ref: `#/components/schemas/${name}` };
    paths[pathOf(kind)] = {
      patch: operation(kind, "patch", reference),
      put: operation(kind, "put", reference),
    };
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.35.4" },
    paths,
    components: { schemas },
  };
}

/** Adds a definition, and those that it refers to. */
function addDefinition(name: string, schemas: JsonObject): void {
  const definition = builtInDefinitions()[name];
  if (name in schemas || definition === undefined) return;
  schemas[name] = definition;
  for (const [, other] of JSON.stringify(definition).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    addDefinition(other, schemas);
  }
}

/** A custom kind's group is turned round. */
function schemaName({ group, version, kind }: Kind): string {
  return definitionName(group, version, kind) ?? `${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

function schemaDocument(kind: Kind): JsonObject {
  const root = kind.schema?.root ?? { type: "object" };
  const text = (description: string) => ({ type: "string", description });
  return {
    ...root,
    properties: {
      apiVersion: text("APIVersion defines the versioned schema of this representation of an object."),
      kind: text("Kind is a string value representing the REST resource this object represents."),
      metadata: {
        allOf: [{ $ref: `#/components/schemas/${metadataName}` }],
        description: "Standard object's metadata.",
        default: {},
      },
      ...root.properties as JsonObject,
    },
    "x-kubernetes-group-version-kind": [groupVersionKind(kind)],
  };
}

function groupVersionKind({ group, version, kind }: Kind): JsonObject {
  return { group, version, kind };
}

function pathOf(kind: Kind): string {
  const { group, namespaced, plural } = kind;
  const root = group === "" ? "/api/v1" : `/apis/${apiVersionOf(kind)}`;
  return `${root}${namespaced ? "/namespaces/{namespace}" : ""}/${plural}/{name}`;
}

/** The parameters tell kubectl that the server itself checks fields. */
function operation(kind: Kind, verb: string, schema: JsonObject): JsonObject {
  return {
    description: `${verb} the specified ${kind.kind}`,
    parameters: ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
      name,
      in: "query",
      schema: { type: "string", uniqueItems: true },
    })),
    responses: { "200": { description: "OK", content: { "application/json": { schema } } } },
    "x-kubernetes-action": verb,
    "x-kubernetes-group-version-kind": groupVersionKind(kind),
  };
}
