import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BSON, type Binary } from 'mongodb';
import { packageFolder, runPython, temporaryFolder } from './python';

/** A document of a collection, as the server stores it. */
export interface Case {
  readonly collection: string;
  readonly bytes: Uint8Array;
}

/** What the models in Python say of a case: see python/tests/judge.py. */
export interface Verdict {
  readonly lossless: boolean;
  readonly stored?: boolean;
  readonly fresh?: boolean;
  readonly kept?: boolean;
  readonly takes?: boolean;
  readonly built?: Uint8Array;
  readonly dumped?: Uint8Array;
}

/** Judges all cases in one process. */
export async function judgedByPython(cases: readonly Case[], seed: number, sources?: string): Promise<Verdict[]> {
  const folder = await temporaryFolder();
  const [asked, answered] = [path.join(folder, 'cases.bson'), path.join(folder, 'verdicts.bson')];
  await writeFile(
    asked,
    cases.map(({ collection, bytes }) => BSON.serialize({ c: collection, d: bytes })),
  );
  const script = path.join(packageFolder, 'tests', 'judge.py');
  await runPython([script, asked, answered, String(seed)], {}, sources);
  const verdicts = documentsIn(await readFile(answered)).map((bytes) => {
    const { built, dumped, ...others } = BSON.deserialize(bytes) as Verdict & { built?: Binary; dumped?: Binary };
    return { ...others, ...(built && { built: built.buffer }), ...(dumped && { dumped: dumped.buffer }) };
  });
  if (verdicts.length !== cases.length) throw new Error(`${cases.length} cases have ${verdicts.length} verdicts`);
  return verdicts;
}

/** The documents of a file that is nothing but documents. */
function documentsIn(file: Buffer): Uint8Array[] {
  const documents: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += file.readInt32LE(at)) {
    documents.push(file.subarray(at, at + file.readInt32LE(at)));
  }
  return documents;
}
