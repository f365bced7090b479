/** Rows and columns, as `kubectl get` shows them. */
import { isObject, type JsonObject } from "../json.ts";
import { type Column, type Kind, shelfOf } from "../kinds/kind.ts";
import { ageOf } from "./age.ts";
import { builtInCells } from "./built_in_cells.ts";
import { builtInColumns } from "./built_in_columns.ts";
import { valuesAt } from "./json_path.ts";

export function columnDefinitions(kind: Kind): JsonObject[] {
  if (!kind.custom) return builtInColumns(shelfOf(kind));
  return [
    builtInColumns("configmaps")[0], // the name, which is the first column of nearly every kind
    ...kind.columns.map(({ name, type, format = "", description, priority = 0, jsonPath }) => ({
      name,
      type,
      format,
      description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      priority,
    })),
  ];
}

export function rowOf(kind: Kind, object: JsonObject, now: number): readonly unknown[] {
  if (!kind.custom) return builtInCells(shelfOf(kind), object, now);
  const { name } = object.metadata as { name: string };
  return [name, ...kind.columns.map((column) => cell(column, object, now))];
}

function cell({ jsonPath, type, name }: Column, object: JsonObject, now: number): unknown {
  const values = valuesAt(object, jsonPath);
  if (values.length === 0) return null;
  const [value] = values;
  if (type === "date" || jsonPath === ".metadata.creationTimestamp" && name === "Age") {
    return ageOf(String(value), now);
  }
  switch (type) {
    case "integer":
      return typeof value === "number" && Number.isInteger(value) ? value : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    default:
      return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : values.join(",");
  }
}
