/** Whether a downloader can understand where an artifact comes from (caching-and-artifacts.md §6.1). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import { parseSource } from "../../lib/download/source.ts";

/** What is wrong with `spec.sourceUri`, and what to do; undefined if nothing is. Told before a Job is made of it. */
export function sourceFault({ spec }: AIMArtifact): string | undefined {
  if (spec === undefined) return undefined;
  try {
    parseSource(spec.sourceUri);
    return undefined;
  } catch (error) {
    return `spec.sourceUri ${
      (error as Error).message
    }; it cannot change: delete the artifact and make it anew with ` +
      "another (of one made for a template: first correct the template's modelSources)";
  }
}
