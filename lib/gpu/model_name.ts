/**
 * How people write GPU models and memory sizes (api.md §9.3, models-and-templates.md §4).
 */

const vendorWords = new Set(["AMD", "INSTINCT"]);
const modelWord = /^[A-Z]*[0-9][A-Z0-9]*$/;

/** The normal form of a GPU model: `Instinct MI300X (rev 2)`, `mi300x` and `AMD_MI300X` are all `MI300X`. */
export function normaliseGpuModel(name: string): string {
  const all = name.trim().toUpperCase().replaceAll("_", "-").split(/[- /:]/).filter((word) => word !== "");
  const words = all.filter((word) => !vendorWords.has(word));
  const model = words.find((word) => modelWord.test(word));
  return model?.replace(/^INSTINCT/, "") ?? words[0] ?? all[0] ?? "";
}

const unitBytes: Record<string, bigint> = { M: 2n ** 20n, G: 2n ** 30n, T: 2n ** 40n };

/**
 * The memory that a node label states, in bytes: `192G`, `192Gi`, `1T`, `196608M`, or digits alone, which are
 * MiB when they are too few to be the bytes of a GPU. Anything else is 0, that is unknown.
 */
export function parseVram(text: string): bigint {
  const match = /^(\d+)(?:([MGT])I?)?$/.exec(text.trim().toUpperCase());
  if (match === null) return 0n;
  const amount = BigInt(match[1]);
  if (match[2] !== undefined) return amount * unitBytes[match[2]];
  return amount < unitBytes.G ? amount * unitBytes.M : amount;
}
