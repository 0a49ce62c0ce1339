import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020';
import { BSON, ObjectId, type Db, type Document } from 'mongodb';
import type { PlainObject } from '../../../src/schema';
import type { Drawn } from '../../python/cases';
import { takenByServer } from '../../python/three-judges';
import { asJson, NotInJson, readBySchema } from './as-json';

/** Collection → its JSON Schema. */
export type JsonSchemas = ReadonlyMap<string, PlainObject>;

/** A document that JSON can write. */
export interface InJson {
  readonly drawn: Drawn;
  readonly json: unknown;
  /** Whether reading it by its schema gives the very document back. */
  readonly isExact: boolean;
  /** Whether the server takes what was read. */
  readonly isTaken: boolean;
}

export function jsonSchemasOf(files: readonly { readonly text: string }[]): JsonSchemas {
  const schemas = files.map(({ text }) => JSON.parse(text) as PlainObject);
  return new Map(
    schemas.map((schema) => [decodeURIComponent((schema['$id'] as string).split(':').at(-1) ?? ''), schema]),
  );
}

/** Of the documents those that JSON can write, each read by its schema and given to the server. */
export async function throughJson(db: Db, cases: readonly Drawn[], schemas: JsonSchemas): Promise<InJson[]> {
  const written = cases.flatMap((drawn) => {
    const schema = schemas.get(drawn.collection);
    if (!schema) throw new Error(`${drawn.collection} has no JSON Schema`);
    try {
      const json = asJson(drawn.document);
      const read = readBySchema(json, schema, schema) as Document;
      const isExact = Buffer.compare(BSON.serialize(read), drawn.bytes) === 0;
      // Two documents may become one, which has one _id.
      const document = read['_id'] instanceof ObjectId ? { ...read, _id: new ObjectId() } : read;
      return [{ drawn, json, isExact, document }];
    } catch (error) {
      if (error instanceof NotInJson) return [];
      throw error;
    }
  });
  const taken = await takenByServer(
    db,
    written.map(({ drawn, document }) => ({ ...drawn, document })),
  );
  return written.map(({ drawn, json, isExact }, at) => ({ drawn, json, isExact, isTaken: taken[at] === true }));
}

/** Where ajv and the server say something else, with what each says. */
export function differences(cases: readonly InJson[], schemas: JsonSchemas): string[] {
  const ajv = new Ajv2020({ strictTypes: false });
  addFormats(ajv, ['date-time']);
  const judges = new Map([...schemas].map(([name, schema]) => [name, ajv.compile(schema)]));
  return cases.flatMap(({ drawn, json, isTaken }) => {
    const byAjv = judges.get(drawn.collection)?.(json) === true;
    if (byAjv === isTaken) return [];
    const says = isTaken ? 'taken by the server alone' : 'taken by ajv alone';
    return [`${drawn.collection}, ${drawn.how}: ${says}${isTaken && isNearlyWhole(json) ? rounded : ''}`];
  });
}

const rounded = ', which rounds';
/** The one difference that is left: mongod rounds to 15 digits before it asks whether a number is whole. */
export const isAboutRounding = (difference: string) => difference.endsWith(rounded);

/** Whether a number in it is whole to 15 digits, and not exactly. */
function isNearlyWhole(json: unknown): boolean {
  if (typeof json === 'number') return !Number.isInteger(json) && Number.isInteger(Number(json.toPrecision(15)));
  return typeof json === 'object' && json !== null && Object.values(json).some(isNearlyWhole);
}
