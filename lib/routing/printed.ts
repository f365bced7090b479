/** A value in the text that Go prints for it: `2`, `1.5`, `true`; undefined for null, objects and lists. */
export function printed(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "number") return undefined;
  const isInt64 = Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  return isInt64 ? String(BigInt(value)) : printedFloat(value);
}

/** Shortest digits; with an exponent, of two digits or more, from a million on and below a ten thousandth. */
function printedFloat(value: number): string {
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (!(power < -4 || power >= 6)) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
