const longest = 1000;

/** A user's text as part of a message: a status has a limit, so that what is over 1000 characters is cut. */
export function shown(text: string): string {
  if (text.length <= longest) return text;
  const characters = [...text.slice(0, 2 * longest)];
  return characters.length <= longest && text.length <= 2 * longest
    ? text
    : characters.slice(0, longest).join("") + "…";
}
