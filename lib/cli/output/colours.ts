/** Colours, for a terminal only. */

export type Colours = Readonly<Record<"green" | "yellow" | "red", (text: string) => string>>;

const ansi = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;

export const coloured: Colours = { green: ansi(32), yellow: ansi(33), red: ansi(31) };
export const plain: Colours = { green: String, yellow: String, red: String };
