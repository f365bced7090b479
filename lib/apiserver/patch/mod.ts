/** The three patches that change an object from outside: JSON patch, merge patch, strategic merge patch. */
export { applyMergePatch as mergePatch } from "../../kube/json/merge_patch.ts";
export { jsonPatch } from "./json_patch.ts";
export { PatchError } from "./patch_error.ts";
export { strategicMergePatch } from "./strategic_merge_patch.ts";
