import assert from "node:assert/strict";
import { fieldOf } from "./field_path.ts";
import { aimService } from "./kinds/aim_service.ts";

Deno.test("what a path of fields leads to", () => {
  const rows: [path: string, answer: string][] = [
    ["", "object"],
    ["kind", "value"],
    ["kind.x", "absent"],
    ["nothing", "absent"],
    ["metadata", "object"],
    ["metadata.name", "value"],
    ["metadata.name.x", "absent"],
    ["metadata.nam", "absent"],
    ["metadata.labels", "object"],
    ["metadata.labels.team", "value"],
    ["metadata.labels.team.x", "absent"],
    ["metadata.ownerReferences", "list"],
    ["metadata.constructor", "absent"],
    ["spec", "object"],
    ["spec.model", "object"],
    ["spec.model.name", "value"],
    ["spec.model.nam", "absent"],
    ["spec.replicas", "value"],
    ["spec.env", "list"],
    ["spec.env.name", "absent"],
    ["spec.resources.limits.cpu", "unknown"],
    ["spec.routing.annotations.x", "value"],
    ["spec.toString", "absent"],
    ["status.status", "value"],
    ["status.resolvedModel.name", "value"],
  ];
  for (const [path, answer] of rows) {
    assert.equal(fieldOf(aimService, path === "" ? [] : path.split(".")), answer, path);
  }
});
