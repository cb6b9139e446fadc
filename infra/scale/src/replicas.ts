// How many workers there should be, as pure functions of what the queue says and what was recommended before.
// On Azure Container Apps two clocks decide, and so there are two functions, each for one tick of its clock:
//   pollActivity   KEDA, each polling interval: 0 to 1, and from whatever number to 0
//   syncReplicas   the Horizontal Pod Autoscaler, each 15 s: between 1 and the most that are allowed
// Both take a count that could not be read, and then leave everything as it is.
// Read in kedacore/keda pkg/scaling/executor/scale_scaledobjects.go and in kubernetes/kubernetes
// pkg/controller/podautoscaler/{horizontal,replica_calculator}.go; KEDA sets no `behavior` unless it is told to.

export interface ScaleSettings {
  /** At least 1. */
  readonly maxReplicas: number;
  /** Messages for each worker. */
  readonly queueLength: number;
  /** No worker is woken, and none kept, for so many messages or fewer. */
  readonly activationQueueLength: number;
  /** Time without activity after which all workers go. */
  readonly cooldownSeconds: number;
  /** Time for which the highest recommendation holds. */
  readonly stabilisationSeconds: number;
}

/** What our scale rule says, and what Container Apps does not let anybody change. */
export const fixedScaleSettings = {
  activationQueueLength: 0,
  stabilisationSeconds: 300,
} as const satisfies Partial<ScaleSettings>;

/** Seconds between two looks of the Horizontal Pod Autoscaler; nobody can change it there. */
export const syncSeconds = 15;

export interface ScaleState {
  /** When KEDA last saw activity. */
  readonly activeAtMs?: number;
  /** What the count alone asked for, within the stabilisation window, oldest first. */
  readonly recommendations: readonly { readonly atMs: number; readonly replicas: number }[];
}

export interface Observation {
  /** Messages in the queue, those being worked on included; undefined when the queue cannot be read. */
  readonly count: number | undefined;
  /** Workers asked for by the decision before this one; those that are on their way out do not count. */
  readonly current: number;
  readonly nowMs: number;
  readonly state: ScaleState;
  readonly settings: ScaleSettings;
}

export interface ScaleDecision {
  readonly replicas: number;
  readonly state: ScaleState;
}

export const initialScaleState: ScaleState = { recommendations: [] };

/** One look of KEDA. */
export function pollActivity({ count, current, nowMs, state, settings }: Observation): ScaleDecision {
  if (count === undefined) return { replicas: current, state };
  if (count > settings.activationQueueLength)
    return { replicas: Math.max(1, current), state: { ...state, activeAtMs: nowMs } };
  // Never seen active means scaled by another hand; KEDA does not wait then. It keeps whole seconds of the time of the
  // last activity, so that a look exactly one cooldown later is late enough.
  const idleMs = nowMs - (state.activeAtMs ?? Number.NEGATIVE_INFINITY);
  return { replicas: idleMs >= settings.cooldownSeconds * 1_000 ? 0 : current, state };
}

/** A ratio of messages to what the workers are there for that is as close to 1 changes nothing. */
const tolerance = 0.1;

/** One look of the Horizontal Pod Autoscaler, which leaves alone what is at zero. */
export function syncReplicas({ count, current, nowMs, state, settings }: Observation): ScaleDecision {
  if (count === undefined || current === 0) return { replicas: current, state };
  const wanted = recommend(count, current, settings.queueLength);
  const windowMs = settings.stabilisationSeconds * 1_000;
  // Nothing is forgotten at zero: who wakes within the window comes up to what there was before.
  const recent = state.recommendations.filter(({ atMs }) => nowMs - atMs <= windowMs);
  const recommendations = [...recent, { atMs: nowMs, replicas: wanted }];
  const stabilised = Math.max(...recommendations.map(({ replicas }) => replicas));
  const most = Math.min(settings.maxReplicas, stepLimit(current));
  return { replicas: Math.min(most, Math.max(1, stabilised)), state: { ...state, recommendations } };
}

function recommend(count: number, current: number, queueLength: number): number {
  const ratio = count / (queueLength * current);
  const isClose = ratio >= 1 - tolerance && ratio <= 1 + tolerance;
  return isClose ? current : Math.ceil(count / queueLength);
}

/** The most that one step may lead to. */
function stepLimit(current: number): number {
  return Math.max(4, 2 * current);
}
