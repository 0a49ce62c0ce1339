/** Stands in the first lines of every file that is generated for another language: what has it may be written over. */
export const mark = 'Generated from the migrations by `schema export` and `npm run snapshot`: never write here.';

/** Whether a text is one of ours. */
export function isMarked(text: string): boolean {
  return text.split('\n', 5).some((line) => line.includes(mark));
}
