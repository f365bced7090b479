import assert from "node:assert/strict";
import { parseFlags, UsageError } from "./go_flags.ts";
import { operatorFlags } from "./operator_flags.ts";

const parse = (...args: string[]) => parseFlags(operatorFlags, args).values;

/** Conventions.md §1.1, row by row. Where a default depends on --zap-devel there is none here. */
const table: Record<keyof typeof operatorFlags, { default: unknown; given: string; then: unknown }> = {
  "metrics-bind-address": { default: "0", given: ":8443", then: ":8443" },
  "metrics-secure": { default: true, given: "false", then: false },
  "metrics-cert-path": { default: "", given: "/certs", then: "/certs" },
  "metrics-cert-name": { default: "tls.crt", given: "a.crt", then: "a.crt" },
  "metrics-cert-key": { default: "tls.key", given: "a.key", then: "a.key" },
  "webhook-cert-path": { default: "", given: "/certs", then: "/certs" },
  "webhook-cert-name": { default: "tls.crt", given: "a.crt", then: "a.crt" },
  "webhook-cert-key": { default: "tls.key", given: "a.key", then: "a.key" },
  "health-probe-bind-address": { default: ":8081", given: ":9000", then: ":9000" },
  "leader-elect": { default: false, given: "true", then: true },
  "enable-http2": { default: false, given: "true", then: true },
  namespace: { default: [], given: "a, b-1", then: ["a", "b-1"] },
  kubeconfig: { default: "", given: "/config", then: "/config" },
  "zap-devel": { default: false, given: "true", then: true },
  "zap-encoder": { default: undefined, given: "console", then: "console" },
  "zap-log-level": { default: undefined, given: "error", then: "error" },
  "zap-stacktrace-level": { default: undefined, given: "panic", then: "panic" },
  "zap-time-encoding": { default: "rfc3339", given: "epoch", then: "epoch" },
};

for (const [name, row] of Object.entries(table)) {
  Deno.test(`--${name}`, () => {
    const flag = name as keyof typeof operatorFlags;
    assert.deepEqual(parse()[flag], row.default);
    for (const dashes of ["-", "--"]) {
      assert.deepEqual(parse(`${dashes}${name}=${row.given}`)[flag], row.then);
    }
    if (typeof row.then === "boolean") assert.equal(parse(`--${name}`)[flag], true);
    else assert.deepEqual(parse(`--${name}`, row.given)[flag], row.then);
  });
}

Deno.test("log levels: words in any case, or a number above 0", () => {
  const cases: [string, string][] = [
    ["debug", "debug"],
    ["INFO", "info"],
    ["Error", "error"],
    ["panic", "panic"],
    ["1", "debug"],
    ["5", "debug"],
  ];
  for (const [given, level] of cases) assert.equal(parse(`--zap-log-level=${given}`)["zap-log-level"], level);
  for (const wrong of ["0", "-1", "trace", "", "1.5"]) {
    assert.throws(() => parse(`--zap-log-level=${wrong}`), UsageError, wrong);
  }
});

Deno.test("stack traces: the preset dpanic is not accepted", () => {
  assert.throws(() => parse("--zap-stacktrace-level=dpanic"), UsageError);
  assert.throws(() => parse("--zap-stacktrace-level="), UsageError);
});

Deno.test("encoders and times: what is allowed is accepted, anything else is not", () => {
  for (const encoder of ["json", "console"]) parse(`--zap-encoder=${encoder}`);
  assert.throws(() => parse("--zap-encoder=xml"), UsageError);
  for (const time of ["epoch", "millis", "nanos", "iso8601", "rfc3339", "rfc3339nano"]) {
    parse(`--zap-time-encoding=${time}`);
  }
  assert.throws(() => parse("--zap-time-encoding=rfc822"), UsageError);
});

Deno.test("the arguments that the manifests pass", () => {
  const values = parse("--leader-elect", "--metrics-bind-address=:8443", "--health-probe-bind-address=:8081");
  assert.equal(values["leader-elect"], true);
  assert.equal(values["metrics-bind-address"], ":8443");
});
