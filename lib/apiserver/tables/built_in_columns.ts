/** The columns of built-in kinds, as the API server names and describes them. Read on first use. */
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "../json.ts";
import { packedColumns } from "./built_in_column_definitions.ts";

let columns: Readonly<Record<string, JsonObject[]>> | undefined;

/** @param shelf `pods`, `deployments.apps` */
export function builtInColumns(shelf: string): JsonObject[] {
  columns ??= JSON.parse(new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(packedColumns))));
  return columns![shelf];
}
