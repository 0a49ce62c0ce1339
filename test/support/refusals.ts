import { MongoServerError, type Document } from 'mongodb';

/**
 * Returns why a validator refused a document, one line per rule: `email: pattern`, `events.1: enum`, `config: required sources`.
 * @throws any other error
 */
export async function refusal(write: Promise<unknown>): Promise<string[]> {
  try {
    await write;
    return [];
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 121) throw error;
    const { details } = error.errInfo as { details: { schemaRulesNotSatisfied: Document[] } };
    return [...reasons(details.schemaRulesNotSatisfied, [])].sort();
  }
}

function* reasons(rules: readonly Document[], path: readonly (string | number)[]): Generator<string> {
  for (const rule of rules) {
    if (rule['operatorName'] === 'properties') {
      for (const property of rule['propertiesNotSatisfied'] as Document[]) {
        yield* reasons(property['details'] as Document[], [...path, property['propertyName'] as string]);
      }
    } else if (rule['operatorName'] === 'items' && rule['details'] !== undefined) {
      yield* reasons(rule['details'] as Document[], [...path, rule['itemIndex'] as number]);
    } else {
      const missing = (rule['missingProperties'] as string[] | undefined) ?? [];
      const place = path.length > 0 ? `${path.join('.')}: ` : '';
      yield place + [rule['operatorName'] as string, ...missing].join(' ');
    }
  }
}
