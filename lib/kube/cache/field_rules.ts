/**
 * What a comparison of objects must know about a kind beyond what `managedFields` says: where quantities stand, and what
 * a server or webhook adds inside atomic containers.
 *
 * A path is field names joined by dots; `*` is any item of a list or any key of a map.
 */
export interface FieldRules {
  /** Paths that hold a Kubernetes quantity. */
  readonly quantities?: readonly string[];
  /** Values that the server fills in inside an atomic container; what we leave out may hold them. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /**
   * Fields that our builder can emit, for maps inside an atomic container. Any other field there is
   * somebody's addition and no difference. Maps that are not listed must match field by field.
   */
  readonly emits?: Readonly<Record<string, readonly string[]>>;
}
