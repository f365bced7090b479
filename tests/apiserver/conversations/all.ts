/** All conversations, and the kinds that must be there before. */
import type { Conversation } from "../conversation.ts";
import { discovery } from "./discovery.ts";
import { reading } from "./reading.ts";
import { watching } from "./watching.ts";
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
];

export const definitions = [widgetDefinition, gadgetDefinition];
