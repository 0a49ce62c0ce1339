import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, runSchema } from '../support/schema-command';
import { indexOn, makeSmallProject, migrationText, type SmallProject } from '../support/small-project';

const schemaOfNotes =
  "{ $jsonSchema: { bsonType: 'object', properties: { _id: { bsonType: 'objectId' }, author: { bsonType: 'string' }, place: { bsonType: 'object', properties: { city: { bsonType: 'string' } } } } } }";

let project: SmallProject;
beforeEach(async () => {
  project = await makeSmallProject({
    notes: `createCollections('notes', 'notes.old'), addValidator('notes', ${schemaOfNotes})`,
    index: `createIndexes('notes', [${indexOn('author')}])`,
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await project.remove();
});

const make = (...args: string[]) => runSchema(project, ['new', ...args]);
const files = () => readdir(project.folder);

/** The texts of the migrations that are new, in order, by what they are called. */
async function made(): Promise<Record<string, string>> {
  const names = (await files()).filter((name) => !project.names.includes(name) && name !== 'frozen.json').sort();
  const texts = await Promise.all(names.map((name) => project.read('migrations', name)));
  return Object.fromEntries(names.map((name, at) => [name.slice(15, -3), texts[at] ?? '']));
}

/** What stands of a migration between its head and its end, without the space in it. */
const bodyOf = (text = '') => /__filename,([^]*)\);\n$/.exec(text)?.[1]?.replaceAll(/\s/g, '').replace(/,$/, '');

describe('schema new', () => {
  it('writes a frame that is named as migrate-mongo names it, and says what is left', async () => {
    vi.useFakeTimers({ now: new Date('2026-03-04T05:06:07Z'), toFake: ['Date'] });
    const { exitCode, stdout } = await make('add-notes');
    expect(exitCode).toBe(0);
    expect(await files()).toContain('20260304050607-add-notes.ts');
    expect(stdout).toContain('migrations/20260304050607-add-notes.ts\n\nWhat is left:\n  ${EDITOR:-vi} ');
    expect(stdout).toMatch(/\n {2}npm run schema -- snapshot --migrations \S+migrations /);
    expect(await project.read('migrations', '20260304050607-add-notes.ts')).toMatch(/^import \{ migration \} from /);
  });

  it('gives one within the same second the next, and comes after one that a faster clock named', async () => {
    vi.useFakeTimers({ now: new Date('2026-12-31T23:59:59Z'), toFake: ['Date'] });
    for (const name of ['same', 'same']) await make(name);
    await project.write('migrations/20280101000061-ahead.ts', '');
    await make('behind');
    const [first, second, , behind] = (await files()).filter((name) => name > '20261231');
    expect([first, second]).toEqual(['20261231235959-same.ts', '20270101000000-same.ts']);
    expect(behind).toBe('20280101000102-behind.ts');
  });

  it.each([
    ['a/b', 'a-b'],
    ['fix #1', 'fix-1'],
    ['größe', 'grosse'],
    ['../../x', 'x'],
    ['§', 'add-user-notes'],
    ['x'.repeat(101), 'x'.repeat(100)],
  ])('refuses the name %s, and suggests one', async (name, suggested) => {
    const before = await files();
    const { exitCode, stderr } = await make(name);
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(new RegExp(`^ {2}fix .*\\b${suggested}$`, 'm'));
    expect(await files()).toEqual(before);
  });

  it.each([
    ['--index', 'nots.author', 'did you mean `notes`?'],
    ['--index', 'notes.authr', 'did you mean `author`?'],
    ['--index', 'notes.place.cty', 'did you mean `place.city`?'],
    ['--index', 'notes', '--index names no field of notes'],
    ['--index', 'notes.author', 'notes already has the index author_1'],
    ['--index', 'notes.place..city', 'notes has no field place..city'],
    ['--backfill', 'nots', 'did you mean `notes`?'],
    ['--collection', 'notes', 'notes'],
    ['--collection', 'schema_history', 'the migrations keep their own records in it'],
    ['--serves', 'notes by author', '--serves names the query that an index serves, but there is no index'],
    ['--collation', 'en:2', '--collation sets how an index compares texts, but there is no index'],
    ['--keep', 'newest=author', '--keep sets which duplicate stays, but no index becomes unique'],
    [
      '--reason',
      'nobody reads it',
      '--reason gives the reason for a drop, or for searches that fail, but no option asks for either',
    ],
    ['--ttl', 'notes.author', 'write --ttl COLLECTION.FIELD=90d'],
    ['--ttl', 'notes.author=soon', 'write days, hours, minutes or seconds: 90d, 12h, 30m, 60s'],
    ['--ttl', 'notes.place.city=90d', 'notes has no index on place.city alone'],
    ['--field', 'nots.language=string', 'did you mean `notes`?'],
    ['--field', 'notes=string', '--field names no field of notes'],
    ['--field', 'notes.language', 'write --field COLLECTION.FIELD=TYPE, such as results.language=string'],
    ['--field', 'notes.language:string', 'write --field COLLECTION.FIELD=TYPE, such as results.language=string'],
    ['--field', 'notes.language=strng', 'did you mean `string`?'],
    ['--field', 'notes.language=boolean', 'write `bool`'],
    ['--field', 'notes.language=decimal', 'write one of string, objectId, date, bool, int,'],
    ['--field', 'notes.author=string', 'notes already has the field author'],
    ['--field', 'notes.place.city=string', 'to make the field required, use --require notes.place.city'],
    ['--field', 'notes.plce.zip=string', 'did you mean `place`?'],
    ['--field', 'notes.page.number=int', 'add the object first: `new NAME --field notes.page=object`'],
    ['--field', 'notes.place.area.name=string', 'add the object first: `new NAME --field notes.place.area=object`'],
    ['--field', 'notes.author.name=string', 'the type of this field in the validator is string'],
    ['--field', 'notes.language,country=string', '--field is for one field, but notes.language,country names 2'],
    ['--field', 'notes.place..zip=string', 'place..zip is not a valid name for a new field of notes'],
    ['--field', 'notes.$language=string', '$language is not a valid name for a new field of notes'],
    ['--field', 'notes.old.x=string', 'notes.old has no validator that --field could change'],
    ['--rename', 'notes.authr=writer', 'did you mean `author`?'],
    ['--rename', 'notes.author=place', 'the validator already lists place'],
    ['--rename', 'notes.author=place.author', 'the part after = is a name, not a path'],
    ['--rename', 'notes.old.x=y', 'notes.old has no validator that --rename could change'],
    ['--require', 'notes.author,place', '--require is for one field, but notes.author,place names 2'],
    ['--weights', 'notes.author=5', 'notes has no text index on author'],
    ['--view', 'recent=nots', 'did you mean `notes`?'],
    ['--view', 'notes=notes', 'notes'],
    ['--drop', 'nots', 'did you mean `notes`?'],
  ])('refuses %s %s before it writes anything', async (option, value, message) => {
    const before = await files();
    const { exitCode, stderr } = await make('something', option, value);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(message);
    expect(await files()).toEqual(before);
  });

  it('refuses two things in one migration', async () => {
    const { exitCode, stderr } = await make('both', '--index', 'notes.place.city', '--backfill', 'notes');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--index and --backfill are given');
  });

  it.each([
    [
      ['--index', 'notes.place.city,author:-1'],
      {
        x: `createIndexes('notes',[{name:'place.city_1_author_-1',key:{'place.city':1,author:-1},serves:'notesbyplace.cityandauthor(descending)'}])`,
      },
    ],
    [
      ['--index', 'notes.place.city', '--serves', "a city's notes"],
      { x: `createIndexes('notes',[{name:'place.city_1',key:{'place.city':1},serves:"acity'snotes"}])` },
    ],
    [
      ['--index', 'notes.unheard', '--undeclared'],
      { x: `createIndexes('notes',[{name:'unheard_1',key:{unheard:1},serves:'notesbyunheard'}])` },
    ],
    [['--index', 'notes.old.x'], { x: `createIndexes('notes.old',[{name:'x_1',key:{x:1},serves:'notes.oldbyx'}])` }],
    [['--unique', 'notes.author'], { x: `makeUnique('notes','author_1')` }],
    [
      ['--unique', 'notes.place.city'],
      {
        'x-index': `createIndexes('notes',[{name:'place.city_1',key:{'place.city':1},serves:'notesbyplace.city'}])`,
        x: `makeUnique('notes','place.city_1')`,
      },
    ],
    [
      ['--index', 'notes.author', '--collation', 'en:2'],
      {
        x: `createIndexes('notes',[{name:'author_1_en',key:{author:1},collation:{locale:'en',strength:2},serves:'notesbyauthor'}])`,
      },
    ],
    [
      ['--unique', 'notes.author', '--keep', 'oldest=_id'],
      {
        'x-duplicates': `suppress('SM017','onlythismigrationwritestoremoved_notes,andalatermigrationdropsremoved_notes',createCollections('removed_notes')),removeDuplicates('notes',{key:['author'],keep:{oldest:'_id'},reason:'onedocumentforeachauthor'})`,
        x: `makeUnique('notes','author_1')`,
      },
    ],
    [
      ['--field', 'notes.language=string'],
      {
        x: `suppress('SM003','thefieldisnew,sonodocumenthasityet',changeValidator('notes',{from:{validator:{$jsonSchema:before},...settings},to:{validator:{$jsonSchema:{...before,properties:{...before.properties,language:{bsonType:'string'}}}},...settings}}))`,
      },
    ],
    [
      ['--field', 'notes.place.postal-code=number'],
      {
        x: `suppress('SM003','thefieldisnew,sonodocumenthasityet',changeValidator('notes',{from:{validator:{$jsonSchema:before},...settings},to:{validator:{$jsonSchema:{...before,properties:{...before.properties,place:{...before.properties.place,properties:{...before.properties.place.properties,'postal-code':{bsonType:'number',minimum:0,maximum:9007199254740991,not:{bsonType:'decimal'}}}}}}},...settings}}))`,
      },
    ],
    [
      ['--rename', 'notes.place.city=town'],
      {
        'x-values': `renameField('notes','place.city','place.town')`,
        x: `changeValidator('notes',{from:{validator:{$jsonSchema:before},...settings},to:{validator:{$jsonSchema:{...before,properties:{...before.properties,place:{...before.properties.place,properties:{...others,town:renamed}}}}},...settings}})`,
      },
    ],
    [
      ['--require', 'notes.place.city'],
      {
        'x-fill': `backfill('notes',{filter:{place:{$type:'object'},'place.city':{$exists:false}},update:{$set:{'place.city':'unknown'}}})`,
        x: `changeValidator('notes',{from:{validator:{$jsonSchema:before},...settings},to:{validator:{$jsonSchema:{...before,properties:{...before.properties,place:{...before.properties.place,required:['city']}}}},...settings}})`,
      },
    ],
    [['--view', 'here=notes'], { x: `createView('here',{on:'notes',pipeline:[{$match:{}}]})` }],
    [
      ['--drop', 'notes', '--reason', 'nobody reads them'],
      {
        x: `dropCollection('notes',{reason:'nobodyreadsthem',was:[createCollections('notes'),addValidator('notes',{$jsonSchema:{bsonType:'object',properties:{_id:{bsonType:'objectId'},author:{bsonType:'string'},place:{bsonType:'object',properties:{city:{bsonType:'string'}}}}}},{validationLevel:'strict',validationAction:'error'}),createIndexes('notes',[{name:'author_1',key:{author:1},serves:'atest'}])]})`,
      },
    ],
    [
      ['--collection', 'comments'],
      {
        x: `createCollections('comments'),addValidator('comments',{$jsonSchema:{bsonType:'object',required:['created_at'],properties:{_id:{bsonType:'objectId'},created_at:{bsonType:'date'},updated_at:{bsonType:'date'}}}},{validationLevel:'strict',validationAction:'error'}),createIndexes('comments',[{name:'created_at_-1',key:{created_at:-1},serves:'thenewestcomments'}])`,
      },
    ],
    [
      ['--backfill', 'notes'],
      {
        x: `backfill('notes',{filter:{new_field:{$exists:false}},update:{$set:{new_field:'avalue'}},undo:{filter:{new_field:'avalue'},update:{$unset:{new_field:''}}},})`,
      },
    ],
  ])('writes with %j what passes a snapshot and lint as it stands', async (options, expected) => {
    const { exitCode, stderr } = await make('x', ...options);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const texts = await made();
    const bodies = Object.entries(texts).map(([name, text]) => [name, bodyOf(text)?.replaceAll(/,(?=[)}\]])/g, '')]);
    expect(Object.fromEntries(bodies)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, body]) => [name, body.replaceAll(/,(?=[)}\]])/g, '')])),
    );
    expect((await runSchema(project, ['snapshot'])).exitCode).toBe(0);
    expect(documentOf(await runSchema(project, ['lint', '--json']))).toMatchObject({ errors: 0 });
  });

  it.each([
    [{ expireAfterSeconds: 60 }, '90m', ['x'], `changeTtl('visits','at_1',{from:60,to:5400})`],
    [{ expireAfterSeconds: 86400 }, '12h', ['x-delete-old', 'x'], `changeTtl('visits','at_1',{from:86400,to:43200})`],
    [{}, '60s', ['x-delete-old', 'x'], `changeTtl('visits','at_1',{to:60})`],
    [{ partialFilterExpression: { done: true } }, '60', ['x-delete-old', 'x'], `changeTtl('visits','at_1',{to:60})`],
  ])('deletes in batches before a TTL begins earlier than %j: %s', async (options, age, names, last) => {
    await make('visits', '--collection', 'visits');
    const index = `{ name: 'at_1', key: { at: 1 }, serves: 'a test', ...${JSON.stringify(options)} }`;
    await project.write('migrations/20990101000000-at.ts', migrationText(`createIndexes('visits', [${index}])`));
    const { exitCode, stderr } = await make('x', '--ttl', `visits.at=${age}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { visits: _visits, at: _at, ...texts } = await made();
    expect(Object.keys(texts)).toEqual(names);
    expect(bodyOf(texts['x'])).toBe(last);
    expect((await runSchema(project, ['snapshot'])).exitCode).toBe(0);
    if (names.length > 1)
      expect(texts['x-delete-old']).toMatch(
        /^const old = (?:\{ \$and: \[\{ done: true \}, )?\{ at: \{ \$lt: new Date\('/m,
      );
    expect(texts['x-delete-old']?.includes('done: true') ?? false).toBe('partialFilterExpression' in options);
  });

  it('knows what the indexes of a collection are there for under its next name, too', async () => {
    await project.write('migrations/20260201000000-renamed.ts', migrationText("renameCollection('notes', 'texts')"));
    await make('x', '--drop', 'texts', '--reason', 'nobody reads them');
    expect((await made())['x']).toContain("serves: 'a test'");
  });

  it('keeps the other weights of a text index, and asks for the reason', async () => {
    const index =
      "{ name: 'text', key: { author: 'text', 'place.city': 'text' }, weights: { author: 3 }, serves: 'search' }";
    await project.write('migrations/20990101000000-text.ts', migrationText(`createIndexes('notes', [${index}])`));
    const { stdout } = await make('x', '--weights', 'notes.place.city=2');
    expect(stdout).toMatch(/\$\{EDITOR:-vi\} \S+-x\.ts +# the reason$/m);
    const { x = '' } = await made();
    expect(x).toContain("serves: 'search'");
    expect(x).toContain("to: { ...text, weights: { author: 3, 'place.city': 2 } }");
    expect((await runSchema(project, ['snapshot'])).exitCode).toBe(0);
  });

  it('adds a field to an object that a new field has made', async () => {
    await make('page', '--field', 'notes.page=object');
    const { exitCode, stderr } = await make('number', '--field', 'notes.page.number=double');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect((await made())['number']).toMatch(
      /page: \{\s+\.\.\.before\.properties\.page,\s+properties: \{ number: \{ bsonType: 'double',/,
    );
    expect((await runSchema(project, ['snapshot'])).exitCode).toBe(0);
  });

  it('lets lint warn about a new field that documents may already have', async () => {
    await make('by-topic', '--index', 'notes.topic', '--undeclared');
    await make('topic', '--field', 'notes.topic=string');
    await make('title', '--field', 'notes.title=string');
    const { topic, title } = await made();
    expect([topic, title].map((text) => text?.includes("'SM003'"))).toEqual([false, true]);
  });

  it('accepts a new field of each type that it names', async () => {
    const { stderr } = await make('x', '--field', 'notes.none=unheard');
    const types = /write one of (.*)$/m.exec(stderr)?.[1]?.split(', ') ?? [];
    expect(types).toHaveLength(10);
    for (const type of types) {
      const { exitCode } = await make(`a-${type.toLowerCase()}`, '--field', `notes.a_${type}=${type}`);
      expect([type, exitCode]).toEqual([type, 0]);
    }
    expect((await runSchema(project, ['snapshot'])).exitCode).toBe(0);
    expect((await runSchema(project, ['export', '--format', 'pydantic', '--json'])).exitCode).toBe(0);
  });

  it('says what to do where a required field is to be renamed', async () => {
    await make('city', '--require', 'notes.place.city');
    const { exitCode, stderr } = await make('town', '--rename', 'notes.place.city=town');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('require the new name in a later release: `new NAME --require`');
  });

  it('tells a program with --json what it wrote, and the commands that are left', async () => {
    const report = documentOf(await make('x', '--index', 'notes.place.city', '--json'));
    const name = (await files()).find((file) => file.endsWith('-x.ts')) ?? '';
    expect(report).toMatchObject({
      migrations: [expect.stringMatching(new RegExp(`${name}$`))],
      steps: [{ command: expect.stringMatching(/^npm run schema -- snapshot --migrations /) as string }],
    });
  });
});
