/** Events of a service beside its conditions (spec/README "Event milestones of a service"; api.md "deprecated"). */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMServiceStatus } from "../../../lib/api/mod.ts";
import { cache, model, pass, ready, service, template } from "../service_sample.ts";

const reasons = (events: readonly string[]) => events.map((event) => event.split(":")[0]);

Deno.test("until Running a service itself tells two things: what it stands on, once both are known, and Running", () => {
  const passes = [
    pass(service(), [model({ status: { status: "Progressing" } })]),
    pass(service(), [model()]),
    pass(service(), [model(), template()]),
    pass(service(), [model(), template(), cache()]),
    pass(service(), ready),
  ];
  let before: AIMServiceStatus | undefined;
  const told = passes.map((made) => {
    const next = { ...made.status, ...made.plan.sticky };
    const events = made.events(before ?? {});
    before = next;
    return events;
  });
  // The third milestone, Created, is the runner's.
  assert.deepEqual(told.map(reasons), [[], [], ["Normal Resolved"], [], ["Normal AllComponentsReady"]]);
  assert.match(told[2][0], /^Normal Resolved: AIMModel m and AIMServiceTemplate t1 are resolved; chosen: /);
});

Deno.test("a named template: the event says that the spec names it", () => {
  const made = pass(service({ spec: { template: { name: "t1" } } }), [model(), template()]);
  assert.deepEqual(made.events({}), [
    "Normal Resolved: AIMModel m and AIMServiceTemplate t1 are resolved; spec.template.name names the template",
  ]);
});

Deno.test("a template that nobody named and that was made anew is not said to be named", () => {
  const status = { ...pass(service(), ready).status, status: "Running" } as AIMServiceStatus;
  const anew = template({ metadata: { uid: "anew" } });
  const others = ready.filter(({ kind }) => kind !== "AIMServiceTemplate");
  const made = pass(service({ status }), [...others, anew]);
  const [event] = made.events(status).filter((each) => each.startsWith("Normal Resolved"));
  assert.match(event, /are resolved; the template of that name was made anew$/);
});

Deno.test("a service that AIM Engine has resolved is not resolved again", () => {
  const { resolvedModel, resolvedTemplate } = pass(service(), ready).status;
  const status = { status: "Running", resolvedModel, resolvedTemplate } as AIMServiceStatus;
  assert.deepEqual(reasons(pass(service({ status }), ready).events()), ["Normal AllComponentsReady"]);
});

const old: [spec: Partial<AIMServiceSpec>, says: RegExp | undefined][] = [
  [{ caching: { mode: "Always" } }, /spec\.caching\.mode Always means Shared; write that in new services$/],
  [{ caching: { mode: "Auto" } }, /spec\.caching\.mode Auto means Shared; write that in new services$/],
  [{ caching: { mode: "Never" } }, /spec\.caching\.mode Never means Dedicated; write that in new services$/],
  [{ cacheModel: true }, /spec\.cacheModel has no effect: every service has a cache/],
  [{ cacheModel: false, caching: { mode: "Never" } }, /Never.*spec\.cacheModel/],
  [{ caching: { mode: "Shared" } }, undefined],
  [{ caching: { mode: "Dedicated" } }, undefined],
  [{}, undefined],
];
for (const [spec, says] of old) {
  Deno.test(`deprecated fields warn once a generation: ${JSON.stringify(spec)}`, () => {
    const warned = (observedGeneration?: number) => {
      const status = observedGeneration === undefined ? undefined : { observedGeneration };
      const made = pass(service({ spec, status }), [model(), template()]);
      return made.events(status ?? {}).filter((event) => event.startsWith("Warning DeprecatedFields"));
    };
    assert.equal(warned().length, says === undefined ? 0 : 1);
    if (says === undefined) return;
    assert.match(warned()[0], says);
    assert.equal(warned(3).length, 1, "an edit that leaves them is warned of again");
    assert.deepEqual(warned(4), []);
  });
}
