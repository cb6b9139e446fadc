// Storage emulators side by side: one process, and an account of its own for each play, so that no two share a queue.
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { startAzurite } from '@impasto/shared/testing/azurite';
import type { FaultyPorts } from '../shared/src/testing/fault-points.ts';

export interface Accounts {
  /** Ports on an account that nobody has used, containers and queue in place. */
  open(): Promise<FaultyPorts>;
  stop(): Promise<void>;
}

const emulatorsAccount = /AccountName=(?<name>\w+);AccountKey=(?<key>[^;]+)/;

/** @param count how many accounts there are to be had. */
export async function startAccounts(count: number): Promise<Accounts> {
  const names = Array.from({ length: count }, (_, index) => `account${index}`);
  // The emulator reads its accounts from the environment, again and again.
  process.env.AZURITE_ACCOUNTS = names.map((name) => `${name}:${keyOf(name)}`).join(';');
  const emulator = await startAzurite();
  const { name = '', key = '' } = emulatorsAccount.exec(emulator.connectionString)?.groups ?? {};
  return {
    async open() {
      const own = names.shift();
      if (own === undefined) throw new Error(`Expected at most ${count} accounts to be asked for`);
      const settings = {
        STORAGE_CONNECTION_STRING: emulator.connectionString.replaceAll(name, own).replace(key, keyOf(own)),
      };
      await createContainersAndQueue(settings);
      return connectStorage(settings);
    },
    async stop() {
      await emulator.stop();
      delete process.env.AZURITE_ACCOUNTS;
    },
  };
}

function keyOf(name: string): string {
  return Buffer.from(name).toString('base64');
}
