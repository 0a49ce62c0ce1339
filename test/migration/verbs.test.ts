import { Decimal128, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  addValidator,
  changeTtl,
  changeValidator,
  changeView,
  createCollections,
  createIndexes,
  createView,
  dropIndexes,
  dropView,
  insertDocuments,
  removeDocuments,
  removeValidator,
  updateDocuments,
} from '../../src/migration';
import { fromWire, inverse } from '../../src/schema';

const emailIndex = { name: 'email_1', key: { email: 1 }, unique: true, serves: 'signing in' } as const;

describe('createCollections', () => {
  it('makes a change for each collection, with its options', () => {
    expect(createCollections('users', { name: 'events', capped: true, size: 4096 })).toEqual({
      describe: ['create the collections `users`, `events`'],
      changes: [
        fromWire({ at: ['users', 'options'], to: {} }),
        fromWire({ at: ['events', 'options'], to: { capped: true, size: 4096 } }),
      ],
    });
  });

  it('leaves out what the server would not show again', () => {
    const { changes } = createCollections({
      name: 'users',
      capped: false,
      collation: { locale: 'simple' },
      changeStreamPreAndPostImages: { enabled: false },
      clusteredIndex: { v: 2, key: { _id: 1 }, unique: true, name: '_id_' },
    });
    expect(changes[0]?.to).toEqual({ clusteredIndex: { key: { _id: 1 }, unique: true } });
  });
});

describe('createIndexes', () => {
  it('makes a change for each index, and tells what each serves beside the schema', () => {
    expect(createIndexes('users', [emailIndex, { name: 'at_-1', key: { at: -1 }, serves: 'the newest' }])).toEqual({
      describe: ['create the indexes `email_1`, `at_-1` on `users`'],
      changes: [
        fromWire({ at: ['users', 'indexes', 'email_1'], to: { key: { email: 1 }, unique: true } }),
        fromWire({ at: ['users', 'indexes', 'at_-1'], to: { key: { at: -1 } } }),
      ],
      serves: { 'users.email_1': 'signing in', 'users.at_-1': 'the newest' },
    });
  });
});

describe('dropIndexes', () => {
  it('is the way back from createIndexes', () => {
    const { changes, describe: lines } = dropIndexes('users', [emailIndex]);
    expect(changes).toEqual(inverse(createIndexes('users', [emailIndex]).changes));
    expect(lines).toEqual(['drop the index `email_1` of `users`']);
  });
});

describe('changeTtl', () => {
  it('changes the seconds alone, with both sides', () => {
    expect(changeTtl('audit_logs', 'at_1', { from: 60, to: 0 })).toEqual({
      describe: ['change the TTL of `audit_logs.at_1` from 1 minute to 0 seconds'],
      changes: [fromWire({ at: ['audit_logs', 'indexes', 'at_1', 'expireAfterSeconds'], from: 60, to: 0 })],
    });
  });
});

describe('The verbs for validators', () => {
  const from = { validator: { $jsonSchema: { required: ['email'] } } };
  const to = {
    validator: { email: { $type: 'string' } },
    validationLevel: 'moderate',
    validationAction: 'warn',
  } as const;
  const at = ['users', 'validator'];

  it('add one, without the level and action that the server assumes', () => {
    const assumed = { validationLevel: 'strict', validationAction: 'error' } as const;
    expect(addValidator('users', from.validator, assumed).changes).toEqual([fromWire({ at, to: from })]);
    expect(addValidator('users', to.validator, to).changes).toEqual([fromWire({ at, to })]);
  });

  it('change one, with both sides', () => {
    expect(changeValidator('users', { from, to }).changes).toEqual([fromWire({ at, from, to })]);
  });

  it('remove one, written out so that it can come back', () => {
    expect(removeValidator('users', to).changes).toEqual([fromWire({ at, from: to })]);
  });
});

describe('The verbs for views', () => {
  const from = { on: 'users', pipeline: [{ $match: { since: { $gte: new Date(0) } } }] };
  const to = { on: 'people', pipeline: [] };
  const at = ['members', 'view'];
  const before = { viewOn: 'users', pipeline: [{ $match: { since: { $gte: { $date: '1970-01-01T00:00:00Z' } } } }] };
  const after = { viewOn: 'people', pipeline: [] };

  it('create one, in plain data', () => {
    expect(createView('members', from)).toEqual({
      describe: ['create the view `members` on `users`'],
      changes: [fromWire({ at, to: before })],
    });
  });

  it('change one, with both sides', () => {
    expect(changeView('members', { from, to }).changes).toEqual([fromWire({ at, from: before, to: after })]);
  });

  it('drop one, written out so that it can come back', () => {
    expect(dropView('members', from).changes).toEqual(inverse(createView('members', from).changes));
  });

  it('leave out a collation that means nothing', () => {
    const { changes } = createView('members', { ...to, collation: { locale: 'simple' } });
    expect(changes).toEqual([fromWire({ at, to: after })]);
  });
});

describe('insertDocuments', () => {
  it('makes a change for each row, in plain data', () => {
    const _id = new ObjectId('65f0c0ffee0123456789abcd');
    const price = Decimal128.fromString('9.90');
    expect(insertDocuments('presets', [{ _id, price }, { _id: 'free' }])).toEqual({
      describe: ['insert 2 documents into `presets`'],
      changes: [
        fromWire({
          at: ['presets', 'documents', '65f0c0ffee0123456789abcd'],
          to: { _id: { $oid: '65f0c0ffee0123456789abcd' }, price: { $numberDecimal: '9.90' } },
        }),
        fromWire({ at: ['presets', 'documents', '"free"'], to: { _id: 'free' } }),
      ],
    });
  });
});

describe('updateDocuments', () => {
  it('makes a change for each row, with both sides', () => {
    const [from, to] = [
      { _id: 'free', seats: 1 },
      { _id: 'free', seats: 3 },
    ];
    expect(updateDocuments('plans', [{ from, to }])).toEqual({
      describe: ['update 1 document of `plans`'],
      changes: [fromWire({ at: ['plans', 'documents', '"free"'], from, to })],
    });
  });
});

describe('removeDocuments', () => {
  it('is the way back from insertDocuments', () => {
    const rows = [{ _id: 'free' }];
    expect(removeDocuments('plans', rows)).toEqual({
      describe: ['remove 1 document from `plans`'],
      changes: inverse(insertDocuments('plans', rows).changes),
    });
  });
});
