// How the command line gets at the storage itself, for the commands that look behind the service. The only file of the
// client that knows the adapters, and it loads them when it is asked: whoever paints a picture waits for no SDK.
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Environment, parseEnvironment } from '../environment.ts';
import { messageOf } from '../errors.ts';
import { type StorageSettings, storageEnvironment } from '../storage-environment.ts';
import { StyleTransferError } from './error.ts';

export interface StorageOptions {
  readonly account?: string;
  readonly connectionStringEnv: string;
  readonly storageEnv?: string;
}

/**
 * A connection string holds a key: it has no place among arguments, which every process of a machine may read. The
 * file's option is not called --env-file because Node takes that for its own wherever it stands.
 */
export function addStorageOptions(command: Command): Command {
  return command
    .option('--account <name>', 'storage account, with the rights of az login or a managed identity')
    .option(
      '--connection-string-env <variable>',
      'variable that holds a connection string instead',
      'STORAGE_CONNECTION_STRING',
    )
    .option('--storage-env <file>', 'file with that variable; npm start keeps .impasto/storage.env');
}

/** @throws StyleTransferError `invalid_argument` or `local_file`. */
export async function openStorage(options: StorageOptions) {
  const settings = await settingsFrom(options);
  const { connectStorage } = await import('../azure/index.ts');
  try {
    return connectStorage(settings);
  } catch (error) {
    // What was received stays out of the message: it holds a key.
    const message = `Expected a storage connection string, for ${options.connectionStringEnv}, received another text.`;
    throw new StyleTransferError('invalid_argument', message, { cause: error });
  }
}

async function settingsFrom(options: StorageOptions): Promise<StorageSettings> {
  const { account, connectionStringEnv, storageEnv } = options;
  if (account !== undefined) return parsed({ STORAGE_ACCOUNT_NAME: account });
  const variables = storageEnv === undefined ? process.env : await readEnvironment(storageEnv);
  const { STORAGE_ACCOUNT_NAME, [connectionStringEnv]: STORAGE_CONNECTION_STRING } = variables;
  if (STORAGE_CONNECTION_STRING || STORAGE_ACCOUNT_NAME)
    return parsed({ STORAGE_CONNECTION_STRING, STORAGE_ACCOUNT_NAME });
  const expected = `Expected --account, or a connection string in ${connectionStringEnv}`;
  const hint = 'of a local service: --storage-env .impasto/storage.env';
  throw new StyleTransferError('invalid_argument', `${expected}, received neither (${hint}).`);
}

function parsed(variables: Environment): StorageSettings {
  try {
    return parseEnvironment(z.object(storageEnvironment), variables);
  } catch (error) {
    throw new StyleTransferError('invalid_argument', `${messageOf(error)}.`, { cause: error });
  }
}

async function readEnvironment(file: string): Promise<Environment> {
  try {
    return parseEnv(await readFile(file, 'utf8'));
  } catch (error) {
    const message = `Expected a file of variables, for --storage-env, received ${file} (${messageOf(error)}).`;
    throw new StyleTransferError('local_file', message, { cause: error });
  }
}
