/** The operator's flags: all of AIM Engine's, since users put them in `manager.args` (conventions.md §1.1), and one more. */

import { boolean, type Flag, type FlagType, oneOf, text } from "./go_flags.ts";
import { namespaces } from "./namespaces.ts";

/** A level of verbosity may also be given as a number: the higher, the more. */
const verbosity = (value: string) => /^[1-9][0-9]*$/.test(value) ? "debug" as const : undefined;

/** Words of levels may be written in any case. */
const anyCase = <T extends string>(...words: readonly T[]) => (value: string) =>
  words.find((word) => word === value.toLowerCase());

/** Keeps the type of a flag's value, which a bare literal would widen. */
function flag<const T>(type: FlagType<T>, value: NoInfer<T>, usage: string): Flag<T> {
  return { type, default: value, usage };
}

/** A flag whose default depends on others. */
function optional<const T>(type: FlagType<T>, usage: string): Flag<T | undefined> {
  return { type, default: undefined, usage };
}

const levels = ["debug", "info", "error", "panic"] as const;

export const operatorFlags = {
  "metrics-bind-address": flag(
    text,
    "0",
    "Where /metrics is served: :8443 for HTTPS, :8080 for HTTP; 0 turns it off.",
  ),
  "metrics-secure": flag(boolean, true, "Serve metrics by HTTPS, to those whom the API server allows."),
  "metrics-cert-path": flag(
    text,
    "",
    "Folder with the certificate of the metrics server; empty: one is made at start.",
  ),
  "metrics-cert-name": flag(text, "tls.crt", "Certificate in --metrics-cert-path."),
  "metrics-cert-key": flag(text, "tls.key", "Key in --metrics-cert-path."),
  "webhook-cert-path": flag(text, "", "Accepted without effect: there is no webhook."),
  "webhook-cert-name": flag(text, "tls.crt", "Accepted without effect: there is no webhook."),
  "webhook-cert-key": flag(text, "tls.key", "Accepted without effect: there is no webhook."),
  "health-probe-bind-address": flag(text, ":8081", "Where /healthz and /readyz are served."),
  "leader-elect": flag(boolean, false, "Let only one of several operators act, by a Lease."),
  "enable-http2": flag(boolean, false, "Offer HTTP/2 on the metrics server."),
  namespace: flag(
    namespaces,
    [],
    "Namespaces to act in, with commas between them; of cluster kinds only what may be read is read. Empty: all of the cluster.",
  ),
  kubeconfig: flag(
    text,
    "",
    "Kubeconfig file; empty: KUBECONFIG, then the service account of the pod, then ~/.kube/config.",
  ),
  "zap-devel": flag(boolean, false, "Log for people: console text at level debug."),
  "zap-encoder": optional(
    oneOf(["json", "console"]),
    "Form of a log line: json or console. Default json, with --zap-devel console.",
  ),
  "zap-log-level": optional(
    oneOf(levels, (value) => anyCase(...levels)(value) ?? verbosity(value)),
    "debug, info, error, panic, or a number above 0. Default info, with --zap-devel debug.",
  ),
  "zap-stacktrace-level": optional(
    oneOf(["info", "error", "panic"], anyCase("info", "error", "panic")),
    "From which level on a log line carries a stack trace.",
  ),
  "zap-time-encoding": flag(
    oneOf(["epoch", "millis", "nanos", "iso8601", "rfc3339", "rfc3339nano"]),
    "rfc3339",
    "Form of the time in a log line.",
  ),
};
