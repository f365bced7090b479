/** Rows that are answered otherwise than by the real API server, and why. This only shrinks. */
const yamlText = "the YAML library quotes a dot that stands alone, and words its errors in its own way";
const scaleTime = "the original forgets the time of a write to the scale subresource";

export const knownDifferences: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  reading: { 33: yamlText },
  creating: { 34: "the original warns of fields of a version that it then refuses" },
  updating: {
    28: scaleTime,
    36: "the original tries to read the data of a ConfigMap as those of a Secret, and finds no base64",
    42: scaleTime,
  },
  applying: { 24: yamlText, 42: scaleTime },
  "kind-persistentvolumeclaims": {
    50: "quantities stay as they are written",
    57: "whether a claim may grow is left to whoever plays its class",
  },
  "kind-leases": { 43: "fields behind a gate that is closed are kept" },
};
