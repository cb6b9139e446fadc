// The door to the rules of scaling, which the local stack and the plan go by.
export {
  fixedScaleSettings,
  initialScaleState,
  pollActivity,
  type ScaleSettings,
  syncReplicas,
  syncSeconds,
} from './replicas.ts';
