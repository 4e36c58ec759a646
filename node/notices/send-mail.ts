/**
 * Hands one mail to the office's mail server. The only file that speaks SMTP. It decides nothing but whose failure a failure is,
 * and its errors hold neither the address nor what the server said of it.
 */
import { createTransport } from 'nodemailer';
import { codeOf } from '#platform/http/http-error.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps`); otherwise by STARTTLS. */
  readonly implicitTls: boolean;
  /** `opportunistic` and `none` are for development: whoever sits on the line can read along. */
  readonly tls: 'required' | 'opportunistic' | 'none';
  readonly login: { readonly user: string; readonly password: string } | null;
  /** PEM of the authority to trust instead of those Node trusts. */
  readonly ca?: string | undefined;
}

export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Random and of this one mail: links to nothing. */
  readonly messageId: string;
  readonly atMs: number;
}

/** @throws MailError */
export type SendMail = (mail: Mail, signal: AbortSignal) => Promise<void>;

/**
 * Why a mail did not go. `server`: nothing can go at present. `address`: this one was refused, `isFinal` if for good (5xx).
 */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly whose: 'server' | 'address';
  readonly isFinal: boolean;
  readonly code: string;
  /** SMTP reply, if the server gave one. */
  readonly status: number | undefined;
  constructor(whose: MailError['whose'], code: string, status?: number) {
    super(`${code}: the mail server did not take a mail, or could not be reached.`);
    this.whose = whose;
    this.code = code;
    this.status = status;
    this.isFinal = whose === 'address' && (status === undefined || status >= 500);
  }
}

/** The whole of one sending, in milliseconds; less than a sender's claim. */
const SEND_TIMEOUT_MS = 60_000;
const timeouts = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
};

/**
 * A plain address and nothing else: no blank, no control or invisible character, no sign that lists, quotes or groups addresses.
 * Letters of any script may stand in it.
 */
const ADDRESS = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]{1,64}@[\p{L}\p{M}\p{N}.-]{1,255}$/u;

export const isPlainAddress = (address: string): boolean => ADDRESS.test(address);

/** @param greeting the name this node gives in EHLO, so that its machine's name stays here */
export function openMailer(server: MailServer, greeting: string): SendMail {
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: server.tls === 'required',
    opportunisticTLS: server.tls === 'opportunistic',
    ignoreTLS: server.tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(server.ca !== undefined && { ca: server.ca }) },
    name: greeting,
    ...(server.login && { auth: { user: server.login.user, pass: server.login.password }, forceAuth: true }),
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (mail, signal) => {
    if (!isPlainAddress(mail.to)) throw new MailError('address', 'ADDRESS_UNUSABLE');
    try {
      await transport.sendMail({
        from: { name: 'Focalnet', address: mail.from },
        to: { name: '', address: mail.to },
        envelope: { from: mail.from, to: [mail.to] },
        subject: mail.subject,
        text: mail.text,
        messageId: mail.messageId,
        date: new Date(mail.atMs),
        // RFC 3834: nobody's absence note answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]),
      });
    } catch (error) {
      throw toMailError(error);
    }
  };
}

/** "Authentication required" speaks of the connection, whatever it answers. */
const LOGIN_FIRST = 530;

function toMailError(error: unknown): MailError {
  const { command, responseCode } = error as { command?: string; responseCode?: number };
  const isOfAddress = responseCode !== undefined && (command === 'RCPT TO' || command === 'DATA');
  const whose = isOfAddress && responseCode !== LOGIN_FIRST ? 'address' : 'server';
  return new MailError(whose, codeOf(error), responseCode);
}
