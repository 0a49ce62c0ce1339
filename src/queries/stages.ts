/** The aggregation stages of MongoDB 7.0. @see https://www.mongodb.com/docs/v7.0/reference/operator/aggregation-pipeline/ */
const stages: ReadonlySet<string> = new Set(
  (
    'addFields bucket bucketAuto changeStream changeStreamSplitLargeEvent collStats count currentOp densify documents facet fill ' +
    'geoNear graphLookup group indexStats limit listLocalSessions listSampledQueries listSearchIndexes listSessions lookup match ' +
    'merge out planCacheStats project queryStats redact replaceRoot replaceWith sample search searchMeta set setWindowFields ' +
    'shardedDataDistribution skip sort sortByCount unionWith unset unwind vectorSearch'
  )
    .split(' ')
    .map((name) => `$${name}`),
);

export function isStage(name: string): boolean {
  return stages.has(name);
}
