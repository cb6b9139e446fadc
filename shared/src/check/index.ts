// The door to the check: is everything that was promised kept? For operators, and for tests that break things.
export { type CheckedStorage, type CheckOptions, checkInvariants } from './check-invariants.ts';
export type { Decode } from './check-result.ts';
export { findSecrets } from './find-secrets.ts';
export type { ImageSize } from './image-size.ts';
export type {
  CheckReport,
  ClientCall,
  ForetoldWaits,
  Invariant,
  JobView,
  Violation,
} from './report.ts';
