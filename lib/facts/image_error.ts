/** Why nothing is known of an image, and when it is worth asking again (models-and-templates.md §3.5). */

import type { Retry } from "../operator/runner/facts.ts";
import { ClassifiedError, type ErrorCategory } from "../operator/errors/errors.ts";
import type { KnownReason } from "../operator/errors/reasons.ts";

export class ImageError extends ClassifiedError {
  constructor(
    category: ErrorCategory,
    reason: KnownReason,
    message: string,
    readonly retry: Retry,
    options?: ErrorOptions,
  ) {
    super(category, reason, message, options);
    this.name = "ImageError";
  }
}

/** For what people mend outside of our sight: secrets, credentials, certificates, images. Secrets are not watched. */
export const retrySoon: Retry = { first: 30_000, longest: 300_000 };

/** For what may pass by itself. */
export const retryOften: Retry = { first: 5_000, longest: 300_000 };

/** Another answer takes another question. */
export const retryNever: Retry = { first: Infinity, longest: Infinity };
