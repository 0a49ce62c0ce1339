/** The server's complete form of `{ locale: 'de', strength: 2 }`. */
export const german = {
  locale: 'de',
  caseLevel: false,
  caseFirst: 'off',
  strength: 2,
  numericOrdering: false,
  alternate: 'non-ignorable',
  maxVariable: 'punct',
  normalization: false,
  backwards: false,
};
