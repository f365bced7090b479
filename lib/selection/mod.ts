/**
 * Choosing a service template for a model: pure, explains every candidate.
 *
 * @module
 */

export { apply, type Changed } from "./apply.ts";
export { candidate, normalised, type Scope, type Template } from "./candidate.ts";
export type { Change, Edit } from "./edit.ts";
export type { GpuModels, Overrides, Reason, SelectionRequest } from "./stages.ts";
export { type Evaluation, type Outcome, select, type Selection, type Stage } from "./select.ts";
export { choice, describe, type Description } from "./describe.ts";
