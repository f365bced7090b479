/** What a process has used, as Linux counts it. */

export interface Usage {
  /** User and system time since its start, in seconds. */
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
  /** The most it ever had resident. */
  readonly peakMegabytes: number;
}

/** Clock ticks a second, as every Linux this runs on has it. */
const ticks = 100;

/** When the process began, in milliseconds since 1970, to a hundredth of a second. */
export async function startOf(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const began = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]) / ticks;
  const up = Number((await Deno.readTextFile("/proc/uptime")).split(" ")[0]);
  return Date.now() - (up - began) * 1000;
}

export async function usageOf(pid: number): Promise<Usage> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks,
    residentMegabytes: kilobytes("VmRSS") / 1024,
    peakMegabytes: kilobytes("VmHWM") / 1024,
  };
}
