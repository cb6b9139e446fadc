export {
  fixedScaleSettings,
  initialScaleState,
  type Observation,
  pollActivity,
  type ScaleDecision,
  type ScaleSettings,
  type ScaleState,
  syncReplicas,
  syncSeconds,
} from './replicas.ts';
