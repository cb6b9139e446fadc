// A circuit breaker around the door's storage: when it has failed several times in a row, callers hear so at once
// instead of waiting for yet another time limit, until a single call finds it well again.
import { JobError, type Logger } from '@impasto/shared';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';

const failuresToOpen = 5;
const openSeconds = 5;

/**
 * Lists give something to iterate over, not a promise; what is done with it meets the circuit soon enough. Signing asks
 * for a key of its own now and then: that a right is missing for this says nothing of the storage.
 */
const unguarded: readonly string[] = ['jobs.list', 'images.list', 'images.sign'];

type Method = (...args: unknown[]) => unknown;

/**
 * Guards the methods of these ports with one circuit between them.
 * @param ports by name, such as `jobs`.
 * @param service what the ports have in common, for the log.
 */
export function withCircuit<Ports extends object>(ports: Ports, service: string, log: Logger): Ports {
  const policy = circuitBreaker(handleWhen(isOutage), {
    breaker: new ConsecutiveBreaker(failuresToOpen),
    halfOpenAfter: openSeconds * 1000,
  });
  logChanges(policy, service, log);

  async function guarded(call: () => unknown): Promise<unknown> {
    // The library lets others wait for the call that tries the storage out; that can take as long as its time limit.
    if (policy.state === CircuitState.HalfOpen) throw leftAlone(service, new BrokenCircuitError());
    try {
      return await policy.execute(call);
    } catch (error) {
      throw error instanceof BrokenCircuitError ? leftAlone(service, error) : error;
    }
  }

  return mapValues(ports, (port, portName) =>
    mapValues(port, (method, name) =>
      unguarded.includes(`${portName}.${name}`)
        ? method
        : (...args: unknown[]) => guarded(() => (method as Method).apply(port, args)),
    ),
  );
}

/** The same object with other values: the caller sees to it that each value keeps its type. */
function mapValues<T extends object>(object: T, change: (value: object, name: string) => unknown): T {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)])) as T;
}

/** Whether a call was refused without an attempt. */
export function isCircuitOpen(thrown: unknown): boolean {
  return thrown instanceof JobError && thrown.cause instanceof BrokenCircuitError;
}

/** That a job is missing, or was changed by somebody else, is an answer: the storage is well. */
function isOutage(error: Error): boolean {
  return error instanceof JobError && error.code === 'storage_unavailable';
}

function leftAlone(service: string, cause: BrokenCircuitError): JobError {
  const detail = `The ${service} storage failed ${failuresToOpen} times in a row and is left alone for a moment`;
  return new JobError('storage_unavailable', detail, { cause, retryAfterSeconds: openSeconds });
}

/** One line for an outage, however often the storage is tried out in between, and one for its end. */
function logChanges(policy: CircuitBreakerPolicy, service: string, log: Logger): void {
  let open = false;
  policy.onBreak((reason) => {
    if (!open) log.error('circuit.opened', { service, error: 'error' in reason ? reason.error : reason });
    open = true;
  });
  policy.onReset(() => {
    if (open) log.info('circuit.closed', { service });
    open = false;
  });
}
