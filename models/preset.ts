import { z } from 'zod';
import { date, text } from './fields';
import { objectId } from './object-id';
import { openDocument } from './open';
import { analyses, limits, llm, pace, sources } from './settings';

export const presetSchema = openDocument({
  _id: objectId,
  /** Null for the system's own presets. */
  user_id: objectId.nullable(),
  name: text(1, 100),
  description: text(0, 2000).exactOptional(),
  price_class: z.enum(['free', 'low', 'medium', 'high', 'custom']).exactOptional(),
  sources,
  pace,
  llm,
  analyses,
  limits,
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Preset = z.infer<typeof presetSchema>;

export const newPresetSchema = presetSchema.extend({ _id: objectId.exactOptional() });
export type NewPreset = z.infer<typeof newPresetSchema>;
