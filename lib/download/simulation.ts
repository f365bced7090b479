/** The debug switches of the contract: downloads without a network, for the test suites of users (caching-and-artifacts.md §6.2). */

import { join } from "node:path";
import { delay } from "../kube/backoff.ts";
import { DownloadFailure } from "./failure.ts";
import { Monitor, type MonitorOptions } from "./report/monitor.ts";
import { tryProtocols } from "./protocol_loop.ts";
import type { Env } from "./settings.ts";

/** What is to be played. Durations are seconds. */
export type Simulation =
  | { readonly kind: "hang" }
  | { readonly kind: "failure" }
  | {
    readonly kind: "download";
    readonly downloadSeconds: number;
    readonly verifySeconds: number;
    readonly verifyFails: boolean;
  }
  | { readonly kind: "protocols"; readonly seconds: number; readonly failing: readonly string[] };

/** Reads the switches, the first that is on wins; undefined without one. */
export function simulationFrom(env: Env): Simulation | undefined {
  const seconds = (name: string, otherwise: number) => Number(env(name) || otherwise);
  if (env("AIM_DEBUG_CAUSE_HANG")) return { kind: "hang" };
  if (env("AIM_DEBUG_CAUSE_FAILURE")) return { kind: "failure" };
  if (env("AIM_DEBUG_SIMULATE_DOWNLOAD")) {
    return {
      kind: "download",
      downloadSeconds: seconds("AIM_DEBUG_DOWNLOAD_DURATION", 10),
      verifySeconds: seconds("AIM_DEBUG_VERIFY_DURATION", 10),
      verifyFails: !!env("AIM_DEBUG_VERIFY_FAIL"),
    };
  }
  if (env("AIM_DEBUG_SIMULATE_HF_DOWNLOAD")) {
    return {
      kind: "protocols",
      seconds: seconds("AIM_DEBUG_SIMULATE_HF_DURATION", 2),
      failing: (env("AIM_DEBUG_SIMULATE_HF_FAIL_PROTOCOLS") ?? "").split(",").map((name) => name.trim()),
    };
  }
  return undefined;
}

/** What `EXPECTED_SIZE_BYTES` is where it is not set. */
const usualBytes = 2 ** 20;

/**
 * Plays a download.
 * @throws DownloadFailure if it is to fail.
 */
export async function simulate(simulation: Simulation, options: MonitorOptions): Promise<void> {
  const { settings } = options;
  const monitor = new Monitor(options);
  const bytes = settings.expectedBytes ?? usualBytes;
  monitor.expect(bytes);
  const write = async (length: number) => {
    await Deno.mkdir(settings.targetFolder, { recursive: true });
    const path = join(settings.targetFolder, "simulated_data");
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, length);
    monitor.progress.restart(length);
    monitor.progress.grow();
  };
  try {
    switch (simulation.kind) {
      case "hang":
        return await monitor.attempt(
          "Hanging (AIM_DEBUG_CAUSE_HANG)",
          (signal) => delay(2 ** 31 - 1, signal),
        );
      case "failure":
        throw new DownloadFailure("other", "failing at once, as AIM_DEBUG_CAUSE_FAILURE asks");
      case "download":
        await write(Math.floor(bytes / 2));
        await delay(simulation.downloadSeconds * 1000);
        await write(bytes);
        monitor.finish();
        await delay(simulation.verifySeconds * 1000);
        if (!simulation.verifyFails) return;
        throw new DownloadFailure("other", "verification fails, as AIM_DEBUG_VERIFY_FAIL asks");
      case "protocols":
        await tryProtocols(settings.protocols, options, async (protocol) => {
          await delay(simulation.seconds * 1000);
          if (simulation.failing.includes(protocol)) {
            throw new DownloadFailure(
              "other",
              `${protocol} fails, as AIM_DEBUG_SIMULATE_HF_FAIL_PROTOCOLS asks`,
            );
          }
          await write(100 * 2 ** 10);
        });
        return monitor.finish();
    }
  } finally {
    monitor.close();
  }
}
