/** A collector of traces on loopback: OTLP over HTTP, as JSON. */

type Value = { readonly stringValue?: string; readonly intValue?: string | number };

/** A span as OTLP's JSON has it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[];
  readonly status?: { readonly code?: number };
}

interface Export {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name: string };
      readonly spans: readonly ReceivedSpan[];
    }[];
  }[];
}

export class OtlpReceiver implements AsyncDisposable {
  /** All spans of traces, in the order in which they came. */
  readonly spans: ReceivedSpan[] = [];
  /** How many requests came, of whatever kind. */
  requests = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      this.requests++;
      const { resourceSpans = [] } = await request.json() as Export;
      for (const { scopeSpans } of resourceSpans) {
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      }
      return Response.json({});
    });
  }

  /** What a process must be told to send its traces here. */
  get env(): Readonly<Record<string, string>> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "200",
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** An attribute of a span, as text. */
export function attribute({ attributes = [] }: ReceivedSpan, key: string): string | undefined {
  const value = attributes.find((each) => each.key === key)?.value;
  return value?.stringValue ?? (value?.intValue === undefined ? undefined : String(value.intValue));
}
