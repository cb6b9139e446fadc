export { decideReplicas, initialScaleState, type ScaleSettings, type ScaleState } from './replicas.ts';
