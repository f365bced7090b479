/**
 * Traces by Deno's own OpenTelemetry: a span for each reconcile, and below it one for each request that it sends, which Deno
 * makes of every `fetch`. Where they go is said by OpenTelemetry's variables (`OTEL_EXPORTER_OTLP_ENDPOINT` …).
 */

import type { Span } from "@opentelemetry/api";
import type { OperatorOptions } from "../operator/operator.ts";
import type { Pass } from "../operator/core/pass.ts";

type Hooks = OperatorOptions["hooks"];

/** The variable by which Deno is told to trace: as it starts, of a compiled program as it is compiled. */
export const tracingVariable = "OTEL_DENO";

/** Under this name Deno puts its own provider where `@opentelemetry/api` looks for one, if it traces. */
const provider = Symbol.for("opentelemetry.js.api.1");

export function tracingIsOn(): boolean {
  return (globalThis as Record<symbol, { trace?: unknown } | undefined>)[provider]?.trace !== undefined;
}

/** Whether somebody wants traces who will not get them. */
export function tracingIsMissed(): boolean {
  return /^(1|true)$/.test(Deno.env.get(tracingVariable) ?? "") && !tracingIsOn();
}

/**
 * Hooks that do the same, and make the spans. A span has the fields of the log's lines on the same pass, the result, and
 * the failures on the way. A pass over what is gone, or over what has not been read yet, is no reconcile and has none.
 *
 * OpenTelemetry's code is loaded here: who does not trace has none of it in memory.
 */
export async function tracedHooks(hooks: Hooks): Promise<Hooks> {
  const { ROOT_CONTEXT, SpanStatusCode, context, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer("aim-operator");
  const spans = new WeakMap<Pass, Span>();
  const failed = (pass: Pass, error: unknown) =>
    spans.get(pass)?.recordException(error instanceof Error ? error : String(error));
  return {
    ...hooks,
    around(pass, run) {
      // No parent: what has just been done is often what put this key into the queue, and is not what it is part of.
      const span = tracer.startSpan(`reconcile ${pass.kind.resource.kind}`, { root: true }, ROOT_CONTEXT);
      spans.set(pass, span);
      context.with(trace.setSpan(ROOT_CONTEXT, span), run);
    },
    reconciled(pass, result, seconds) {
      hooks.reconciled(pass, result, seconds);
      const span = spans.get(pass);
      span?.setAttributes({
        controller: pass.controllerName,
        controllerKind: pass.kind.resource.kind,
        ...(pass.namespace ? { namespace: pass.namespace } : {}),
        name: pass.name,
        reconcileID: pass.reconcileID,
        result,
      });
      if (result === "error") span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    },
    crashed(pass, error) {
      hooks.crashed(pass, error);
      failed(pass, error);
    },
    failed(pass, action, error) {
      hooks.failed(pass, action, error);
      failed(pass, error);
    },
  };
}
