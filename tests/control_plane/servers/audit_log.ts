/** Reads the API server's audit log. */

/** One answered request; see the audit API of Kubernetes for the rest of its fields. */
export interface AuditEvent {
  stage: "ResponseStarted" | "ResponseComplete" | "Panic";
  verb: string;
  requestURI: string;
  user: { username: string; groups?: string[] };
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
