import assert from "node:assert/strict";
import { liveObject } from "../../lib/operator/runner/view_fixture.ts";
import type { Expectation } from "./metadata.ts";
import { template } from "./model_sample.ts";
import { templatesHealth } from "./templates_health.ts";

const about = { component: "ServiceTemplates" };
const health = (statuses: string, expected: Expectation) => {
  const words = statuses === "" ? [] : statuses.split(" ");
  const list = words.map((word, at) => liveObject(template(`t${at}`, word === "-" ? undefined : word)));
  return templatesHealth(list, expected, about);
};

// models-and-templates.md §3.9, first match
const rows: [statuses: string, expected: Expectation, answer: string][] = [
  ["", "unknown", "Progressing/AwaitingMetadata"],
  ["", "yes", "Progressing/CreatingTemplates"],
  ["", "no", "Ready/NoTemplatesExpected"],
  ["Ready", "no", "Ready/AllTemplatesReady"],
  ["Ready Ready", "yes", "Ready/AllTemplatesReady"],
  ["Failed Degraded", "yes", "Failed/AllTemplatesFailed"],
  ["NotAvailable NotAvailable", "yes", "NotAvailable/NoTemplatesAvailable"],
  ["Failed Ready", "yes", "Degraded/SomeTemplatesDegraded"],
  ["Degraded Pending", "yes", "Degraded/SomeTemplatesDegraded"],
  ["Failed NotAvailable", "yes", "Degraded/SomeTemplatesDegraded"],
  ["Ready Pending NotAvailable", "yes", "Progressing/TemplatesProgressing"],
  ["Progressing", "yes", "Progressing/TemplatesProgressing"],
  ["Ready NotAvailable", "yes", "Ready/SomeTemplatesReady"],
  ["-", "yes", "Progressing/TemplatesProgressing"],
  ["- Ready", "yes", "Progressing/TemplatesProgressing"],
  ["- Failed", "yes", "Degraded/SomeTemplatesDegraded"],
];
for (const [statuses, expected, answer] of rows) {
  Deno.test(`templates ${statuses || "none"}, expected ${expected}: ${answer}`, () => {
    const { state, reason } = health(statuses, expected);
    assert.equal(`${state}/${reason}`, answer);
  });
}

// The cause of those that the words are about: of several the one that says most, of others none.
type Word = "Ready" | "Failed" | "NotAvailable" | "Degraded" | "Pending";
const causes: [templates: [word: Word, code?: string][], code: string | undefined][] = [
  [[["Failed", "AIM0801"]], "AIM-0801"],
  [[["Failed"], ["Failed", "AIM0801"]], "AIM-0801"],
  [[["NotAvailable", "AIM0402"], ["NotAvailable"]], "AIM-0402"],
  [[["Failed", "AIM0801"], ["NotAvailable", "AIM0402"]], "AIM-0801"],
  [[["Ready"], ["Failed", "AIM0324"]], "AIM-0324"],
  [[["Ready"], ["NotAvailable", "AIM0402"]], undefined],
  [[["Degraded"], ["Pending", "AIM0402"]], undefined],
];
for (const [templates, code] of causes) {
  Deno.test(`the cause of templates ${templates.map((each) => each.join(" for ")).join(", ")} is ${code}`, () => {
    const told = templates.map(([status, reason], at) =>
      liveObject(template(`t${at}`, undefined, {
        status: {
          status,
          conditions: reason === undefined ? [] : [{
            type: "Stalled",
            status: "True",
            reason,
            message: "",
            lastTransitionTime: "2026-01-01T00:00:00Z",
          }],
        },
      }))
    );
    assert.equal(templatesHealth(told, "yes", about).code, code);
  });
}

Deno.test("the message names the first failed templates with their reason", () => {
  const failed = Array.from({ length: 7 }, (_, at) =>
    liveObject(template(`t${at}`, undefined, {
      status: {
        status: "Failed",
        conditions: [{
          type: "Ready",
          status: "False",
          reason: "InvalidSpec",
          message: "",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        }],
      },
    })));
  assert.equal(
    templatesHealth(failed, "yes", about).message,
    "All templates failed: t0 (InvalidSpec), t1 (InvalidSpec), t2 (InvalidSpec), t3 (InvalidSpec), " +
      "t4 (InvalidSpec) and 2 more",
  );
});

Deno.test("templates that are Pending or Progressing are waited for by name, others were not looked at yet", () => {
  const named = (name: string, status?: "Pending" | "Progressing" | "Ready") =>
    liveObject(template(name, undefined, status && { status: { status } }));
  const pending = [named("a", "Ready"), named("b", "Pending"), named("c", "Progressing"), named("d")];
  assert.equal(
    templatesHealth(pending, "yes", about).message,
    "1 of 4 templates are ready; waiting for b, c",
  );
  const fresh = [named("a", "Ready"), named("d")];
  assert.equal(
    templatesHealth(fresh, "yes", about).message,
    "1 of 2 templates are ready; not looked at yet: d",
  );
});

Deno.test("templates that are held back are not said to be on their way", () => {
  const told = (missing: "made" | "held back") => templatesHealth([], "yes", about, missing);
  assert.equal(told("made").message, "Templates are being made");
  assert.match(
    told("held back").message!,
    /^Templates are made once the model's other components are ready$/,
  );
  assert.equal(told("held back").reason, "CreatingTemplates");
});

const taints =
  "Waiting for components to become ready: DiscoveryPods: 0/3 nodes are available: untolerated taint";
const said: [word: string, reason: string, message: string, quoted: boolean][] = [
  ["Pending", "FailedScheduling", taints, true],
  ["Failed", "ImagePullAuthFailure", "no basic auth credentials", true],
  [
    "NotAvailable",
    "VRAMNotAvailable",
    "No node has a GPU with 80Gi of memory; the largest is MI210 with 64Gi",
    true,
  ],
  ["Pending", "Progressing", "Job discover-t is running", false],
];
for (const [word, reason, message, quoted] of said) {
  Deno.test(`a template's cause (${reason}) is ${quoted ? "" : "not "}quoted by its model`, () => {
    const condition = {
      type: "Ready",
      status: "False",
      reason,
      message,
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    const one = template("t0", undefined, {
      status: { status: word as "Failed", conditions: [condition as never] },
    });
    assert.equal(templatesHealth([liveObject(one)], "yes", about).message!.includes(message), quoted);
  });
}
