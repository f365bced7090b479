/** What GitOps tools make of objects, asked of their own code (`tests/control_plane/go/gitops_verdict`). */

import { buildParts } from "../control_plane/build/build.ts";

/** An object, and the Lua of a health check of Argo CD; without it only kstatus is asked. */
export interface Question {
  readonly object: object;
  readonly check?: string;
}

export interface Verdict {
  readonly status: string;
  readonly message: string;
}

export interface Answer {
  readonly kstatus: Verdict;
  readonly argocd?: Verdict;
}

/** One answer for each question, in their order. */
export async function verdictsOn(questions: readonly Question[]): Promise<Answer[]> {
  const { programs } = await buildParts({ programs: ["gitops-verdict"], yaml: [] });
  const child = new Deno.Command(programs["gitops-verdict"], {
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(
    new TextEncoder().encode(questions.map((each) => `${JSON.stringify(each)}\n`).join("")),
  )
    .then(() => writer.close());
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), written]);
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr).trim());
  return decoder.decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
}
