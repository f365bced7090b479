/** Rows and columns, as `kubectl get` shows them. */
import { isObject, type JsonObject } from "../json.ts";
import type { Column, Kind } from "../kinds/kind.ts";
import { nameColumn } from "../kinds/built_in_columns.ts";
import { ageOf } from "./age.ts";
import { computed } from "./computed.ts";
import { valuesAt } from "./json_path.ts";

export function columnDefinitions(kind: Kind): JsonObject[] {
  return [
    nameColumn,
    ...kind.columns.map(({ name, type, format = "", description, priority = 0, jsonPath }) => ({
      name,
      type,
      format,
      description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      priority,
    })),
  ];
}

export function rowOf(kind: Kind, object: JsonObject, now: number): unknown[] {
  const { name } = object.metadata as { name: string };
  return [name, ...kind.columns.map((column) => cell(column, object, now))];
}

function cell(column: Column, object: JsonObject, now: number): unknown {
  const { jsonPath, type } = column;
  const call = /^(\w+)\((.*)\)$/.exec(jsonPath);
  if (call !== null) return computed(call[1], call[2] === "" ? [] : call[2].split(","), object, now);
  const values = valuesAt(object, jsonPath);
  if (values.length === 0) return type === "date" ? null : nothing(column);
  const [value] = values;
  if (type === "date" || jsonPath === ".metadata.creationTimestamp" && column.name === "Age") {
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

/** Custom kinds show nothing where built-in ones show an empty text. */
function nothing({ description, name }: Column): unknown {
  return description === "" && name !== "" ? "" : null;
}
