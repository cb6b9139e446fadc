// One run, in rounds: start everything, submit under faults, let it come to rest, look at what is there.
import type { ClientCall } from '@impasto/shared/check';
import { makeRandom, type Random } from '../scripts/lib/random.ts';
import { makeAmbushes } from './ambush.ts';
import { attack } from './attack.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Ledger, makeLedger } from './ledger.ts';
import { makeNetworkFaults } from './network-faults.ts';
import type { ChaosOptions } from './options.ts';
import { type FaultRunner, makeFaultRunner } from './process-faults.ts';
import { type ChaosReport, failuresOf, type RoundReport, sumOf } from './report.ts';
import { checkUntilTidy, rest, stopAll } from './settle.ts';

interface RunOptions {
  readonly options: ChaosOptions;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
  /** Everything that is started registers how it is ended. */
  readonly resources: AsyncDisposableStack;
}

const noteEveryMs = 10_000;
export async function runChaos({ options, note, signal, resources }: RunOptions): Promise<ChaosReport> {
  const random = makeRandom(options.seed);
  const rounds = roundsOf(options);
  const reports: RoundReport[] = [];
  note(`seed ${options.seed}`);
  for (const [index, round] of rounds.entries()) {
    const name = rounds.length > 1 ? `round ${index + 1} of ${rounds.length}: ` : '';
    const ofRound = resources.use(new AsyncDisposableStack());
    const run = {
      options: round,
      signal,
      resources: ofRound,
      note: (line: string) => note(`${name}${line}`),
    };
    const report = await runRound(run, random.fork());
    reports.push(report);
    await ofRound.disposeAsync();
  }
  return sumOf(options, reports);
}

/** The options of each round: its share of everything. */
export function roundsOf(options: ChaosOptions): ChaosOptions[] {
  const count = Math.ceil(options.jobs / options.round);
  const share = (total: number, index: number) =>
    Math.floor((total * (index + 1)) / count) - Math.floor((total * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    ...options,
    jobs: share(options.jobs, index),
    kills: share(options.kills, index),
    outages: share(options.outages, index),
  }));
}

async function runRound(
  { options, note, signal, resources }: RunOptions,
  random: Random,
): Promise<RoundReport> {
  const ledger = makeLedger();
  const network = makeNetworkFaults(options.faultRate, random.fork());
  const ambushes = makeAmbushes();
  const unexpectedEnds: string[] = [];
  note(`starting the storage, the functions host and ${options.workers} workers`);
  const cluster = await startCluster({
    options,
    resources,
    rule: (call) => ambushes.rule(call) ?? network.rule(call),
    onAnswer: ledger.onAnswer,
    onUnexpectedEnd: (what) => {
      unexpectedEnds.push(what);
      note(`unexpected end: ${what}`);
    },
  });
  if (options.keep) note(`data and logs are in ${cluster.folder}`);
  const startedMs = performance.now();
  const faults = makeFaultRunner({ cluster, ambushes, ledger, random: random.fork(), signal });
  const history: ClientCall[] = [];
  const noting = setInterval(() => note(progressOf(ledger, faults, options)), noteEveryMs);
  resources.defer(() => clearInterval(noting));
  await attack({ options, cluster, ledger, faults, history, random, signal });
  note('the faults are over; waiting for everything to come to rest');
  cluster.proxy.setRule(undefined);
  await cluster.breakLock();
  if (!(await rest(cluster, ledger, options, signal))) note('not at rest in time');
  const check = await checkUntilTidy(cluster, history, options, signal);
  const seconds = (performance.now() - startedMs) / 1000;
  await stopAll(cluster, faults);
  const { counts, terminationSeconds, badTerminations } = faults.record;
  const report = {
    seconds,
    accepted: ledger.acceptedCount,
    submissions: submissionsOf(history),
    check,
    executedMoreThanOnce: ledger.executedTwice().length,
    committedMoreThanOnce: ledger.committedTwice(),
    unfinished: ledger.unfinished(),
    takeOverSeconds: ledger.takeOverSeconds,
    terminationSeconds,
    badTerminations,
    kills: killsOf(faults),
    outages: counts['storage paused'],
    processFaults: counts,
    networkFaults: Object.fromEntries(network.counts),
    unexpectedEnds,
  };
  tellOfFailures(report, cluster, note);
  return report;
}

/** Whoever looks for the cause needs the logs and the data of this very round. */
function tellOfFailures(
  report: RoundReport,
  { folder, keepFolder }: Cluster,
  note: (line: string) => void,
): void {
  const failures = failuresOf(report);
  if (failures.length === 0) return;
  for (const line of failures) note(`VIOLATION ${line}`);
  keepFolder();
  note(`data and logs are kept in ${folder}`);
}

function submissionsOf(history: readonly ClientCall[]): RoundReport['submissions'] {
  const submits = history.filter(({ call }) => call === 'submit');
  const count = (which: ClientCall['outcome']) => submits.filter(({ outcome }) => outcome === which).length;
  return { refused: count('fail'), unknown: count('unknown') };
}

function killsOf({ record: { counts } }: FaultRunner): number {
  return (
    counts['worker killed at a call'] +
    counts['worker killed at any time'] +
    counts['host killed in a submission']
  );
}

function progressOf(ledger: Ledger, faults: FaultRunner, { jobs, kills }: ChaosOptions): string {
  const { acceptedCount, openCount } = ledger;
  const ended = acceptedCount - openCount;
  return `${acceptedCount} of ${jobs} accepted, ${ended} ended, ${killsOf(faults)} of ${kills} kills`;
}
