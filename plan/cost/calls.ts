// What one job, one worker and one month cost in calls and bytes, counted from the code.
//
// Counted on 2026-11-29 in the real local service, with every HTTP request of its processes written down: five jobs of
// 1024 px with an Idempotency-Key, each asked for until it was done and fetched once. What depends on time is a rate.

/** Calls of the storage for one job. Deletions cost nothing. Lists cost as much as writes, and count as such. */
export const callsOfJob = {
  // Key, two pictures, index entry, record, note for reuse, list of workers; the worker: three versions of the record,
  // picture and thumbnail, two reports; the sweeper: what is left of the record when its time is over.
  blobWrites: 15,
  // Reuse; the worker: record three times and two pictures; the caller: record and the picture in three parts; the sweeper: record.
  blobReads: 11,
  // The door: count, oldest message, send. The worker: receive and remove.
  queueCalls: 5,
} as const;

/** For each time that a caller asks how a job is: the record, and for a job that waits queue and workers, for one of three. */
export const callsOfLook = { blobReads: 1, blobWrites: 0.3, queueCalls: 0.6 } as const;

/** How often a caller asks before the job is done: `Retry-After` makes it few. An assumption. */
export const looksPerJob = 4;

/** A worker looks into an empty queue more and more rarely after each job: about so often until its pause is the longest. */
export const emptyLooksAfterJob = 80;
/** The pause between a worker's reports on itself. */
export const reportSeconds = 10;

/** A lease, a look at the queue, and the lists that are always there, each time that the sweeper runs. */
export const callsOfSweep = { blobWrites: 6, blobReads: 1, queueCalls: 2 } as const;
/** Records, two pictures of the caller and two of ours: so many names the sweeper reads for each kept job, 1,000 in a call. */
export const namesPerKeptJob = 5;
export const namesPerList = 1_000;

/** The host's own look into the queue of webhooks while nothing runs. An assumption. */
export const hostLookSeconds = 30;

/** Bytes of the two pictures that a caller sends: those of `samples/`. */
export const inputBytes = 554_000;
/** Bytes of a result for each pixel, PNG, and of its thumbnail. A usual picture is three by two. */
export const resultBytesPerPixel = 1.63;
export const thumbnailBytes = 30_000;
export const pixelsOf = (side: number) => (side * side * 2) / 3;

/** What a job leaves in the logs: a line and a span for each request and each call of the storage. An assumption. */
export const logBytesPerJob = 40_000;
/** And what each sweep does: about a dozen measurements. */
export const logBytesPerSweep = 8_000;
/** Reports of a running worker, for each second. */
export const logBytesPerReplicaSecond = 100;

/** References are looked up daily and at each start of an instance. An assumption. */
export const keyVaultCallsPerMonth = 1_000;
