// How many jobs wait in front of one: counted where its message is among those that are next, estimated further back.
import type { Look } from './look-around.ts';

interface Place {
  readonly jobId: string;
  /** For how long the job has waited, in seconds. */
  readonly waitedSeconds: number;
  readonly look: Pick<Look, 'head' | 'messages'>;
  /** How long ago the look was, in seconds. */
  readonly lookedAgo: number;
  /** Jobs that somebody works on: their messages are among those that were counted. */
  readonly inWork: number;
  /** How long ago this instance sent its latest messages, in seconds, oldest first. */
  readonly sentAgo: readonly number[];
}

/** As many messages as the queue shows at most. */
const mostShown = 32;
/** The storage tells times in whole seconds: a job may seem that much younger than its own message. */
const grainSeconds = 1;
/** So many sends tell when jobs came; fewer do not. */
const enoughSends = 5;

/** @returns undefined where nobody could look at the queue. Never more than there are messages. */
export function queuePosition(place: Place): number | undefined {
  const { head, messages } = place.look;
  if (head === undefined) return undefined;
  const shown = head.findIndex(({ text }) => text.includes(place.jobId));
  if (shown >= 0) return shown;
  if (head.length < mostShown) return behindAll(place, head.length);
  const youngestShown = head.at(-1)?.ageSeconds ?? 0;
  return head.length + behindHead(place, (messages ?? 0) - place.inWork - head.length - 1, youngestShown);
}

/**
 * All that waited were to be seen: this one came after the look, or somebody has just taken it. Its own message is among
 * those that were sent since.
 */
function behindAll({ waitedSeconds, lookedAgo, sentAgo }: Place, waited: number): number {
  if (waitedSeconds > lookedAgo + grainSeconds) return 0;
  const sentSince = sentAgo.filter((ago) => ago < lookedAgo && ago >= waitedSeconds);
  return waited + Math.max(0, sentSince.length - 1);
}

/** Of those behind the ones that were to be seen, the share that came before this job. */
function behindHead({ waitedSeconds, lookedAgo, sentAgo }: Place, behind: number, youngest: number): number {
  const sentBehind = sentAgo.filter((ago) => ago >= lookedAgo && ago < youngest + lookedAgo);
  const share =
    sentBehind.length >= enoughSends
      ? sentBehind.filter((ago) => ago > waitedSeconds).length / sentBehind.length
      : (youngest - (waitedSeconds - lookedAgo)) / youngest;
  return Math.max(0, Math.round(behind * Math.min(1, Math.max(0, share))));
}
