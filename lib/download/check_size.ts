/** Mode `check-size`: how many bytes a download will have (caching-and-artifacts.md §6.3). */

import { deadline } from "../kube/backoff.ts";
import { bytesOf } from "./files/listing.ts";
import type { Log } from "./report/log.ts";
import { stalled } from "./report/monitor.ts";
import { Patience } from "./transfer/patience.ts";
import type { Settings } from "./settings.ts";
import { openSource } from "./sources.ts";
import type { Measured } from "./report/termination.ts";

/**
 * Measures a source.
 * @throws DownloadFailure
 */
export async function checkSize(uri: string, settings: Settings, log: Log): Promise<Measured> {
  const source = await openSource(uri, settings);
  const limit = deadline(settings.stallSeconds * 1000);
  const patience = new Patience({ log });
  try {
    const listing = await patience.try(limit.signal, () => source.list(limit.signal));
    if (listing.note !== undefined) log(listing.note);
    return {
      url: uri,
      sizeBytes: bytesOf(listing.files),
      ...(listing.commit === undefined ? {} : { revision: listing.commit }),
    };
  } catch (error) {
    throw limit.signal.aborted ? stalled(settings, patience) : error;
  } finally {
    limit.done();
    source.close();
  }
}
