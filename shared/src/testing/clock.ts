// The time of the storage in memory.

/** Milliseconds; a test that plays with time passes its own. */
export type Clock = () => number;
