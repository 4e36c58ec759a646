/**
 * Identifiers of the wire: parties, messages, threads. Clock and randomness are parameters.
 */
import * as z from 'zod';

/** A national node: lower-case ISO 3166-1 alpha-2 code (user-assigned codes such as `xa` in tests). */
export const State = z
  .string()
  .regex(/^[a-z]{2}$/)
  .brand<'State'>();
export type State = z.infer<typeof State>;

/** The network's meeting point. It is a party to receipts and witness of logs, never to an enquiry. */
export const GATEWAY = 'gateway';

/** Whoever may sign: a State's node or the gateway. */
export const Party = z
  .string()
  .regex(/^([a-z]{2}|gateway)$/)
  .brand<'Party'>();
export type Party = z.infer<typeof Party>;

/** UUID version 7 (RFC 9562 section 5.7), lower case. */
export const MessageId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;

/** Names the conversation that messages belong to; has the form of the id of the message that opened it. */
export const ThreadId = MessageId.brand<'ThreadId'>();
export type ThreadId = z.infer<typeof ThreadId>;

/** SHA-256 as 64 lower-case hex digits. */
export const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** Key id `<party>#<use>-<number>`, e.g. `xa#sig-3`. Nothing else is ever looked up by it. */
export const Kid = z.string().regex(/^([a-z]{2}|gateway|authority-[1-9])#sig-[1-9][0-9]{0,5}$/);

/**
 * A UUIDv7 from a time and ten random bytes.
 * @param nowMs milliseconds since 1970
 */
export function makeMessageId(nowMs: number, random: Uint8Array): MessageId {
  const hex = [...random.subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const time = Math.trunc(nowMs).toString(16).padStart(12, '0');
  const variant = '89ab'[Number.parseInt(hex[3]!, 16) & 3]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(8, 20)}` as MessageId;
}
