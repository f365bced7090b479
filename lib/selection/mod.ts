/**
 * Choosing a service template for a model: pure, explains every candidate.
 *
 * @module
 */

export { apply, type Changed } from "./apply.ts";
export { candidate, normalised, type Scope, type Template } from "./candidate.ts";
export type { Change, Edit } from "./edit.ts";
export {
  breaksTies,
  type GpuModels,
  type Overrides,
  type Reason,
  type SelectionRequest,
  tieAnnotation,
} from "./stages.ts";
export { type Evaluation, type Outcome, select, type Selection, type Stage } from "./select.ts";
export { choice, describe, type Description } from "./describe.ts";
