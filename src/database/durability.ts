/** Bookkeeping counts once a majority of the members has it; it fails after so many milliseconds. */
export const majority = { w: 'majority', wtimeout: 30_000 } as const;
