/**
 * Who takes part (PROTOCOL.md, T rules): one signed document, general JWS with at least 2 of 3 authority signatures.
 */
import * as z from 'zod';
import { Profile } from './envelope.ts';
import { Kid, Sha256Hex, State } from './ids.ts';

const seconds = z.int().min(1_000_000_000).max(99_999_999_999);
const Url = z.string().url().max(300);

/** Ed25519 public key (RFC 8037). */
export const PublicJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type PublicJwk = z.infer<typeof PublicJwk>;

const SigningKey = z.strictObject({
  kid: Kid,
  jwk: PublicJwk,
  from: seconds,
  exp: seconds,
  revoked: z.strictObject({ since: seconds, reason: z.string().max(200) }).optional(),
});

/** Signed-note verifier key `name+hash+base64` (C2SP signed-note). */
const VerifierKey = z.string().max(400);

/** Strictly ascending, so that one calendar has one form. */
const isAscending = (values: readonly (number | string)[]) =>
  values.every((value, at) => at === 0 || values[at - 1]! < value);

/**
 * One State's working days (PROTOCOL.md, T14). It names clock changes one by one instead of a time zone: tables of zones differ
 * between machines, and two States must come to the same due date.
 */
export const WorkCalendar = z.strictObject({
  /** Days of the week without work, 0 for Sunday to 6 for Saturday; at least one day has work. */
  weekend: z.array(z.int().min(0).max(6)).max(6).refine(isAscending),
  /** Further days without work, as local dates. */
  holidays: z.array(z.iso.date()).max(200).refine(isAscending),
  /** Local time minus UTC, from when on. The first also holds before; none at all means UTC. */
  offsets: z
    .array(z.strictObject({ from: seconds, minutes: z.int().min(-720).max(840) }))
    .max(50)
    .refine((offsets) => isAscending(offsets.map(({ from }) => from))),
});
export type WorkCalendar = z.infer<typeof WorkCalendar>;

/** What an officer elsewhere must know about this State before anything is sent (PRACTICE.md B1, B11, A20). */
const Profile_ = z.strictObject({
  biib: z.boolean(),
  hague1996: z.boolean(),
  languages: z.array(z.string().max(12)).min(1).max(20),
  dutyPhones: z.array(
    z.strictObject({
      number: z.string().max(40),
      hours: z.string().max(120),
      languages: z.array(z.string().max(12)),
    }),
  ),
  officeHours: z.string().max(200),
  /** Absent: Saturday and Sunday off, in UTC. */
  calendar: WorkCalendar.optional(),
  /** Which office is designated for which legal basis. */
  designations: z.array(z.strictObject({ legalBasis: z.string().max(40), office: z.string().max(200) })),
  /** Whom this State's law obliges it to tell about an enquiry: codes of the list `bodies-to-tell`. */
  mustTell: z.array(z.strictObject({ body: z.string().max(40), when: z.string().max(300) })),
  typicalDays: z.int().min(0).max(1000),
  transferGround: z.string().max(200),
});

export const ListedNode = z.strictObject({
  node: State,
  status: z.enum(['active', 'suspended', 'left']),
  /** Machine endpoints; empty for an outbound-only node. */
  urls: z.array(Url).max(4),
  delivery: z.array(z.enum(['push', 'pull'])).min(1),
  versions: z.array(z.int().min(1)).min(1),
  profiles: z.array(Profile).min(1),
  /** Message types it understands, e.g. `ENQ@1`. */
  types: z.array(z.string().max(8)).max(100),
  sig: z.array(SigningKey).min(1).max(8),
  pgp: z
    .array(
      z.strictObject({
        fpr: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
        cert: z.string().max(20_000),
      }),
    )
    .min(1)
    .max(4),
  log: VerifierKey,
  wit: VerifierKey,
  profile: Profile_,
});
export type ListedNode = z.infer<typeof ListedNode>;

export const TrustList = z.strictObject({
  v: z.literal(1),
  net: z.string().regex(/^[a-z0-9.-]{3,100}$/),
  ver: z.int().min(1),
  /** SHA-256 of the previous list's bytes; 64 zeros for list 1. */
  prev: Sha256Hex,
  iat: seconds,
  exp: seconds,
  authorities: z.strictObject({
    threshold: z.int().min(2),
    keys: z
      .array(z.strictObject({ kid: Kid, jwk: PublicJwk }))
      .min(3)
      .max(9),
  }),
  policy: z.strictObject({ minProfile: Profile, quorum: z.int().min(1).max(50) }),
  gateway: z.strictObject({
    urls: z.array(Url).min(1).max(4),
    sig: z.array(SigningKey).min(1).max(8),
    log: VerifierKey,
    wit: VerifierKey,
  }),
  nodes: z.array(ListedNode).max(250),
});
export type TrustList = z.infer<typeof TrustList>;

/** What is handed over in person before a node joins: everything else is checked from here. */
export const Anchor = z.strictObject({
  v: z.literal(1),
  net: z.string(),
  /** SHA-256 of the bytes of list 1. */
  list1: Sha256Hex,
  authorities: TrustList.shape.authorities,
});
export type Anchor = z.infer<typeof Anchor>;
