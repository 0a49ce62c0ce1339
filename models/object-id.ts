import { ObjectId } from 'mongodb';
import { z } from 'zod';

export const objectId = z.instanceof(ObjectId, { error: 'must be an ObjectId' });
