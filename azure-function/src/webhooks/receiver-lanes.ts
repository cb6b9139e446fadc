// Who may be called now, so that receivers which keep us waiting do not hold up those which do not. Each has a lane of its
// own; how wide it is follows from its manners, as this process has seen them lately. Nor may one party take the places of
// others with a new host name for every job: see receiver-group.ts.
import { receiverGroupOf } from './receiver-group.ts';

/** An answer, or a failure, within this time is quick; a call that lasts longer makes its receiver a slow one at once. */
const quickSeconds = 2;
const rememberedSeconds = 600;
const maxRemembered = 1_000;

type Manners = 'stranger' | 'quick' | 'slow';

/** Calls at once to one receiver of such manners. */
const perReceiver: Readonly<Record<Manners, number>> = { stranger: 4, quick: 16, slow: 2 };
/** Calls at once to one group: of those not known to be quick that still may turn out so, of all of these, and of all. */
const perGroup = { young: 4, notQuick: 8, all: 24 };
/** The same for everybody together. The platform hands out up to 48 messages at once, so some are left for the quick. */
const atOnce = { young: 16, notQuick: 28 };
/** Calls at once to all that are known to be slow. */
const slowAtOnce = 8;

/** Seconds after which somebody who was sent away for the first time comes back, at the latest; then twice as long. */
const firstComeBackSeconds: Readonly<Record<Manners, number>> = { stranger: 2, quick: 2, slow: 20 };
const longestComeBackSeconds = 60;

export type LaneRun<T> =
  | { readonly ran: true; readonly value: T }
  /** The lane is full: come back then. Whole seconds, 1 to 60. */
  | { readonly ran: false; readonly comeBackInSeconds: number };

export interface ReceiverLanes {
  /**
   * Runs the action in the lane of this receiver, or not at all: nobody waits here.
   * @param origin of the receiver's address.
   * @param sentAway how often this one was sent away before.
   * @throws what the action throws.
   */
  run<T>(origin: string, action: () => Promise<T>, sentAway?: number): Promise<LaneRun<T>>;
}

interface Lane {
  manners: Manners;
  inFlight: number;
  /** When a call began or ended here, in milliseconds. */
  seenMs: number;
}

interface Call {
  readonly group: string;
  /** Of its receiver, when it began. */
  readonly manners: Manners;
  /** It has lasted too long to be quick. */
  lasts: boolean;
}

interface Options {
  /** Default 2. */
  readonly quickSeconds?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** 0 up to 1. */
  readonly random?: () => number;
}

export function makeReceiverLanes(options: Options = {}): ReceiverLanes {
  const { now = () => performance.now(), random = Math.random } = options;
  const quickMs = (options.quickSeconds ?? quickSeconds) * 1000;
  const lanes = new Map<string, Lane>();
  const calls = new Set<Call>();

  function laneOf(origin: string): Lane {
    const found = lanes.get(origin);
    const isFresh = found && (found.inFlight > 0 || now() - found.seenMs < rememberedSeconds * 1000);
    const lane: Lane = isFresh ? found : { manners: 'stranger', inFlight: 0, seenMs: now() };
    // The end of the map is where those are that were seen last.
    lanes.delete(origin);
    lanes.set(origin, lane);
    return lane;
  }

  return {
    async run(origin, action, sentAway = 0) {
      const lane = laneOf(origin);
      forgetSome(lanes);
      const call: Call = { group: receiverGroupOf(origin), manners: lane.manners, lasts: false };
      if (lane.inFlight < perReceiver[lane.manners] && hasPlace(call, [...calls]))
        return { ran: true, value: await observed(lane, call, action) };
      return { ran: false, comeBackInSeconds: comeBackSeconds(lane.manners, sentAway, random()) };
    },
  };

  async function observed<T>(lane: Lane, call: Call, action: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      call.lasts = true;
      lane.manners = 'slow';
    }, quickMs);
    lane.inFlight += 1;
    calls.add(call);
    try {
      return await action();
    } finally {
      clearTimeout(timer);
      calls.delete(call);
      lane.inFlight -= 1;
      lane.seenMs = now();
      // Trust comes back step by step.
      if (!call.lasts) lane.manners = lane.manners === 'slow' ? 'stranger' : 'quick';
    }
  }
}

/** A call that lasts is no longer in the way of strangers, as far as there are places at all. */
function hasPlace({ group, manners }: Call, calls: readonly Call[]): boolean {
  const ofGroup = calls.filter((call) => call.group === group);
  if (ofGroup.length >= perGroup.all) return false;
  if (manners === 'quick') return true;
  const isNotQuick = (call: Call) => call.manners !== 'quick';
  const isYoung = (call: Call) => isNotQuick(call) && !call.lasts;
  if (count(ofGroup, isNotQuick) >= perGroup.notQuick || count(calls, isNotQuick) >= atOnce.notQuick)
    return false;
  if (manners === 'slow') return count(calls, (call) => call.lasts || call.manners === 'slow') < slowAtOnce;
  return count(ofGroup, isYoung) < perGroup.young && count(calls, isYoung) < atOnce.young;
}

function count(calls: readonly Call[], which: (call: Call) => boolean): number {
  return calls.filter(which).length;
}

/** Somewhere between half of the time and all of it, so that those who were sent away together do not come together. */
function comeBackSeconds(manners: Manners, sentAway: number, random: number): number {
  const most = Math.min(longestComeBackSeconds, firstComeBackSeconds[manners] * 2 ** Math.min(sentAway, 16));
  return Math.round((most / 2) * (1 + random));
}

function forgetSome(lanes: Map<string, Lane>): void {
  for (const [origin, lane] of lanes) {
    if (lanes.size <= maxRemembered) return;
    if (lane.inFlight === 0) lanes.delete(origin);
  }
}
