// The secret with which this stack signs webhooks: made at the first start, kept for all others.
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface WebhookSecret {
  /** For WEBHOOK_SECRETS. Whoever exchanges secrets writes both into the file, the newest first. */
  readonly text: string;
  readonly file: string;
}

const secretBytes = 32;

/** @param dataDir which this process alone works in. */
export async function keepWebhookSecret(dataDir: string): Promise<WebhookSecret> {
  const file = join(dataDir, 'webhook.secret');
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return { file, text: kept.trim() || (await makeSecret(file)) };
}

/** Whole or not at all, and for the owner of the folder alone. */
async function makeSecret(file: string): Promise<string> {
  const text = `whsec_${randomBytes(secretBytes).toString('base64')}`;
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return text;
}
