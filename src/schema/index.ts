export { collectionProblems } from './accepted/collections';
export { collationProblems, completeCollation, type CollationOwner } from './accepted/collations';
export { encrypts } from './accepted/encryption';
export { isExpressionOperator, namedArguments } from './accepted/expressions';
export { filterProblems } from './accepted/filters';
export { attributeProblems, kindOfKey } from './accepted/index-keys';
export { indexProblems, maxTtl, textLanguages } from './accepted/indexes';
export { ambiguityProblems, literalProblems } from './accepted/literals';
export { bsonTypeProblem } from './accepted/types';
export { canonical, canonicalJson, equal, hashChanges } from './canonical';
export {
  change,
  inverse,
  inverseOf,
  type Change,
  type IndexAttribute,
  type Kind,
  type Location,
  type NamedKind,
  type Place,
  type Value,
} from './change';
export {
  decodeClosed,
  encodeClosed,
  placeholderValidation,
  reopenCommand,
  validationOf,
  type Validation,
} from './closed';
export { canonicalOptions } from './collection-options';
export { diff } from './diff';
export { Draft } from './draft';
export { entries, entriesIn, find } from './entries';
export { apply, fold, foldWhole, problemWith } from './fold';
export { deepFreeze } from './freeze';
export { redundantPrefixes, type RedundantPrefix } from './index-prefixes';
export { canonicalIndex, checkIndexIn, defaultIndexName, indexSignature, isTextKey, unchangeable } from './index-rules';
export { isNamedKind, kindOf, kinds, namedKinds, rules } from './kinds/table';
export type { Missing } from './kinds/rules';
export { commandsFor, commandsToClear, mongosh } from './mongosh';
export { namesUsedBy, nameTaken, readersOf } from './names';
export { diffBetween, namesIn, namesOfChanges, overlaps, touches } from './renames';
export {
  changelogLockOf,
  changelogNameProblem,
  collectionNameProblem,
  isOwnCollection,
  isRestoreName,
  isSetAside,
  ownCollections,
  renameCommand,
  replacedName,
  restorePrefixes,
  setAsideName,
  stagedName,
} from './own-collections';
export { differingOptions, fixedOptions, mayDelete, optionsForCollMod } from './option-changes';
export { describeChange, describePlace, isWithin, ownerOf, summarizeChange } from './place';
export {
  documentId,
  documentKey,
  fromPlain,
  isPlainObject,
  isTypedValue,
  keyOfPlain,
  refuseInexact,
  relaxed,
  toPlain,
  type DocumentId,
} from './plain';
export { plainOfBytes } from './plain-of-bytes';
export { shellLiteral } from './shell';
export {
  emptySchema,
  type Collection,
  type CollectionOptions,
  type Contents,
  type Index,
  type Plain,
  type PlainObject,
  type Schema,
  type Validator,
  type View,
} from './schema';
export { documentKeys, documentKeysOf, summarize, type SchemaSummary } from './summary';
export { actionOf, canonicalValidator, levelOf } from './validator';
export { canonicalView, hasSameCollation, stagesIn } from './view';
export { own } from './record';
export { isOwnIndexOf, timeSeriesOf, type TimeSeriesFields } from './time-series';
export { fromWire, toWire, wirePlace, type WireChange } from './wire';
