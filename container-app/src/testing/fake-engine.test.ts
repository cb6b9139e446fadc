// Holds the fake engine to the contract that the real one keeps.
import { describeEngine } from './engine-contract.ts';
import { makeFakeEngine } from './fake-engine.ts';

const engine = makeFakeEngine();
describeEngine('fake', () => engine);
