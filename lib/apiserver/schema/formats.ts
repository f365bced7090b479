/** The formats of texts that the API server checks; any other format is a word to the reader only. */
import { isIPv4, isIPv6 } from "node:net";

const dayInMonth = (text: string) => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "byte": (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  "cidr": (text) => /^[^/]+\/\d{1,3}$/.test(text) && isAddressRange(text),
  "date": (text) => /^\d{4}-\d\d-\d\d$/.test(text) && dayInMonth(text),
  "date-time": (text) =>
    /^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/
      .test(text) &&
    dayInMonth(text.slice(0, 10)),
  "duration": (text) =>
    /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$|^0$/.test(
      text,
    ),
  "email": (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  "hostname": (text) =>
    text.length <= 255 && /^([a-zA-Z0-9](-?[a-zA-Z0-9])*\.)*[a-zA-Z0-9](-?[a-zA-Z0-9])*$/.test(text),
  "ipv4": (text) => isIPv4(text),
  "ipv6": (text) => isIPv6(text),
  "mac": (text) => /^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/.test(text),
  "uri": (text) => URL.canParse(text) || text.startsWith("/"),
  "uuid": (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
};

function isAddressRange(text: string): boolean {
  const [address, bits] = text.split("/");
  return isIPv4(address) && Number(bits) <= 32 || isIPv6(address) && Number(bits) <= 128;
}

/** Whether a text is of a format; of one that nobody checks it always is. */
export function hasFormat(format: string, text: string): boolean {
  return !Object.hasOwn(formats, format) || formats[format](text);
}
