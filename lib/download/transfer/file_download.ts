/** One file, from the source to its place on the volume. */

import { Body } from "./body.ts";
import { type Buffers, type Loan, rangeBytes } from "./buffers.ts";
import type { Connections } from "./connections.ts";
import { DownloadFailure } from "../failure.ts";
import { Front, readThrough } from "./front.ts";
import type { RemoteFile } from "../files/listing.ts";
import type { Origin } from "../files/origin.ts";
import type { Patience } from "./patience.ts";
import type { Progress } from "./progress.ts";
import { stoppable } from "./stoppable.ts";
import type { Verifications } from "./verification.ts";
import type { Volume } from "./volume.ts";

/** Smaller files are not waited for until they are on the disk: ten thousand such waits take minutes. */
const syncedBytes = 2 ** 20;

/** Bytes of one request for a whole file that are written at a time: each file that is under way holds so many. */
const streamBytes = 2 * 2 ** 20;

/** What a download works with. */
export interface Means {
  readonly volume: Volume;
  readonly origin: Origin;
  /** For the records of the files. */
  readonly commit: string | undefined;
  readonly buffers: Buffers;
  readonly connections: Connections;
  readonly verifications: Verifications;
  readonly patience: Patience;
  readonly progress: Progress;
  readonly log: (line: string) => void;
}

/**
 * Brings one file to its place, verified. What an earlier run has left is taken over; bytes that turn out to be wrong are thrown
 * away, and the file is fetched once more from its first byte.
 *
 * @throws DownloadFailure, or the signal's reason.
 */
export async function downloadFile(listed: RemoteFile, means: Means, signal: AbortSignal): Promise<void> {
  const file = await withChecksum(listed, means, signal);
  if (await isThere(file, means, signal)) return await means.volume.record(file, means.commit);
  using front = new Front(file, await means.volume.incomplete(file), means.progress, means.verifications);
  await front.takeOver(means.buffers, signal);
  await fetchRest(file, front, means, signal);
  let fault = await front.fault();
  if (fault !== undefined) {
    means.log(`${file.path}: ${fault}; fetching it again from its first byte`);
    await front.restart();
    await fetchRest(file, front, means, signal);
    fault = await front.fault();
  }
  if (fault !== undefined) {
    await front.restart();
    throw new DownloadFailure(
      "other",
      `${file.path} does not have the bytes that the source lists, twice: ${fault}`,
    );
  }
  if (file.size >= syncedBytes) await front.sync();
  await means.volume.finish(file, means.commit);
}

async function withChecksum(
  file: RemoteFile,
  { origin, patience }: Means,
  signal: AbortSignal,
): Promise<RemoteFile> {
  if (file.checksum.kind !== "none" || origin.checksumOf === undefined) return file;
  return { ...file, checksum: await patience.try(signal, () => origin.checksumOf!(file, signal)) };
}

/** Whether the finished file is there, with the right bytes: it is read, since nobody knows who wrote it when. */
async function isThere(file: RemoteFile, means: Means, signal: AbortSignal): Promise<boolean> {
  using handle = await means.volume.finished(file);
  if (handle === undefined) return false;
  const verification = means.verifications.begin(file.checksum, file.size);
  let fault: string | undefined;
  try {
    await readThrough(handle, verification, means.buffers, signal, () => means.progress.grow());
  } finally {
    fault = await verification.fault();
  }
  if (fault === undefined) means.progress.store(file.size);
  else means.log(`${file.path} is there with other bytes: ${fault}; fetching it anew`);
  return fault === undefined;
}

async function fetchRest(file: RemoteFile, front: Front, means: Means, signal: AbortSignal): Promise<void> {
  if (front.size < file.size && means.origin.inRanges(file)) await fetchRanges(file, front, means, signal);
  if (front.size < file.size) await fetchStream(file, front, means, signal);
}

/** The server sends the whole file whatever range it is asked for. */
const rangesIgnored = Symbol("ranges ignored");

/**
 * Fetches the rest of a file in ranges, several at a time. They are written in order: those that come early wait in memory. Memory
 * is lent in their order, so the one that is to be written next never waits for those behind it; more requests than it has room for
 * are under way, whose answers wait in the network. Ends early, without an error, if the server does not do ranges.
 */
async function fetchRanges(file: RemoteFile, front: Front, means: Means, signal: AbortSignal): Promise<void> {
  using all = stoppable(signal);
  const waiting = new Map<number, Loan>();
  const running = new Set<Promise<void>>();
  let failure: unknown;

  const fail = (reason: unknown) => {
    failure ??= reason;
    all.stop(failure);
    for (const loan of waiting.values()) loan.giveBack();
    waiting.clear();
  };
  let writing = false;
  const write = async () => {
    if (writing) return;
    writing = true;
    for (;;) {
      const loan = waiting.get(front.size);
      if (loan === undefined) break;
      waiting.delete(front.size);
      await front.append(loan, loan.bytes.length);
    }
    writing = false;
  };
  const fetchOne = async (from: number, to: number, memory: Promise<Loan>, leave: () => void) => {
    try {
      await readRange(file, from, to, memory, means, all.signal).finally(leave);
      const loan = await memory;
      if (failure !== undefined) return loan.giveBack();
      waiting.set(from, loan);
      await write();
    } catch (error) {
      fail(error);
      (await memory).giveBack();
    }
  };
  for (let from = front.size, to: number; from < file.size; from = to) {
    to = Math.min(file.size, (Math.floor(from / rangeBytes) + 1) * rangeBytes);
    const leave = await means.connections.take();
    if (failure !== undefined) {
      leave();
      break;
    }
    const task: Promise<void> = fetchOne(from, to, means.buffers.take(to - from), leave)
      .finally(() => running.delete(task));
    running.add(task);
  }
  while (running.size > 0) await Promise.all(running);
  if (failure !== undefined && failure !== rangesIgnored) throw failure;
}

/** Fills the memory with the bytes of a file from `from` on, however often the connection breaks. */
async function readRange(
  file: RemoteFile,
  from: number,
  to: number,
  memory: Promise<Loan>,
  { origin, patience, progress }: Means,
  signal: AbortSignal,
): Promise<void> {
  let at = from;
  await patience.try(signal, async (advanced) => {
    const answer = await origin.open(file, at, to, signal);
    const body = new Body(answer, signal);
    try {
      if (answer.from !== at || !answer.ranged && to < file.size) throw rangesIgnored;
      const loan = await memory;
      while (at < to) {
        const read = await body.read(loan, at - from, to - from);
        if (read === 0) throw cutShort(file, at, to);
        at += read;
        progress.receive(read);
        advanced();
      }
      await expectEnd(body, file, to);
    } finally {
      body.close();
    }
  });
}

/** Fetches the rest of a file by one request, and goes on where it broke off. */
async function fetchStream(file: RemoteFile, front: Front, means: Means, signal: AbortSignal): Promise<void> {
  const leave = await means.connections.take();
  await means.patience.try(signal, async (advanced) => {
    const { size } = front;
    if (size === file.size) return;
    const answer = await means.origin.open(file, size, file.size, signal);
    const body = new Body(answer, signal);
    try {
      await skip(body, size - answer.from, file, means);
      while (front.size < file.size) await appendNext(body, file, front, means);
      await expectEnd(body, file, file.size);
    } finally {
      if (front.size > size) advanced();
      body.close();
    }
  }).finally(leave);
}

/** Reads over bytes that are there already. */
async function skip(
  body: Body,
  bytes: number,
  file: RemoteFile,
  { buffers, progress }: Means,
): Promise<void> {
  if (bytes === 0) return;
  const loan = await buffers.take(rangeBytes);
  try {
    for (let left = bytes; left > 0;) {
      const read = await body.read(loan, 0, Math.min(left, loan.bytes.length));
      if (read === 0) throw cutShort(file, bytes - left, file.size);
      left -= read;
      progress.grow();
    }
  } finally {
    loan.giveBack();
  }
}

/** Adds what comes next; what came before a break is added, too. */
async function appendNext(
  body: Body,
  file: RemoteFile,
  front: Front,
  { buffers, progress }: Means,
): Promise<void> {
  const loan = await buffers.take(Math.min(streamBytes, file.size - front.size));
  let filled = 0;
  try {
    while (filled < loan.bytes.length) {
      const read = await body.read(loan, filled, loan.bytes.length);
      if (read === 0) throw cutShort(file, front.size + filled, file.size);
      filled += read;
      progress.receive(read);
    }
  } finally {
    await front.append(loan, filled);
  }
}

/** The body must end where it was said to: a connection whose end was read is used again, and more bytes are a lie. */
async function expectEnd(body: Body, file: RemoteFile, at: number): Promise<void> {
  const spare: Loan = { bytes: new Uint8Array(1), giveBack: () => {} };
  const more = await body.read(spare, 0, 1).catch(() => 0); // a break after the last byte harms nobody
  if (more === 0) return;
  throw new DownloadFailure(
    "other",
    `${file.path}: the server sends bytes beyond ${at}, where it should end`,
  );
}

function cutShort(file: RemoteFile, at: number, wanted: number): DownloadFailure {
  return new DownloadFailure("network", `${file.path}: the connection ended at byte ${at} of ${wanted}`, {
    retryable: true,
  });
}
