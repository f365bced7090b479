import assert from "node:assert/strict";
import { endedReasons, eventRows, waitingReasons } from "../inspect/causes.ts";
import { causeOf, codeAsReason, codeFromReason, codeOf, codes, mostTelling, withCause } from "./codes.ts";
import { foreignReason, isKnownReason } from "./reasons.ts";
import { readRefusalText } from "./refusal_text.ts";

Deno.test("each code is of one row, in order, and each reason has one cause where no finer one is known", () => {
  for (const code of codes) assert.match(code, /^AIM-0[1-9]\d\d$/);
  assert.deepEqual([...codes].sort(), codes);
  const defaults = codes.flatMap((code) => {
    const { is = [], of = [], foreign = [], otherwise } = causeOf(code);
    return [...is, ...foreign, ...(otherwise ? of : [])];
  });
  assert.deepEqual(defaults.filter((reason, at) => defaults.indexOf(reason) !== at), []);
});

Deno.test("a reason is ours or foreign as its row says", () => {
  for (const code of codes) {
    const { is = [], of = [], foreign = [] } = causeOf(code);
    for (const reason of [...is, ...of]) assert.ok(isKnownReason(reason), `${code} ${reason}`);
    for (const reason of foreign) assert.ok(!isKnownReason(reason), `${code} ${reason}`);
  }
});

Deno.test("texts are sentences of a length that fits into Ready", () => {
  for (const code of codes) {
    const { title, cause, remedy } = causeOf(code);
    assert.doesNotMatch(title, /^(A|An|The|No|Several|Another|Only) |\.$/, `${code} is a clause`);
    for (const text of [cause, remedy]) assert.match(text, /^[A-Z].*[^.]\.$/s, `${code}: ${text}`);
    assert.ok(remedy.length <= 140, `${code}: ${remedy.length} characters`);
    assert.doesNotMatch(remedy, /\]\(/, `${code}: a link stands in "more", not in Ready`);
  }
});

Deno.test("whatever Kubernetes says is wrong with a pod has a code", () => {
  const waiting = Object.keys(waitingReasons);
  const ended = Object.keys(endedReasons);
  const pods = eventRows.filter(({ kind, outlook, moment }) =>
    kind === "Pod" && outlook !== undefined && moment !== "leaving"
  ).map(({ reason }) => reason);
  const kserve = eventRows.filter(({ kind }) => kind === "InferenceService").map(({ reason }) => reason);
  const without = [...waiting, ...ended, ...pods, ...kserve]
    // What the kubelet says of a pull is read further: refused, absent, or neither.
    .filter((reason) => reason !== "ErrImagePull" && codeOf(foreignReason(reason)) === undefined);
  assert.deepEqual(without, []);
});

Deno.test("of several causes the first that is not general counts", () => {
  assert.equal(mostTelling([undefined, "AIM-0331", "AIM-0901", "AIM-0902"]), "AIM-0901");
  assert.equal(mostTelling(["AIM-0331", undefined]), "AIM-0331");
  assert.equal(mostTelling([]), undefined);
});

Deno.test("a message ends with code and remedy", () => {
  assert.equal(
    withCause("Component Cache is not ready: quoted.\n", "AIM-0411"),
    "Component Cache is not ready: quoted. AIM-0411: Raise spec.resources.limits.memory.",
  );
});

Deno.test("a code is a reason that a condition may have, and is known again; no other reason is one", () => {
  for (const code of codes) {
    assert.match(codeAsReason(code) as string, /^AIM\d{4}$/);
    assert.equal(codeFromReason(codeAsReason(code)), code);
  }
  for (const other of [undefined, "", "FailedCreate", "AIM9999", "AIMService"]) {
    assert.equal(codeFromReason(other), undefined, other);
  }
});

Deno.test("who refuses is read from what the API server quotes", () => {
  const rows: [string, string | undefined][] = [
    [
      'pods "a" is forbidden: exceeded quota: gpus, requested: requests.amd.com/gpu=1, used: …',
      "AIM-0801",
    ],
    [
      'pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation …',
      "AIM-0802",
    ],
    ['admission webhook "policy.example.com" denied the request: no team label', "AIM-0803"],
    [
      "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      "AIM-0803",
    ],
    ['Internal error occurred: failed calling webhook "a.b.c": connection refused', "AIM-0812"],
    ["unable to create new content in namespace a because it is being terminated", "AIM-0805"],
    ["spec.containers[0].image: Required value", undefined],
  ];
  for (const [text, code] of rows) assert.equal(readRefusalText(text), code, text);
});
