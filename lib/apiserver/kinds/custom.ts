/** The kinds that a custom resource definition serves. */
import { at, isObject, type JsonObject } from "../json.ts";
import { schemaOfCrd } from "../schema/mod.ts";
import type { Column, Kind, ScalePaths } from "./kind.ts";

const age: Column = {
  name: "Age",
  type: "date",
  description:
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set " +
    "in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is " +
    "in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: " +
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  jsonPath: ".metadata.creationTimestamp",
};

/** One for each version that is served, in the order of the definition. */
export function kindsOf(definition: JsonObject): Kind[] {
  const { group, names, scope, versions } = definition.spec as JsonObject;
  const { kind, plural, singular, listKind, shortNames, categories } = names as Record<string, string> & {
    shortNames?: string[];
    categories?: string[];
  };
  return (versions as JsonObject[]).filter(({ served }) => served === true).map((version) => {
    const schema = at(version, "schema", "openAPIV3Schema");
    const columns = (version.additionalPrinterColumns as Column[] | undefined) ?? [age];
    return {
      group: group as string,
      version: version.name as string,
      kind,
      plural,
      singular: singular ?? kind.toLowerCase(),
      listKind: listKind ?? `${kind}List`,
      shortNames: shortNames ?? [],
      categories: categories ?? [],
      namespaced: scope === "Namespaced",
      verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
      hasStatus: at(version, "subresources", "status") !== undefined,
      scale: at(version, "subresources", "scale") as ScalePaths | undefined,
      selectableFields: ((version.selectableFields as { jsonPath: string }[] | undefined) ?? [])
        .map(({ jsonPath }) => jsonPath.slice(1)),
      columns,
      custom: true,
      hasGeneration: true,
      schema: isObject(schema) ? schemaOfCrd(schema) : undefined,
    };
  });
}
