/** Structural schemas: what a kind's objects may hold, what is added to them, and what is wrong with them. */
export { builtInDefinitions, definitionName, schemaOfBuiltIn } from "./built_in.ts";
export { emptyObject, storeZeros } from "./built_in_zeros.ts";
export { typed } from "./cel.ts";
export { applyDefaults } from "./defaults.ts";
export { type FieldError } from "./field_error.ts";
export { prune } from "./prune.ts";
export { type KindSchema, schemaOfCrd } from "./schema.ts";
export { validate } from "./validate.ts";
