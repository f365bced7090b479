/**
 * The AMD GPUs that are known: which device ids a model has and how much memory (api.md §9.3,
 * models-and-templates.md §4). A new card is a new line in the table.
 */

/** A GPU model: its normalised name, its PCI device ids and its memory in GiB where no node says otherwise. */
export interface GpuDevice {
  readonly model: string;
  readonly deviceIds: readonly string[];
  readonly vramGiB: number;
}

/** All known models. */
export const gpuDevices: readonly GpuDevice[] = [
  { model: "MI100", deviceIds: ["738c", "738e"], vramGiB: 32 },
  { model: "MI210", deviceIds: ["740f", "7410"], vramGiB: 64 },
  { model: "MI250X", deviceIds: ["7408", "740c"], vramGiB: 128 },
  { model: "MI300A", deviceIds: ["74a0"], vramGiB: 128 },
  { model: "MI300X", deviceIds: ["74a1", "74a9", "74b5", "74bd"], vramGiB: 192 },
  { model: "MI308X", deviceIds: ["74a2", "74a8", "74b6"], vramGiB: 128 },
  { model: "MI325X", deviceIds: ["74a5", "74b9"], vramGiB: 256 },
  { model: "MI350X", deviceIds: ["75a0", "75b0"], vramGiB: 288 },
  { model: "MI355X", deviceIds: ["75a3", "75b3"], vramGiB: 288 },
  { model: "V710", deviceIds: ["7460", "7461"], vramGiB: 32 },
  { model: "W7900", deviceIds: ["7448", "744a"], vramGiB: 48 },
  { model: "W7800", deviceIds: ["7449", "745e"], vramGiB: 32 },
  { model: "W6900X", deviceIds: ["73a2"], vramGiB: 32 },
  { model: "W6800", deviceIds: ["73a3"], vramGiB: 32 },
  { model: "W6800X", deviceIds: ["73ab"], vramGiB: 32 },
  { model: "V620", deviceIds: ["73a1", "73ae"], vramGiB: 32 },
  { model: "RX9070", deviceIds: ["7550"], vramGiB: 16 },
  { model: "RX7900", deviceIds: ["744c"], vramGiB: 24 },
  { model: "RX6900", deviceIds: ["73af"], vramGiB: 16 },
  { model: "RX6800", deviceIds: ["73bf"], vramGiB: 16 },
];

const GiB = 2n ** 30n;
const unknownPrefix = "AMD-";
const byId = new Map(gpuDevices.flatMap((device) => device.deviceIds.map((id) => [id, device])));
const byModel = new Map(gpuDevices.map((device) => [device.model, device]));

/** The model of a device id, with or without `0x` and in any case; an unknown id becomes `AMD-<ID>`. */
export function modelOfDevice(deviceId: string): string {
  const id = deviceId.trim().toLowerCase().replace(/^0x/, "");
  return byId.get(id)?.model ?? `${unknownPrefix}${id.toUpperCase()}`;
}

/** The device ids of a normalised model, ascending; none for a model that is only known by its family. */
export function deviceIdsOf(model: string): string[] {
  if (model.startsWith(unknownPrefix)) return [model.slice(unknownPrefix.length).toLowerCase()];
  return [...byModel.get(model)?.deviceIds ?? []].sort();
}

/** The memory of a normalised model in bytes where no node says otherwise; 0 when unknown. */
export function usualVram(model: string): bigint {
  return BigInt(byModel.get(model)?.vramGiB ?? 0) * GiB;
}
