/**
 * Where the listener for operators is bound. Parses only.
 */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/**
 * `8410` is port 8410 of this machine alone; `host:port` names another address. Undefined or empty: null.
 * @throws Error that says what to put there
 */
export function parseOperationsAddress(text: string | undefined): Address | null {
  if (!text) return null;
  const [, host = LOOPBACK, port] = /^(?:\[?([^[\]]+?)\]?:)?([0-9]{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new Error('FOCALNET_OPERATIONS must be a port, for this machine alone, or host:port');
  return { host, port: Number(port) };
}
