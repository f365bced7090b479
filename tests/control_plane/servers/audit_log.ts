/** Reads the API server's audit log. */

/** One answered request; see the audit API of Kubernetes for the rest of its fields. */
export interface AuditEvent {
  stage: "ResponseStarted" | "ResponseComplete" | "Panic";
  verb: string;
  requestURI: string;
  user: { username: string; groups?: string[]; extra?: Record<string, string[]> };
  userAgent?: string;
  objectRef?: {
    resource: string;
    namespace?: string;
    name?: string;
    apiGroup?: string;
    apiVersion?: string;
    subresource?: string;
  };
  responseStatus?: { code: number; reason?: string; message?: string };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
}

/** The events in the file so far, oldest first. A line that is being written is left for the next call. */
export async function readAuditLog(file: string): Promise<AuditEvent[]> {
  const text = await Deno.readTextFile(file);
  return text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter(Boolean).map((line) =>
    JSON.parse(line)
  );
}

/** Reads on where it stopped: a log of many minutes is long. */
export class AuditTail {
  #offset = 0;

  constructor(private readonly file: string) {}

  /** The events since the last call, oldest first. */
  async next(): Promise<AuditEvent[]> {
    using file = await Deno.open(this.file);
    await file.seek(this.#offset, Deno.SeekMode.Start);
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.readable) chunks.push(chunk);
    const bytes = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
    const end = bytes.lastIndexOf(10) + 1;
    this.#offset += end;
    return new TextDecoder().decode(bytes.subarray(0, end)).split("\n").filter(Boolean).map((line) =>
      JSON.parse(line)
    );
  }
}
