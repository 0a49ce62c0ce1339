/** The maximum length of a report. GitHub allows 65,536 characters in a comment, and the program that posts the report adds some. */
export const reportLimit = 65_000;

/** Cuts a report that is too long at the end of a line, closes open elements, and adds a note. */
export function capMarkdown(markdown: string, limit = reportLimit): string {
  if (markdown.length <= limit) return markdown;
  const note = (total: number) =>
    `\n> **Cut here.** The whole report has ${total} characters, but GitHub allows only ${limit}: ` +
    '`npm run --silent schema -- report --base REF` prints all of it with `--no-cap`.\n';
  const closings = '\n```\n</details>\n'.length;
  const end = markdown.lastIndexOf('\n', limit - note(markdown.length).length - closings);
  const kept = markdown.slice(0, Math.max(end, 0) + 1);
  return kept + closingOf(kept) + note(markdown.length);
}

/** Returns the lines that close the code block and the `<details>` elements that are open at the end of a cut text. */
function closingOf(text: string): string {
  let fence: string | undefined;
  let folded = 0;
  for (const line of text.split('\n')) {
    const mark = /^(`{3,})(.*)$/.exec(line);
    if (fence !== undefined) {
      if (mark?.[1] === fence && mark[2] === '') fence = undefined;
    } else if (mark) fence = mark[1];
    else if (line === '<details>') folded++;
    else if (line === '</details>') folded--;
  }
  return (fence === undefined ? '' : `${fence}\n`) + '\n</details>\n'.repeat(folded);
}
