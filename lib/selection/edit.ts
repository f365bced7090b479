/**
 * Changes to what a selection goes by: of the service, of the nodes, of the candidate's own template, of the
 * templates that stand in its way. Data, with what they come to in words.
 *
 * @module
 */

/** A field of the service's spec. `null` takes it away. */
export type ServiceEdit =
  & { readonly of: "service" }
  & (
    | { readonly field: "template.allowUnoptimized"; readonly value: boolean }
    | { readonly field: "overrides.metric" | "overrides.precision"; readonly value: string | null }
    | { readonly field: "overrides.hardware"; readonly value: null }
    | { readonly field: "overrides.hardware.gpu.model"; readonly value: string }
    | { readonly field: "overrides.hardware.gpu.requests"; readonly value: number }
  );

/** A node with GPUs of a model (normalised) that the cluster does not have. */
export interface NodeEdit {
  readonly of: "nodes";
  readonly field: "gpuModel";
  readonly value: string;
}

/** A field of the candidate's template. `metadata.namespace` makes a namespace template of a cluster one. */
export type CandidateEdit =
  & { readonly of: "candidate" }
  & (
    | {
      readonly field:
        | "status.status"
        | "status.profile.metadata.type"
        | "status.profile.metadata.metric"
        | "status.profile.metadata.precision"
        | "spec.hardware.gpu.model"
        | "metadata.namespace";
      readonly value: string;
    }
    | { readonly field: "spec.hardware.gpu.requests"; readonly value: number }
  );

/** Another template, deleted. */
export interface Deletion {
  readonly of: "rival";
  readonly name: string;
  readonly namespace?: string;
}

/** An edit that changes something, rather than delete it. */
export type Amendment = ServiceEdit | NodeEdit | CandidateEdit;

/** One step of a change. */
export type Edit = Amendment | Deletion;

/** What would make a candidate win. */
export interface Change {
  /** The candidate, by the name and namespace it has now. */
  readonly name: string;
  readonly namespace?: string;
  /** Service first, then nodes, candidate and deletions; at least one. */
  readonly edits: readonly Edit[];
  /** The same in words, to follow on "wins with". Its length is bounded, however many edits there are. */
  readonly phrase: string;
}

const words: Record<CandidateEdit["field"], string> = {
  "status.status": "status",
  "status.profile.metadata.type": "profile type",
  "status.profile.metadata.metric": "metric",
  "status.profile.metadata.precision": "precision",
  "spec.hardware.gpu.model": "GPU",
  "spec.hardware.gpu.requests": "GPU count",
  "metadata.namespace": "a move to namespace",
};

/** Edits as a user reads them: `template.allowUnoptimized: true and status Ready`. */
export function inWords(edits: readonly Edit[]): string {
  const deletions = edits.filter((edit) => edit.of === "rival");
  const parts = edits.filter((edit) => edit.of !== "rival").map(amendmentInWords);
  return enumerated(deletions.length === 0 ? parts : [...parts, deletionsInWords(deletions)]);
}

function amendmentInWords(edit: Amendment): string {
  switch (edit.of) {
    case "service":
      return edit.value === null ? `${edit.field} removed` : `${edit.field}: ${edit.value}`;
    case "nodes":
      return `a node with GPU ${edit.value}`;
    case "candidate":
      return `${words[edit.field]} ${edit.value}`;
  }
}

function deletionsInWords([first, ...others]: readonly Deletion[]): string {
  const kind = `${first.namespace === undefined ? "cluster " : ""}template`;
  if (others.length === 0) return `${kind} ${first.name} deleted`;
  return `${kind} ${first.name} and ${others.length} more deleted`;
}

function enumerated(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
