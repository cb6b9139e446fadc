// Who the app is to Azure: its own managed identity where it was given one, else whatever identity or login is found.
import type { TokenCredential } from '@azure/identity';

/**
 * A credential that knows nothing before it is first asked: the library behind it is large, and most commands and local
 * runs never need it.
 * @param clientId of the user-assigned managed identity; without it every place is searched, a developer's login too.
 */
export function makeCredential(clientId: string | undefined): TokenCredential {
  let opening: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      opening ??= import('./open-credential.ts').then(({ openCredential }) => openCredential(clientId));
      return (await opening).getToken(scopes, options);
    },
  };
}
