/**
 * What a node must know of its identity provider, as the operator writes it in one file (FOCALNET_SIGN_IN). It holds a secret.
 */
import * as z from 'zod';

const Acr = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'a value without spaces');
const WebUrl = z.url({ protocol: /^https?$/ });

export const SignInFile = z
  .strictObject({
    /** As the provider writes it itself, to the letter. */
    issuer: WebUrl,
    clientId: z.string().min(1),
    /** One of the two: a shared secret, or a private key as JWK with `kid` and `alg` (private_key_jwt). */
    clientSecret: z.string().min(16).optional(),
    clientKey: z.looseObject({ kty: z.string(), alg: z.string(), kid: z.string() }).optional(),
    /** Where browsers reach this node, e.g. https://focalnet.xa.example: no path. */
    address: WebUrl.transform((text) => new URL(text).origin),
    /** Values of `acr` that are good enough for coming in. */
    acr: z.array(Acr).min(1),
    /** Those that are good enough for release, break-glass, keys and guardian links; the same unless given. */
    stepUpAcr: z.array(Acr).min(1).optional(),
    scope: z
      .string()
      .regex(/(?:^| )openid(?: |$)/, 'must contain openid')
      .default('openid'),
    /** PEM of the authority that vouches for the provider, where it is a private one: then no other is trusted. */
    caFile: z.string().min(1).optional(),
  })
  .refine((file) => (file.clientSecret === undefined) !== (file.clientKey === undefined), {
    message: 'give either clientSecret or clientKey',
  })
  .transform(({ stepUpAcr, ...file }) => ({ ...file, stepUpAcr: stepUpAcr ?? file.acr }));
export type SignInFile = z.infer<typeof SignInFile>;

export type SignInSettings = Omit<SignInFile, 'caFile'> & {
  /** PEM. */
  readonly ca: string | null;
  /** Plain HTTP to the provider: demo and tests only. */
  readonly allowHttp: boolean;
};
