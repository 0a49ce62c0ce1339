import { beforeAll } from 'vitest';
import { useDatabase } from '../support/database';
import { mistakesOfProgram, mistakesOfServer, ofAnother, testMistakes, testNamedServer } from './arguments';
import { fillResults } from './support';

const source = useDatabase();
beforeAll(() => fillResults(source.db, 100));

const options = ['--uri', '--host', '--port'];
const withoutValue = ['backup_db.sh', 'restore_db.sh', 'verify_backup.sh'].flatMap((name) =>
  options.flatMap((option) =>
    [[option], [option, ''], [`${option}=`]].map((args) => [name, args, `${option} needs a value`] as const),
  ),
);

testMistakes([...mistakesOfServer, ...withoutValue, ...mistakesOfProgram]);
testNamedServer(source, [{}, ofAnother]);
