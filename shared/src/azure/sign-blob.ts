// Addresses that carry a shared access signature: one blob, reading only, for a short time. They name no time from which
// they hold: by another machine's clock it might not have come yet.
import { BlobSASPermissions, type BlockBlobClient, SASProtocol } from '@azure/storage-blob';
import type { CallOptions, SignedAddress } from '../ports.ts';
import type { DelegationKey } from './delegation-key.ts';

export type SignBlob = (
  blob: BlockBlobClient,
  options: CallOptions & { readonly seconds: number; readonly fileName: string },
) => Promise<SignedAddress>;

/** Signs with the account's key, which a client made from a connection string holds. */
export function signWithAccountKey(): SignBlob {
  return async (blob, options) => {
    const terms = termsOf(blob, options);
    return signed(await blob.generateSasUrl(terms), terms);
  };
}

/**
 * Signs in the name of the identity that the key was given to; nobody needs the account's own key.
 * @throws JobError `storage_unavailable` where there is no key.
 */
export function signWithDelegationKey(keyFor: DelegationKey): SignBlob {
  return async (blob, options) => {
    const terms = termsOf(blob, options);
    return signed(await blob.generateUserDelegationSasUrl(terms, await keyFor(terms.expiresOn)), terms);
  };
}

interface Terms {
  readonly permissions: BlobSASPermissions;
  readonly expiresOn: Date;
  readonly contentDisposition: string;
  readonly protocol?: SASProtocol;
}

function termsOf(
  { url }: BlockBlobClient,
  { seconds, fileName }: { readonly seconds: number; readonly fileName: string },
): Terms {
  const isEmulator = url.startsWith('http:');
  return {
    permissions: BlobSASPermissions.from({ read: true }),
    // An address knows whole seconds: what we say of its end is to be what it says itself.
    expiresOn: new Date(Math.floor(Date.now() / 1000 + seconds) * 1000),
    contentDisposition: `inline; filename="${fileName}"`,
    ...(!isEmulator && { protocol: SASProtocol.Https }),
  };
}

function signed(url: string, { expiresOn }: Terms): SignedAddress {
  return { url, expiresAt: expiresOn.toISOString() };
}
