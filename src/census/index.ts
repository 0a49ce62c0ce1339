export { census, type Census, type CensusOptions, type CollectionCensus } from './census';
export { compareCensuses, readCensus } from './compare';
export { describeCensus, describeCensusChange } from './text';
