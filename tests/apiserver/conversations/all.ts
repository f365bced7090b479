/** All conversations, and the kinds that must be there before. */
import type { Conversation } from "../conversation.ts";
import { admission } from "./admission.ts";
import { anew, jobLabels } from "./anew.ts";
import { discovery } from "./discovery.ts";
import { customDefinitions } from "./custom_subjects.ts";
import { found } from "./found.ts";
import { foundLater } from "./found_later.ts";
import { kindConversations } from "./kinds.ts";
import { reading } from "./reading.ts";
import { rights } from "./rights.ts";
import { watching } from "./watching.ts";
import { warnings } from "./warnings.ts";
import { webhooks } from "./webhooks.ts";
import { gadgetDefinition, widgetDefinition } from "./widget.ts";
import { applying, creating, deleting, schemas, updating } from "./writing.ts";

export const conversations: readonly Conversation[] = [
  reading,
  creating,
  schemas,
  updating,
  applying,
  deleting,
  watching,
  discovery,
  ...kindConversations,
  ...admission,
  ...rights,
  ...webhooks,
  found,
  foundLater,
  anew,
  jobLabels,
  warnings,
];

export const definitions = [widgetDefinition, gadgetDefinition, ...customDefinitions] as const;
