import { beforeAll } from 'vitest';
import { useDatabase } from '../support/database';
import { testContainerTools } from './container-tools';
import { testNames } from './odd-names';
import { fill } from './support';

const source = useDatabase();
beforeAll(() => fill(source.db, 3_000));

testNames(source, {
  folders: ['-rf', 'with space', `it's "quoted" $HOME`, 'two\nlines', '--out', '*', '~', 'a;b&c|d', 'ümläut 😀'],
  databases: [`-it's`, 'a,b;c&d', 'ümläut', '(x)~%41', '--drop', '#!@^', '%2e%2e'],
});
testContainerTools(source, { elsewhere: [[], ['--uri', 'mongodb://db.example.com']] });
