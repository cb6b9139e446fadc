// From what was simulated to what is used in a month, in the units that are billed.
import { type StateSeconds, sumOfStates } from '../simulation/timeline.ts';
import type { Profile } from '../stage-times.ts';
import * as calls from './calls.ts';
import { daysPerMonth, deployment, secondsPerDay } from './deployment.ts';
import type { PriceName } from './prices.ts';

/** Units of each price in a month. */
export type Usage = Readonly<Record<PriceName, number>>;

export interface Activity {
  readonly days: number;
  readonly jobs: number;
  /** Longer side of the pictures. */
  readonly side: number;
  readonly replica: Profile['replica'];
  readonly replicaSeconds: StateSeconds;
  /** Looks of the scaler at the queue. */
  readonly scalerLooks: number;
  /** Longest pause of an idle worker. */
  readonly pollSeconds: number;
}

export function monthlyUsage(activity: Activity): Usage {
  const { replica, side } = activity;
  const perMonth = daysPerMonth / activity.days;
  const jobs = activity.jobs * perMonth;
  const replicaSeconds = sumOfStates(activity.replicaSeconds) * perMonth;
  const sweeps = (daysPerMonth * secondsPerDay) / deployment.sweepSeconds;
  const resultBytes = calls.pixelsOf(side) * calls.resultBytesPerPixel;
  const executions = jobs * (2 + calls.looksPerJob) + sweeps;
  return {
    gpuT4Second: replica.gpu === 't4' ? replicaSeconds : 0,
    gpuA100Second: replica.gpu === 'a100' ? replicaSeconds : 0,
    vcpuSecond: replicaSeconds * replica.vcpu,
    gibSecond: replicaSeconds * replica.memoryGib,
    functionGbSecond: executions * deployment.functionLeastSeconds * deployment.functionMemoryGb,
    functionExecution: executions,
    ...storageCalls(activity, jobs, replicaSeconds, sweeps),
    blobGbMonth: keptGb(jobs, calls.inputBytes + resultBytes + calls.thumbnailBytes),
    registryDay: daysPerMonth,
    logGb: logGb(jobs, replicaSeconds, sweeps),
    keyVaultCall: calls.keyVaultCallsPerMonth,
    egressGb: (jobs * resultBytes) / 1e9,
    alertRule5Minutes: deployment.alertRules5Minutes,
    alertRule15Minutes: deployment.alertRules15Minutes,
  };
}

function storageCalls(activity: Activity, jobs: number, replicaSeconds: number, sweeps: number) {
  const perMonth = daysPerMonth / activity.days;
  const { callsOfJob, callsOfLook, callsOfSweep, looksPerJob } = calls;
  const namesKept = (jobs / daysPerMonth) * deployment.retentionDays * calls.namesPerKeptJob;
  const lists = sweeps * (namesKept / calls.namesPerList);
  const reports = replicaSeconds / calls.reportSeconds;
  const emptyLooks =
    jobs * calls.emptyLooksAfterJob + (activity.replicaSeconds.idle * perMonth) / activity.pollSeconds;
  const hostLooks = (daysPerMonth * secondsPerDay) / calls.hostLookSeconds;
  const ofJobs = (kind: keyof typeof callsOfJob) =>
    jobs * (callsOfJob[kind] + looksPerJob * callsOfLook[kind]);
  return {
    blobWrite: ofJobs('blobWrites') + sweeps * callsOfSweep.blobWrites + lists + reports,
    blobRead: ofJobs('blobReads') + sweeps * callsOfSweep.blobReads,
    queueCall:
      ofJobs('queueCalls') +
      sweeps * callsOfSweep.queueCalls +
      activity.scalerLooks * perMonth +
      emptyLooks +
      hostLooks,
  };
}

/** Gigabytes that are there at any moment. */
function keptGb(jobs: number, bytesPerJob: number): number {
  const days = deployment.retentionDays + deployment.undeleteDays;
  return ((jobs / daysPerMonth) * days * bytesPerJob) / 1e9;
}

function logGb(jobs: number, replicaSeconds: number, sweeps: number): number {
  const { logBytesPerJob, logBytesPerReplicaSecond, logBytesPerSweep } = calls;
  const bytes = jobs * logBytesPerJob + replicaSeconds * logBytesPerReplicaSecond + sweeps * logBytesPerSweep;
  return bytes / 1e9;
}
