import { describe, expectTypeOf, it } from 'vitest';
import type { CollectionName, NewDocument, StoredDocument } from '../../../models';
import type { NewDocuments, StoredDocuments } from '../../../schema/typescript/documents';

type ByModels = { [Name in CollectionName]: StoredDocument<Name> };
type NewByModels = { [Name in CollectionName]: NewDocument<Name> };
type Exported = Pick<StoredDocuments, CollectionName>;
type NewExported = Pick<NewDocuments, CollectionName>;

describe('The exported types', () => {
  // Checked by the compiler, as `npm run check` runs it: the test fails when it does not compile.
  it('are those of the models, both ways', () => {
    expectTypeOf<Exported>().toExtend<ByModels>();
    expectTypeOf<ByModels>().toExtend<Exported>();
    expectTypeOf<NewExported>().toExtend<NewByModels>();
    expectTypeOf<NewByModels>().toExtend<NewExported>();
    // An optional field that one side lacks would let both be assigned.
    expectTypeOf<Exported>().toEqualTypeOf<ByModels>();
  });
});
