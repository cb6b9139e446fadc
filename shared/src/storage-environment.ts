// The environment variables that say where the storage is; each app's own schema spreads them in.
import { z } from 'zod';

export const storageEnvironment = {
  /** Storage account reached with the app's managed identity (or the developer's own login). */
  STORAGE_ACCOUNT_NAME: z
    .string()
    .regex(/^[a-z0-9]{3,24}$/, 'expected a storage account name of 3 to 24 lower-case letters and digits')
    .optional(),
  /** Which of the app's managed identities it is; the identity library reads it by itself. */
  AZURE_CLIENT_ID: z.string().min(1).optional(),
  /** For the emulator, which knows no identities. */
  STORAGE_CONNECTION_STRING: z.string().min(1).optional(),
} as const;

export interface StorageSettings {
  readonly STORAGE_ACCOUNT_NAME?: string | undefined;
  readonly STORAGE_CONNECTION_STRING?: string | undefined;
}
