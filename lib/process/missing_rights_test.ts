import assert from "node:assert/strict";
import { ApiError } from "../kube/errors.ts";
import { type Right, textOfRight } from "../kube/lacked_right.ts";
import { startLog } from "./log.ts";
import { MissingRights, type MissingRightsOptions } from "./missing_rights.ts";

const refusal = (verb: string, namespace = "ml") =>
  new ApiError({
    status: 403,
    reason: "Forbidden",
    message: `jobs.batch is forbidden: User "aim" cannot ${verb} resource "jobs" in API group "batch"`,
    method: "POST",
    path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
  });

/** A process that lacks the rights of `lacking`, and what it tells. */
function lacking(options: Partial<MissingRightsOptions> = {}) {
  const lines: string[] = [];
  const log = startLog({
    encoder: "json",
    level: "info",
    time: "rfc3339",
    write: (line) => {
      const { level, msg } = JSON.parse(line);
      lines.push(`${level} ${msg}`);
    },
  });
  const given = new Set<string>();
  const asked: string[] = [];
  let metric: readonly Right[] = [];
  const regained = Promise.withResolvers<void>();
  const stop = new AbortController();
  const rights = new MissingRights({
    isScoped: false,
    log,
    ask: (right) => {
      asked.push(textOfRight(right));
      return Promise.resolve(given.has(right.verb));
    },
    regained: regained.resolve,
    changed: (all) => metric = all,
    askAgainAfter: 1,
    ...options,
  }, stop.signal);
  return {
    rights,
    lines,
    given,
    asked,
    stop,
    regained: regained.promise,
    metric: () => metric.map(textOfRight),
  };
}

const create = "error the right to create jobs.batch in namespace ml is missing: add the rule " +
  "{apiGroups: [batch], resources: [jobs], verbs: [create]} to ClusterRole aim-engine-manager-role";

Deno.test("a right is told once, with its rule and its role, however often and wherever it is refused", () => {
  const { rights, lines, metric, stop } = lacking();
  for (let time = 0; time < 3; time++) rights.refused(refusal("create"));
  rights.refused(refusal("create", "research"));
  assert.deepEqual(lines, [create]);
  assert.deepEqual(metric(), ["create jobs.batch in namespace ml"]);
  stop.abort();
});

Deno.test("it is asked for until it is there, which is told once; then nothing is asked", async () => {
  const { rights, lines, metric, given, asked, regained } = lacking();
  rights.refused(refusal("create"));
  given.add("create");
  await regained;
  assert.deepEqual(lines, [create, "info the right to create jobs.batch in namespace ml is there now"]);
  assert.deepEqual(metric(), []);
  const before = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(asked.length, before);
  rights.refused(refusal("create"));
  assert.equal(lines.length, 3, "if it is taken away again, that is told again");
});

Deno.test("other rights are waited for beside it", async () => {
  const { rights, metric, given, regained, stop } = lacking();
  rights.refused(refusal("create"));
  rights.refused(refusal("delete"));
  given.add("create");
  await regained;
  assert.deepEqual(metric(), ["delete jobs.batch in namespace ml"]);
  stop.abort();
});

Deno.test("what nobody wants any more is forgotten without a word", async () => {
  const { rights, lines, metric } = lacking({ forgetAfter: 0 });
  rights.refused(refusal("create"));
  while (metric().length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(lines, [create]);
});

Deno.test("an API server that does not answer is asked again", async () => {
  let times = 0;
  const { rights, regained } = lacking({
    ask: () => times++ === 0 ? Promise.reject(new Error("no answer")) : Promise.resolve(true),
  });
  rights.refused(refusal("create"));
  await regained;
  assert.equal(times, 2);
});

Deno.test("where rights end at namespaces each has its own role, and what belongs to none another", () => {
  const { rights, lines, stop } = lacking({ isScoped: true });
  rights.refused(refusal("create"));
  rights.refused(refusal("create", "research"));
  const refused = (resource: string, path: string) =>
    new ApiError({
      status: 403,
      message: `User "aim" cannot get resource "${resource}"`,
      method: "GET",
      path,
    });
  rights.refused(refused("nodes", "/api/v1/nodes/n"));
  rights.refused(refused("leases", "/apis/coordination.k8s.io/v1/namespaces/ops/leases/l"));
  rights.refused(refused("tokenreviews", "/apis/authentication.k8s.io/v1/tokenreviews"));
  assert.deepEqual(lines.map((line) => line.replace(/.*verbs: \[\w+\]} to /, "")), [
    "Role aim-engine-manager-role in namespace ml",
    "Role aim-engine-manager-role in namespace research",
    "ClusterRole aim-engine-cluster-reader",
    "Role aim-engine-leader-election-role in namespace ops",
    "ClusterRole aim-engine-metrics-auth-role",
  ]);
  stop.abort();
});

Deno.test("a refusal for another reason is no missing right", () => {
  const { rights, lines } = lacking();
  const message = 'pods "p" is forbidden: exceeded quota: none';
  rights.refused(new ApiError({ status: 403, message, method: "POST", path: "/api/v1/namespaces/ml/pods" }));
  assert.deepEqual(lines, []);
});

Deno.test("a right to some objects only is asked for the object that was refused", async () => {
  const asked = Promise.withResolvers<Right>();
  const { rights, stop } = lacking({
    ask: (right) => {
      asked.resolve(right);
      return Promise.resolve(true);
    },
  });
  rights.refused(
    new ApiError({
      status: 403,
      reason: "Forbidden",
      message:
        'leases "it" is forbidden: User "aim" cannot update resource "leases" in API group "coordination.k8s.io"',
      method: "PUT",
      path: "/apis/coordination.k8s.io/v1/namespaces/aim-system/leases/it",
    }),
  );
  assert.deepEqual(await asked.promise, {
    verb: "update",
    group: "coordination.k8s.io",
    resource: "leases",
    namespace: "aim-system",
    name: "it",
  });
  stop.abort();
});
