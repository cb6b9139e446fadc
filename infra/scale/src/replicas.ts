// How many workers there should be, as a pure function of what the queue says and what was recommended before.
// The rules are those of Azure Container Apps with a queue scaler of queueLength 1 and queueLengthStrategy "all":
//   0 to 1       KEDA, as soon as a message is there
//   up to N      the Horizontal Pod Autoscaler, at once
//   down to M>0  the same, to the highest recommendation of the last 300 s (its stabilisation window)
//   to 0         KEDA, from whatever number, once there was no message for the cooldown
// https://keda.sh/docs/latest/concepts/scaling-deployments/ and
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window

const stabilisationSeconds = 300;

export interface ScaleSettings {
  readonly maxReplicas: number;
  readonly cooldownSeconds: number;
}

export interface ScaleState {
  /** When a message was last seen. */
  readonly activeAtMs?: number;
  /** What the count alone asked for, within the stabilisation window, oldest first. */
  readonly recommendations: readonly { readonly atMs: number; readonly replicas: number }[];
}

interface Observation {
  /** Messages in the queue, those being worked on included. */
  readonly count: number;
  /** Workers asked for by the decision before this one. */
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

export function decideReplicas({ count, current, nowMs, state, settings }: Observation): ScaleDecision {
  const activeAtMs = count > 0 ? nowMs : (state.activeAtMs ?? nowMs);
  const cooledDown = count === 0 && nowMs - activeAtMs >= settings.cooldownSeconds * 1_000;
  if (cooledDown || (count === 0 && current === 0)) return { replicas: 0, state: initialScaleState };

  const wanted = Math.min(settings.maxReplicas, Math.max(1, count));
  const recent = state.recommendations.filter(({ atMs }) => nowMs - atMs < stabilisationSeconds * 1_000);
  const recommendations = [...recent, { atMs: nowMs, replicas: wanted }];
  const stabilised = Math.max(...recommendations.map(({ replicas }) => replicas));
  const replicas = Math.max(wanted, Math.min(current, stabilised));
  return { replicas, state: { activeAtMs, recommendations } };
}
