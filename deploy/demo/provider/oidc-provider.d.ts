/** As much of oidc-provider's interface as the demo's provider uses: the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Context {
    type: string;
    body: string;
    readonly oidc: {
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId?: string };
      readonly result?: { readonly login?: object };
      readonly provider: Provider;
    };
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    readonly Grant: new (of: {
      clientId: string;
      accountId: string | undefined;
    }) => Grant;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ params: { client_id: string; acr_values?: string }; uid: string }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string; acr: string; amr: readonly string[] } },
    ): Promise<void>;
    on(event: string, listener: (...values: unknown[]) => void): this;
  }

  interface Check {
    readonly reason: string;
  }
  export const interactionPolicy: {
    Check: (new (
      reason: string,
      description: string,
      error: string,
      check: (ctx: Context) => boolean,
    ) => Check) & { readonly REQUEST_PROMPT: boolean; readonly NO_NEED_TO_PROMPT: boolean };
    base(): {
      get(name: string): { readonly checks: { add(check: Check): void } };
      remove(name: string): void;
    };
  };
}
