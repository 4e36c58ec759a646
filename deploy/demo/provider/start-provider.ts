/**
 * The identity provider of the demo and the tests: a real one (oidc-provider), whose people are invented and whose sign-in page
 * asks no password: one picks a person and says whether a second factor was used. It must never stand before real people.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import type { Context, Provider } from 'oidc-provider';
import { answerLoginPage, answerPlainPage } from './login-page.ts';
import { makeMemoryStore } from './memory-store.ts';

/** How people may have proved who they are, as values of `acr`. */
export const acrs = { password: 'urn:invented:password', twoFactors: 'urn:invented:two-factors' } as const;

/** A node, as its provider knows it. */
export interface InventedClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where browsers reach the node. */
  readonly address: string;
  readonly people: readonly { subject: string; name: string; role: string }[];
}

export interface InventedProvider {
  readonly issuer: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves on 127.0.0.1 until it is closed or this process ends. Its signing key is made anew each time.
 * @param options.port 0 for any free one
 * @param options.onLogout hears how each node answered a back-channel logout
 */
export async function startInventedProvider(options: {
  port: number;
  clients: readonly InventedClient[];
  onLogout?: (error: unknown) => void;
}): Promise<InventedProvider> {
  const handler: { current: (request: IncomingMessage, response: ServerResponse) => void } = {
    current: (_, response) => response.writeHead(503).end(),
  };
  const server = createServer((request, response) => handler.current(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = await makeProvider(issuer, options.clients);
  provider.on('backchannel.success', () => options.onLogout?.(null));
  provider.on('backchannel.error', (_ctx, error) => options.onLogout?.(error));
  const answerProtocol = provider.callback();
  handler.current = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) answerProtocol(request, response);
    else
      askWho(provider, options.clients, request, response).catch(() =>
        answerPlainPage(response, 400, 'This sign-in is over: begin again at the node.'),
      );
  };
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function askWho(
  provider: Provider,
  clients: readonly InventedClient[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const client = clients.find(({ clientId }) => clientId === params.client_id)!;
  if (request.method !== 'POST') return answerLoginPage(response, client);
  const form = new URLSearchParams(await text(request));
  const subject = form.get('person') ?? '';
  if (!clients.some(({ people }) => people.some((person) => person.subject === subject)))
    return answerLoginPage(response, client);
  const twoFactors = form.get('factors') === 'two';
  const acr = twoFactors ? acrs.twoFactors : acrs.password;
  const amr = twoFactors ? ['pwd', 'otp', 'mfa'] : ['pwd'];
  await provider.interactionFinished(request, response, { login: { accountId: subject, acr, amr } });
}

async function makeProvider(issuer: string, clients: readonly InventedClient[]): Promise<Provider> {
  const { Provider, interactionPolicy } = await loadQuietly();
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = {
    ...(await exportJWK(privateKey)),
    alg: 'ES256',
    use: 'sig',
    kid: randomBytes(8).toString('hex'),
  };
  const policy = interactionPolicy.base();
  policy.remove('consent');
  const { Check } = interactionPolicy;
  // Whoever plays with the demo changes places all the time: each sign-in asks who it is.
  policy
    .get('login')
    .checks.add(new Check('always', 'asked each time', 'login_required', (ctx) => !ctx.oidc.result?.login));
  return new Provider(issuer, {
    adapter: makeMemoryStore(),
    jwks: { keys: [jwk] },
    clients: clients.map(describeClient),
    acrValues: Object.values(acrs),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    interactions: { policy, url: (_: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx: Context, form: string) =>
          show(
            ctx,
            `Sign out? ${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, everywhere</button>`,
          ),
        postLogoutSuccessSource: (ctx: Context) => show(ctx, 'Signed out.'),
      },
    },
    findAccount: (_: Context, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    loadExistingGrant,
    renderError: (ctx: Context, { error }: { error: string }) => show(ctx, `Not possible: ${error}`),
    ttl: {
      AccessToken: 60,
      AuthorizationCode: 60,
      Grant: 43_200,
      IdToken: 300,
      Interaction: 600,
      Session: 43_200,
    },
    // Its nodes are on this machine, which the package would refuse to call.
    fetch: (url: string, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown }) =>
      fetch(url, init),
  });
}

const describeClient = ({ clientId, clientSecret, address }: InventedClient) => ({
  client_id: clientId,
  client_secret: clientSecret,
  redirect_uris: [`${address}/sign-in/callback`],
  response_types: ['code'],
  grant_types: ['authorization_code'],
  id_token_signed_response_alg: 'ES256',
  require_auth_time: true,
  backchannel_logout_uri: `${address}/back-channel-logout`,
  backchannel_logout_session_required: true,
});

/** Nobody is asked whether a node may know who they are: it is their office's own. */
async function loadExistingGrant({ oidc }: Context) {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

const show = (ctx: Context, html: string): void => {
  ctx.type = 'html';
  ctx.body = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>INVENTED</title><h1>INVENTED identity provider</h1><p>${html}</p>`;
};

/** The package warns of Node 20, where it works as far as the demo needs it. */
async function loadQuietly(): Promise<typeof import('oidc-provider')> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
