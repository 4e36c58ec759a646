/**
 * The identity provider, as far as a node uses it: OpenID Connect Core 1.0, authorization code flow with PKCE. It is discovered
 * when somebody first signs in, and again until that works: a provider that is down stops nobody who is signed in.
 */
import { createRemoteJWKSet, customFetch, importJWK, type JWTVerifyGetKey } from 'jose';
import * as openid from 'openid-client';
import { AccessError } from '../access-error.ts';
import { makeProviderFetch } from './provider-fetch.ts';
import type { SignInSettings } from './settings.ts';

const TIMEOUT_S = 8;
/** Keys are fetched again for a key id nobody knows, at most so often: anybody may send us a logout token. */
const KEYS_COOLDOWN_MS = 5_000;
/** A key the provider has withdrawn is good for so long at most. */
const KEYS_AGE_MS = 10 * 60_000;

export const CALLBACK_PATH = '/sign-in/callback';

/** What is asked of the provider for one sign-in. */
export interface Asking {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Whether the person must prove anew who they are, whatever session the provider has. */
  readonly fresh: boolean;
  /** Proof older than this is not good enough, in seconds. */
  readonly maxAgeS: number;
  readonly acr: readonly string[];
}

export interface Provider {
  readonly issuer: string;
  readonly clientId: string;
  /** Where to send the browser. @throws AccessError PROVIDER_AWAY */
  readonly authorize: (asking: Asking) => Promise<URL>;
  /**
   * Takes what the browser brought back to the provider.
   * @param query of the callback, with its `?`
   * @returns the ID token, which nobody has verified yet
   * @throws AccessError PROVIDER_AWAY, SIGN_IN_REFUSED, TOKEN_INVALID
   */
  readonly redeem: (query: string, asked: Pick<Asking, 'state' | 'nonce' | 'verifier'>) => Promise<string>;
  /** Finds the provider's key of a token. @throws AccessError PROVIDER_AWAY; JOSEError */
  readonly findKey: JWTVerifyGetKey;
  /** Where a person ends the session there as well; null where the provider has no such place or is not known yet. */
  readonly endSessionUrl: () => string | null;
}

/** @param keysCooldownMs see KEYS_COOLDOWN_MS */
export function openProvider(settings: SignInSettings, keysCooldownMs = KEYS_COOLDOWN_MS): Provider {
  const { issuer, clientId, address, scope } = settings;
  let found: Discovered | null = null;
  let discovering: Promise<Discovered> | null = null;
  const discover = async (): Promise<Discovered> => {
    if (found) return found;
    discovering ??= discoverProvider(settings, keysCooldownMs).finally(() => {
      discovering = null;
    });
    found = await discovering;
    return found;
  };
  return {
    issuer,
    clientId,
    authorize: async ({ state, nonce, verifier, fresh, maxAgeS, acr }) =>
      openid.buildAuthorizationUrl((await discover()).configuration, {
        redirect_uri: `${address}${CALLBACK_PATH}`,
        scope,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        acr_values: acr.join(' '),
        max_age: String(maxAgeS),
        ...(fresh ? { prompt: 'login' } : {}),
      }),
    redeem: async (query, { state, nonce, verifier }) => {
      const { configuration } = await discover();
      try {
        const url = new URL(`${address}${CALLBACK_PATH}${query}`);
        const tokens = await openid.authorizationCodeGrant(configuration, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        return tokens.id_token!;
      } catch (error) {
        throw asAccessError(error);
      }
    },
    findKey: async (header, token) => (await discover()).findKey(header, token),
    endSessionUrl: () => {
      if (!found?.configuration.serverMetadata().end_session_endpoint) return null;
      return openid.buildEndSessionUrl(found.configuration, { client_id: clientId }).href;
    },
  };
}

interface Discovered {
  readonly configuration: openid.Configuration;
  readonly findKey: JWTVerifyGetKey;
}

async function discoverProvider(settings: SignInSettings, keysCooldownMs: number): Promise<Discovered> {
  const { issuer, clientId, ca, allowHttp } = settings;
  const fetchFrom = makeProviderFetch(ca);
  try {
    const configuration = await openid.discovery(
      new URL(issuer),
      clientId,
      undefined,
      await authenticateClient(settings),
      {
        timeout: TIMEOUT_S,
        execute: allowHttp ? [openid.allowInsecureRequests] : [],
        [openid.customFetch]: fetchFrom,
      },
    );
    const keys = new URL(configuration.serverMetadata().jwks_uri!);
    if (keys.protocol !== 'https:' && !allowHttp) throw new Error('the keys must come by https');
    const findKey = createRemoteJWKSet(keys, {
      [customFetch]: fetchFrom,
      cooldownDuration: keysCooldownMs,
      cacheMaxAge: KEYS_AGE_MS,
    });
    return { configuration, findKey };
  } catch (error) {
    throw findAccessError(error) ?? new AccessError('PROVIDER_AWAY', { cause: error });
  }
}

/** By private key; by secret as RFC 6749 section 2.3.1 prefers it, unless the provider says that it takes another way only. */
async function authenticateClient({ clientKey, clientSecret }: SignInSettings): Promise<openid.ClientAuth> {
  if (clientKey) {
    const key = (await importJWK(clientKey as Parameters<typeof importJWK>[0])) as CryptoKey;
    return openid.PrivateKeyJwt({ key, kid: clientKey.kid });
  }
  const [basic, post] = [openid.ClientSecretBasic(clientSecret), openid.ClientSecretPost(clientSecret)];
  return (server, client, body, headers) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (taken.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

function asAccessError(error: unknown): AccessError {
  const known = findAccessError(error);
  if (known) return known;
  const isRefusal =
    error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError;
  if (isRefusal) return new AccessError('SIGN_IN_REFUSED', { cause: error });
  const { code } = error as { code?: string };
  return new AccessError(code === 'OAUTH_TIMEOUT' ? 'PROVIDER_AWAY' : 'TOKEN_INVALID', { cause: error });
}

/** What our own fetch threw, however deep a library has wrapped it. */
function findAccessError(error: unknown): AccessError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof AccessError) return at;
  return null;
}
