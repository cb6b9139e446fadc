// What `@azure/functions` asks its host for under the name '@azure/functions-core': here the library registers
// functions and hooks. The real module exists only inside the Functions runtime. One app per process, as there.

export interface Binding {
  readonly type: string;
  readonly name: string;
  readonly direction: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly [setting: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export type FunctionCallback = (...inputs: readonly unknown[]) => unknown;

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** One invocation, as the library sees it. */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

export interface TypedData {
  readonly http?: HttpData;
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
}

export interface HttpData {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly unknown[];
  readonly body?: TypedData | null;
}

export interface ProgrammingModel {
  getInvocationModel(context: object): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

type HookName = 'appStart' | 'appTerminate';
type HookCallback = (context: object) => unknown;
type LogSink = (level: string, category: string, message: string) => void;

const functions: RegisteredFunction[] = [];
const hooks: Record<HookName, Set<HookCallback>> = { appStart: new Set(), appTerminate: new Set() };
let model: ProgrammingModel | undefined;
let sink: LogSink | undefined;

/** What an app has registered so far; for the host, not for the library. */
export const registrations = {
  functions: functions as readonly RegisteredFunction[],
  model: () => model,
  runHooks: async (name: HookName) => {
    for (const hook of hooks[name]) await hook({ hookData: {}, appHookData: {} });
  },
  logTo: (receive: LogSink) => {
    sink = receive;
  },
};

// From here on: the interface that the library expects.

export const version = '3.0.0';
export const hostVersion = '4.0.0';

export class Disposable {
  readonly #dispose: () => void;
  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }
  dispose(): void {
    this.#dispose();
  }
}

/** @throws Error when a name is taken: the platform refuses such an app, too. */
export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  if (functions.some((known) => known.metadata.name.toLowerCase() === metadata.name.toLowerCase())) {
    throw new Error(`Expected a name of its own for each function, received "${metadata.name}" twice`);
  }
  const registered = { metadata, callback };
  functions.push(registered);
  return new Disposable(() => functions.splice(functions.indexOf(registered), 1));
}

/** @throws Error for a hook that this host would never call; better a refusal than silence. */
export function registerHook(name: string, callback: HookCallback): Disposable {
  if (name !== 'appStart' && name !== 'appTerminate') {
    throw new Error(`Expected an appStart or appTerminate hook, received ${name}: this host runs no others`);
  }
  hooks[name].add(callback);
  return new Disposable(() => hooks[name].delete(callback));
}

export function setProgrammingModel(value: ProgrammingModel): void {
  model = value;
}

export function getProgrammingModel(): ProgrammingModel | undefined {
  return model;
}

export function log(level: string, category: string, message: string): void {
  sink?.(level, category, message);
}
