// Mistakes that somebody could make, each as one replacement in one file of the service. None of them is ever in the
// code: seed-defect.ts puts one in while the file is loaded, and prove.ts sees whether a test turns red.

export interface Defect {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const worker = 'container-app/src';
const door = 'azure-function/src';
const core = 'shared/src';

export const defects: readonly Defect[] = [
  {
    name: 'delete-before-commit',
    file: `${worker}/process-job.ts`,
    find: "  const after = await inSpan('commit', {}, () =>",
    replace: "  await attempt.lease.acknowledge();\n  const after = await inSpan('commit', {}, () =>",
  },
  {
    name: 'commit-before-result',
    file: `${worker}/process-job.ts`,
    find: '  const stored = await Promise.allSettled([',
    replace:
      '  await Promise.race([new Promise((go) => setTimeout(go, 5))]);\n  const stored: PromiseSettledResult<void>[] = [];\n  void Promise.allSettled([',
  },
  {
    name: 'loser-thinks-it-won',
    file: `${worker}/process-job.ts`,
    find: "  if (!(after.status === 'completed' && after.result.key === resultKey)) {",
    replace: "  if (after.status === 'canceled') {",
  },
  {
    name: 'shared-result-name',
    file: `${worker}/attempt.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source as it stands
    find: '`results/${job.jobId}/${claim.attempt}-${claim.owner}.${extension}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source as it stands
    replace: '`results/${job.jobId}/${job.jobId.length > 0 ? 1 : 0}-result.${extension}`',
  },
  {
    name: 'heartbeat-missing',
    file: `${worker}/lease.ts`,
    find: 'renewRecord(renewing.signal)]);',
    replace: 'true]);\n    void renewRecord;',
  },
  {
    name: 'failed-renewal-ends-the-job',
    file: `${worker}/lease.ts`,
    find: 'messageIsOurs = !(error instanceof LeaseLost);',
    replace: 'messageIsOurs = false;\n      lost.abort(new LeaseLost(messageOf(error)));',
  },
  {
    name: 'attempts-from-dequeue-count',
    file: `${worker}/claim-job.ts`,
    find: '  const job = await patiently(leaseSeconds, signal, claim, outages.note).catch(kindOfFailure);',
    replace:
      "  if (Reflect.get(message, 'deliveries') > 5) return { kind: 'no_message' };\n  const job = await patiently(leaseSeconds, signal, claim, outages.note).catch(kindOfFailure);",
  },
  {
    name: 'claim-young-record',
    file: `${worker}/claim-job.ts`,
    find: 'if (waitSeconds > 0) return current;',
    replace: '',
  },
  {
    name: 'expired-not-checked',
    file: `${worker}/claim-job.ts`,
    find: 'if (isOverdue(job, now)) {',
    replace: 'if (job.expiresAt === undefined) {',
  },
  {
    name: 'early-message-dropped',
    file: `${worker}/process-message.ts`,
    find: 'if (message.ageSeconds > recordMissingSeconds) return',
    replace: 'if (message.ageSeconds <= recordMissingSeconds) return',
  },
  {
    name: 'ended-job-without-letter',
    file: `${worker}/process-message.ts`,
    find: 'await recordFailedJob(deps.deadLetters, claimed.job);',
    replace: '',
  },
  {
    name: 'outage-uses-attempts',
    file: `${worker}/settle-failure.ts`,
    find: "if (error.code === 'storage_unavailable') return",
    replace: "if (error.code === 'worker_crashed') return",
  },
  {
    name: 'loser-keeps-result',
    file: `${worker}/settle-failure.ts`,
    find: 'images.delete(resultKey), ',
    replace: '',
  },
  {
    name: 'winner-loses-result',
    file: `${worker}/settle-failure.ts`,
    find: "return stored?.job.status === 'completed' && stored.job.result.key === resultKey;",
    replace: 'return stored === undefined;',
  },
  {
    name: 'no-patience',
    file: `${worker}/patiently.ts`,
    find: 'return policy.execute(call,',
    replace: 'if (seconds > 0) return call();\n  return policy.execute(call,',
  },
  {
    name: 'lost-answer-to-receive',
    file: `${worker}/worker.ts`,
    find: 'await queue.receive(leaseSeconds);',
    replace: 'await queue.receive(leaseSeconds, { signal: stop });',
  },
  {
    name: 'no-fence',
    file: `${core}/transition.ts`,
    find: 'return holds(job, event.claim) ? ofClaimant(job, event) : job;',
    replace: "return job.status === 'processing' ? ofClaimant(job, event) : job;",
  },
  {
    name: 'no-crash-count',
    file: `${core}/transition.ts`,
    find: 'const crashed = { ...job, crashes: job.crashes + 1 };',
    replace: 'const crashed = { ...job };',
  },
  {
    name: 'hand-back-counts',
    file: `${core}/transition.ts`,
    find: 'return requeued({ ...job, handBacks: job.handBacks + 1 }, event.at);',
    replace: 'return requeued(job, event.at);',
  },
  {
    name: 'replay-keeps-attempts',
    file: `${core}/transition.ts`,
    find: "return { ...rest, ...freshCounts, status: 'queued',",
    replace: "return { ...freshCounts, ...rest, status: 'queued',",
  },
  {
    name: 'put-without-if-match',
    file: `${core}/azure/blob-job-store.ts`,
    find: 'if (await write(next, { ifMatch: record.etag }, options)) return next;',
    replace: "if (await write(next, { ifMatch: '*' }, options)) return next;",
  },
  {
    name: 'no-write-id',
    file: `${core}/azure/blob-job-store.ts`,
    find: 'if ((await read(jobId, options))?.writeId === writeId) return true;',
    replace: '',
  },
  {
    name: 'dead-letter-overwrites',
    file: `${core}/azure/blob-dead-letter-store.ts`,
    find: "await write(name, letter, { ifNoneMatch: '*' }, options);",
    replace: "await write(name, letter, {} as { ifNoneMatch: '*' }, options);",
  },
  {
    name: 'renew-with-old-receipt',
    file: `${core}/azure/storage-job-queue.ts`,
    find: 'popReceipt = answer.popReceipt ?? popReceipt;',
    replace: 'popReceipt = popReceipt ?? answer.popReceipt;',
  },
  {
    name: 'ttl-default',
    file: `${core}/azure/storage-job-queue.ts`,
    find: 'messageTimeToLive: timeToLive,',
    replace: 'messageTimeToLive: timeToLive === -1 ? 7 * 24 * 3600 : 1,',
  },
  {
    name: 'enqueue-first',
    file: `${door}/submit/accept-job.ts`,
    find: '      await deps.jobs.create(job);\n      isRecorded = true;\n      if (!isDone(job)) await sendJob(deps.queue, job);',
    replace: '      await sendJob(deps.queue, job);\n      await deps.jobs.create(job);',
  },
  {
    name: 'refused-job-stays',
    file: `${door}/submit/accept-job.ts`,
    find: '      maybeRecorded = true;\n      await deps.jobs.create(job);',
    replace: '      await deps.jobs.create(job);\n      maybeRecorded = true;',
  },
  {
    name: 'sweeper-without-head-test',
    file: `${door}/sweep/plan-repairs.ts`,
    find: ' && waiting.oldestSeconds < ageSeconds - margin;',
    replace: ' && margin > 0;',
  },
  {
    name: 'sweeper-not-idempotent',
    file: `${door}/sweep/apply-repair.ts`,
    find: "const after = ageSeconds > pauseSeconds ? transition(job, { type: 'resent' }) : job;",
    replace: "const after = pauseSeconds + ageSeconds >= 0 ? transition(job, { type: 'resent' }) : job;",
  },
  {
    name: 'sweeper-sends-unmarked',
    file: `${door}/sweep/apply-repair.ts`,
    find: '  await storage.jobs.update(jobId, marking, options);\n  if (!marked) return false;',
    replace:
      '  const unmarked = (await storage.jobs.get(jobId, options))?.job;\n  if (unmarked) await storage.queue.send(messageFor(unmarked), options);\n  await storage.jobs.update(jobId, marking, options);\n  if (marked || unmarked) return true;',
  },
  {
    name: 'replay-sends-before-record',
    file: `${door}/dead-letters/replay-job.ts`,
    find: '  const replay = await queueAgain(deps, job.jobId, replays);',
    replace:
      '  await deps.queue.send(messageFor(job));\n  const replay = await queueAgain({ ...deps }, job.jobId, replays);\n  if (replay.begun) {\n    await deps.deadLetters.mark(deadLetterName({ jobId: job.jobId, replays }), "replayed");\n    return replay;\n  }',
  },
  {
    name: 'forgets-what-is-replayed',
    file: `${door}/sweep/apply-repair.ts`,
    find: 'await storage.jobs.delete(jobId, isOld, options)',
    replace: 'await storage.jobs.delete(jobId, (job) => isOld(job, 0) || true, options)',
  },
  {
    name: 'forgets-images-first',
    file: `${door}/sweep/apply-repair.ts`,
    find: '  const isGone = await storage.jobs.delete(',
    replace:
      "  await removeTraces(storage, { jobId, createdAt: '2026-01-02T03:04:05.678Z' }, options);\n  const isGone = await storage.jobs.delete(",
  },
  {
    name: 'sweeper-overlooks-heartbeat',
    file: `${door}/sweep/apply-repair.ts`,
    find: "ageSeconds > silentSeconds ? transition(job, { type: 'lapsed', at }) : job,",
    replace: "ageSeconds + silentSeconds >= 0 ? transition(job, { type: 'lapsed', at }) : job,",
  },
  {
    name: 'sweeper-deletes-what-is-named',
    file: `${door}/sweep/apply-repair.ts`,
    find: ' : !isNameless(job, key);',
    replace: ' : isNameless(job, key) && false;',
  },
  {
    name: 'letters-stay-for-ever',
    file: `${door}/sweep/plan-repairs.ts`,
    find: "if (!job) return ageSeconds > failedRetentionHours * 3600 ? [{ kind: 'delete_letter', name }] : [];",
    replace: 'if (!job) return [];',
  },
  {
    name: 'sweep-without-bound',
    file: `${door}/sweep/sweep.ts`,
    find: '.slice(0, mostRepairs)',
    replace: '',
  },
  {
    name: 'open-jobs-last',
    file: `${door}/sweep/plan-repairs.ts`,
    find: '    ...jobs.filter(isOpen).flatMap((job) => ofOpenJob(job, snapshot, settings, now)),\n    ...ofNotices(snapshot, settings, now),\n    ...jobs.filter((job) => !isOpen(job)).flatMap((job) => ofEndedJob(job, told, snapshot, settings)),',
    replace:
      '    ...jobs.filter((job) => !isOpen(job)).flatMap((job) => ofEndedJob(job, told, snapshot, settings)),\n    ...jobs.filter(isOpen).flatMap((job) => ofOpenJob(job, snapshot, settings, now)),\n    ...ofNotices(snapshot, settings, now),',
  },
  {
    name: 'result-without-md5',
    file: `${worker}/process-job.ts`,
    find: '{ signal: atOnce, md5: digest }',
    replace: '{ signal: atOnce }',
  },
  {
    name: 'missing-record-impatience',
    file: `${worker}/process-message.ts`,
    find: 'const recordMissingSeconds = 600;',
    replace: 'const recordMissingSeconds = 5;',
  },
  {
    name: 'purge-of-a-later-failure',
    file: `${door}/dead-letters/purge-letter.ts`,
    find: ' && job.replays === (replays ?? 0)',
    replace: '',
  },
  {
    name: 'server-error-taken-for-no',
    file: `${core}/azure/storage-errors.ts`,
    find: ' || status >= 500',
    replace: '',
  },
  {
    name: 'key-claimed-after-record',
    file: `${door}/idempotency/make-once.ts`,
    find: 'if (await idempotencyKeys.create(name, mine)) return await begin(name, mine, false, undertaking);',
    replace:
      'if (!(await idempotencyKeys.get(name))) {\n        const outcome = await undertaking.takeIn(mine.id, unkeyed());\n        await idempotencyKeys.create(name, mine);\n        return { outcome, replayed: false };\n      }\n      void begin;',
  },
  {
    name: 'key-not-released',
    file: `${door}/idempotency/make-once.ts`,
    find: 'if (!isKept && !takenOver) await release().catch(() => {});',
    replace: 'void isKept;',
  },
  {
    name: 'key-not-fenced',
    file: `${door}/submit/accept-job.ts`,
    find: '  if (isDone(job) || job.confirmed) return job;\n  const { webhook: _webhook',
    replace: '  if (isDone(job)) return job;\n  const { webhook: _webhook',
  },
  {
    name: 'key-sent-again-makes-second-job',
    file: `${door}/idempotency/make-once.ts`,
    find: "if (earlier !== undefined && earlier !== 'withdrawn') return { outcome: earlier, replayed: true };",
    replace:
      "if (earlier !== undefined && earlier !== 'withdrawn')\n        return { outcome: await undertaking.takeIn(uuidv4(), unkeyed()), replayed: true };",
  },
  {
    name: 'cancel-overwrites-completed',
    file: `${core}/transition.ts`,
    find: '  if (isDone(job)) return job;\n',
    replace: "  if (isDone(job) && event.type !== 'cancel_requested') return job;\n",
  },
  {
    name: 'cancel-begun-again',
    file: `${core}/transition.ts`,
    find: '  if (job.cancelRequestedAt !== undefined) return canceled(job, at);\n  const { owner: _owner, startedAt',
    replace: '  const { owner: _owner, startedAt',
  },
  {
    name: 'canceled-job-keeps-result',
    file: `${worker}/settle-failure.ts`,
    find: '  await discardPictures(deps, attempt);',
    replace: "  if (settlement.outcome !== 'canceled') await discardPictures(deps, attempt);",
  },
  {
    name: 'thumbnail-stays',
    file: `${worker}/settle-failure.ts`,
    find: 'await Promise.all([images.delete(resultKey), images.delete(thumbnailKeyOf(resultKey))]);',
    replace: 'await images.delete(resultKey);\n    void thumbnailKeyOf;',
  },
  {
    name: 'traces-deleted-first',
    file: `${door}/jobs/delete-job.ts`,
    find: 'if (await deps.jobs.delete(job.jobId, () => true)) return await removeTraces(deps, job);',
    replace: 'await removeTraces(deps, job);\n    if (await deps.jobs.delete(job.jobId, () => true)) return;',
  },
  {
    name: 'sweeper-deletes-batch-inputs',
    file: `${door}/sweep/apply-repair.ts`,
    find: 'job === undefined ? (await batches.get(id, options)) !== undefined : ',
    replace: 'job === undefined ? batches === undefined : ',
  },
  {
    name: 'sweeper-forgets-open-batch',
    file: `${door}/sweep/apply-tidying.ts`,
    find: "if (job !== undefined && job !== 'gone' && mayNeedInputs(job)) return true;",
    replace: 'void job;\n    void mayNeedInputs;',
  },
  {
    name: 'sweeper-deletes-key-written-anew',
    file: `${door}/sweep/apply-tidying.ts`,
    find: 'if (!found || found.ageSeconds <= keptSeconds) return false;',
    replace: 'if (!found || keptSeconds < 0) return false;',
  },
  {
    name: 'sweeper-forgets-notices',
    file: `${door}/sweep/plan-repairs.ts`,
    find: '    ...ofNotices(snapshot, settings, now),\n',
    replace: '',
  },
  {
    name: 'sweeper-storms-receivers',
    file: `${door}/sweep/plan-repairs.ts`,
    find: 'if (notices.oldestSeconds > silentSeconds) return [];',
    replace: '',
  },
  {
    name: 'webhook-before-commit',
    file: `${door}/sweep/apply-repair.ts`,
    find: '    changed = after !== job;\n',
    replace:
      '    changed = after !== job;\n    if (changed && isDone(after)) void announce(notices, after, options);\n',
  },
  {
    name: 'delivery-tried-for-ever',
    file: `${door}/webhooks/find-due.ts`,
    find: 'if (delivery.round !== notice.round || delivery.triesInRound !== notice.attempt) {',
    replace: 'if (delivery.round !== notice.round) {',
  },
  {
    name: 'reuse-crosses-owner',
    file: `${core}/reuse-key.ts`,
    find: "['v1', owner, contentSha256,",
    replace: "['v1', owner.length < 0, contentSha256,",
  },
  {
    name: 'reuse-key-ignores-model-version',
    file: `${core}/reuse-key.ts`,
    find: 'styleSha256, model, inOrder]',
    replace: "styleSha256, model.split('@')[0], inOrder]",
  },
  {
    name: 'reuse-ignores-model-version',
    file: `${door}/reuse/reuse-of-results.ts`,
    find: "if (job?.status !== 'completed' || job.result.model !== model) return undefined;",
    replace: "if (job?.status !== 'completed' || model === '') return undefined;",
  },
];
