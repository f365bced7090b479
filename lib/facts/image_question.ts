/** What is asked about an image (models-and-templates.md §3.3). */

/** An image, and with whose credentials it is looked at. */
export interface ImageQuestion {
  readonly image: string;
  /** Where the pull secrets are. */
  readonly namespace: string;
  /** Names of the pull secrets, in the order in which they are tried. */
  readonly pullSecrets: readonly string[];
}
