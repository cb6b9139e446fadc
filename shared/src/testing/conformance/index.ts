// The door to checking answers against the description of the API.
export { type Checks, checkFetches, fetchConformance } from './checked-fetch.ts';
export { type Conformance, makeConformance, type SeenAnswer } from './conformance.ts';
export {
  type OpenApiDocument,
  operationsAt,
  operationsIn,
  type PlacedOperation,
  type Schema,
} from './document.ts';
