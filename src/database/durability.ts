/** Records must reach a majority of the members. Waiting fails after `wtimeout` milliseconds. */
export const majority = { w: 'majority', wtimeout: 30_000 } as const;
