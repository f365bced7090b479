import type * as z from "zod";
import { oneOf, structure, text } from "../schema.ts";
import { referenceScopes } from "./words.ts";

/** Points from a status to the object that was found. */
export const resolvedReference = structure("The object that was found.", {
  name: text("Name of the object.").optional(),
  namespace: text("Namespace of the object; empty for a cluster-scoped one.").optional(),
  scope: oneOf(referenceScopes, "Where the object lives; Merged for a runtime config made of both scopes.")
    .optional(),
  kind: text("Kind of the object.").optional(),
  uid: text("UID of the object.").optional(),
});
export type ResolvedReference = z.infer<typeof resolvedReference>;
