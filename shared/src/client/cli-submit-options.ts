// The options of whatever is sent: how to paint, and what is to be done with the job beside; and what they mean.
import { type Command, InvalidArgumentError } from 'commander';
import { limits, type WebhookEvent, webhookEvents } from '../submission.ts';
import { addStyleOptions, type StyleOptions, seconds } from './cli-options.ts';
import type { HandlingParameters, StyleParameters } from './job-request.ts';
import type { SubmitOptions } from './submit.ts';

export interface SubmitCommandOptions extends StyleOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly webhookUrl?: string;
  readonly webhookEvent?: readonly WebhookEvent[];
  readonly retentionHours?: number;
  /** False with --no-cache. */
  readonly cache?: boolean;
  readonly idempotencyKey?: string;
  readonly wait?: number;
}

export function addSubmitOptions(command: Command): Command {
  const { minRetentionHours, maxRetentionHours, maxMetadataPairs, maxWaitSeconds } = limits;
  return addStyleOptions(command)
    .option('--metadata <key=value>', `your own note on the job, up to ${maxMetadataPairs}`, pair)
    .option('--webhook-url <address>', 'https address that is told how the job ends')
    .option('--webhook-event <name>', `what it is told of: ${webhookEvents.join(', ')}`, event)
    .option(
      '--retention-hours <hours>',
      `how long job and pictures are kept after the end, ${minRetentionHours} to ${maxRetentionHours}`,
      seconds,
    )
    .option('--no-cache', 'paint anew even where the same picture was painted before')
    .option('--idempotency-key <key>', 'sent again with the same key, a job is not made twice')
    .option(
      '--wait <seconds>',
      `let the service wait for the job to be done, up to ${maxWaitSeconds}`,
      seconds,
    );
}

/** One `key=value` more; the value may hold further signs of equality. */
export function pair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError(`Expected key=value, received "${text}".`);
}

function event(text: string, before: readonly WebhookEvent[] = []): WebhookEvent[] {
  const known = webhookEvents.find((name) => name === text);
  if (known) return [...before, known];
  throw new InvalidArgumentError(`Expected one of ${webhookEvents.join(', ')}, received "${text}".`);
}

export function parametersFrom(options: SubmitCommandOptions): StyleParameters & HandlingParameters {
  const { influence, creativity, maxSide, model, seed, metadata, webhookUrl, retentionHours } = options;
  return {
    ...{ influence, creativity, maxSide, model, seed, metadata, webhookUrl, retentionHours },
    additionalPrompt: options.prompt,
    outputFormat: options.format,
    outputQuality: options.quality,
    webhookEvents: options.webhookEvent,
    noCache: options.cache === false ? true : undefined,
  };
}

export function sendingFrom(
  { idempotencyKey, wait }: SubmitCommandOptions,
  signal: AbortSignal,
): SubmitOptions {
  return { idempotencyKey, waitSeconds: wait, signal };
}
