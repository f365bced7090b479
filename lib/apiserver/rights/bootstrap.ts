/** The roles and bindings that a cluster begins with: those for its users. */
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "../json.ts";
import { packedRoles } from "./bootstrap_roles.ts";

/** In the order in which they are made. */
export function bootstrapRoles(): readonly JsonObject[] {
  return JSON.parse(new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(packedRoles))));
}
