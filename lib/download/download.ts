/** Mode `download`: the files of a source on the volume, verified (caching-and-artifacts.md §6.4). */

import { Buffers } from "./transfer/buffers.ts";
import { DownloadFailure } from "./failure.ts";
import { downloadFile, type Means } from "./transfer/file_download.ts";
import { bytesOf, type Listing, type RemoteFile } from "./files/listing.ts";
import { Monitor, type MonitorOptions } from "./report/monitor.ts";
import { tryProtocols } from "./protocol_loop.ts";
import type { Protocol } from "./settings.ts";
import { type OpenSource, openSource } from "./sources.ts";
import { stoppable } from "./transfer/stoppable.ts";
import { Verifications } from "./transfer/verification.ts";
import { Volume } from "./transfer/volume.ts";

/** Bytes held between network and disk. With what Deno itself takes the program stays below 150 MB. */
const memoryBytes = 24 * 2 ** 20;

/** Files that are worked on at a time. */
const filesAtATime = 8;

/**
 * Downloads a source.
 *
 * 1. List it: the commit found now is the one that is downloaded and verified.
 * 2. See that it has room.
 * 3. Try the protocols one after the other; each goes on where the one before has ended.
 * 4. See that every file is there: their bytes were verified when they were written or found.
 *
 * @throws DownloadFailure
 */
export async function download(uri: string, options: MonitorOptions): Promise<void> {
  const { settings, log } = options;
  const source = await openSource(uri, settings);
  const volume = new Volume(settings.targetFolder);
  const monitor = new Monitor(options);
  using verifications = new Verifications();
  try {
    const listing = await monitor.attempt(
      "Listing",
      (signal, patience) => patience.try(signal, () => source.list(signal)),
    );
    const { files, commit, note } = listing;
    if (note !== undefined) log(note);
    const bytes = bytesOf(files);
    log(`${uri}${commit === undefined ? "" : ` at ${commit}`}: ${files.length} files, ${bytes} bytes`);
    monitor.expect(settings.expectedBytes ?? bytes);
    await volume.adopt(files);
    const mistaken = tooSmall(bytes, settings.expectedBytes);
    if (mistaken !== undefined) log(`warning: ${mistaken}`);
    await checkRoom(files, volume, mistaken);
    const job: Transfer = { source, listing, volume, monitor, verifications, verified: new Set() };
    if (source.protocols === undefined) await transfer(job, undefined);
    else await tryProtocols(source.protocols, options, (protocol) => transfer(job, protocol));
    monitor.finish();
    await checkComplete(files, volume);
    log(`Done: ${files.length} files, ${bytes} bytes, all verified`);
  } finally {
    monitor.close();
    source.close();
  }
}

interface Transfer {
  readonly source: OpenSource;
  readonly listing: Listing;
  readonly volume: Volume;
  readonly monitor: Monitor;
  readonly verifications: Verifications;
  /** Files whose bytes were verified by an earlier attempt of this run. */
  readonly verified: Set<RemoteFile>;
}

/** One attempt: fetches all files that are not there yet. */
function transfer(
  { source, listing, volume, monitor, verifications, verified }: Transfer,
  protocol: Protocol | undefined,
): Promise<void> {
  return monitor.attempt(
    protocol === undefined ? "Downloading" : `Downloading with ${protocol}`,
    async (signal, patience) => {
      const means: Means = {
        volume,
        origin: await patience.try(signal, () => source.origin(listing, protocol, signal)),
        commit: listing.commit,
        buffers: new Buffers(memoryBytes),
        connections: monitor.connections,
        verifications,
        patience,
        progress: monitor.progress,
        log: monitor.log,
      };
      monitor.progress.restart(bytesOf([...verified]));
      await forEach(listing.files.filter((file) => !verified.has(file)), signal, async (file, signal) => {
        await downloadFile(file, means, signal);
        verified.add(file);
      });
    },
  );
}

/** Works on a few files at a time, in order; the first failure ends the others. */
async function forEach(
  files: readonly RemoteFile[],
  signal: AbortSignal,
  work: (file: RemoteFile, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  using all = stoppable(signal);
  const queue = files.values();
  let failed: { readonly reason: unknown } | undefined;
  const worker = async () => {
    for (const file of queue) {
      if (failed !== undefined) return;
      await work(file, all.signal).catch((reason) => {
        failed ??= { reason };
        all.stop(reason);
      });
    }
  };
  await Promise.all(Array.from({ length: filesAtATime }, worker));
  if (failed !== undefined) throw failed.reason;
}

/** What is wrong with a size that somebody said; undefined if it is enough. */
function tooSmall(bytes: number, expected: number | undefined): string | undefined {
  if (expected === undefined || expected >= bytes) return undefined;
  return `the source has ${bytes} bytes, and its size was said to be ${expected} (spec.size of the artifact, or size in the ` +
    "template's modelSources)";
}

/** Recognises a volume that is too small before the first byte. @param mistaken why it may be so. */
async function checkRoom(
  files: readonly RemoteFile[],
  volume: Volume,
  mistaken: string | undefined,
): Promise<void> {
  const free = await volume.freeBytes();
  if (free === undefined) return;
  let needed = 0;
  for (const file of files) {
    if (!await volume.has(file)) needed += file.size - await volume.incompleteBytes(file);
  }
  if (needed <= free) return;
  throw new DownloadFailure(
    "storageFull",
    `no space left on device: ${needed} bytes are still to be written to ${volume.folder}, which has ${free} free; ` +
      (mistaken === undefined ? "" : `${mistaken}; `) +
      `give the artifact a volume with ${needed - free} bytes more`,
  );
}

async function checkComplete(files: readonly RemoteFile[], volume: Volume): Promise<void> {
  for (const file of files) {
    if (await volume.has(file)) continue;
    throw new DownloadFailure(
      "other",
      `${file.path} was downloaded and is not there any more: who else writes to the volume?`,
    );
  }
}
