/** Returns the known word that is most similar to a misspelt word; undefined when no known word is similar. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: { readonly candidate: string; readonly away: number } | undefined;
  for (const candidate of known) {
    const away = distance(wanted, candidate.toLowerCase());
    if (away <= farthest(wanted, candidate) && (best === undefined || away < best.away)) {
      best = { candidate, away };
    }
  }
  return best?.candidate;
}

/** Returns how many letters may differ: a third of the word, or any number when one word begins with the other. */
function farthest(wanted: string, candidate: string): number {
  const [shorter, longer] = [wanted, candidate.toLowerCase()].sort((one, other) => one.length - other.length);
  const isBeginning = shorter !== undefined && shorter.length > 2 && longer?.startsWith(shorter) === true;
  return isBeginning ? longer.length - shorter.length : Math.max(1, Math.floor(wanted.length / 3));
}

/** Returns how many letters of one word must be added, removed, replaced or swapped with the next letter to get the other word. */
export function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[other.length] ?? 0;
}

/** Returns a suggestion to append to a message: `; did you mean "bool"?`. Returns an empty text when no known word is similar. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known);
  return found === undefined ? '' : `; did you mean \`${found}\`?`;
}

/**
 * Sorts names by their similarity to a part of a name, the most similar name first. The similarity is the number of groups of three letters
 * that both have in common.
 */
export function byLikeness(names: readonly string[], part: string): string[] {
  const groups = Array.from({ length: Math.max(part.length - 2, 0) }, (_, at) => part.slice(at, at + 3));
  const likeness = (name: string) => groups.filter((group) => name.includes(group)).length;
  return names.toSorted((one, other) => likeness(other) - likeness(one));
}
