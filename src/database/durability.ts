/**
 * The write concern of the tool: writes must reach a majority of the members. The wait for the majority fails after `wtimeout`
 * milliseconds.
 */
export const majority = { w: 'majority', wtimeout: 30_000 } as const;
