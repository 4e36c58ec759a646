/**
 * Tells all processes of the gateway what changed: which mailbox, list or log, never what is in it. A notification is a hint
 * to look; one that is lost costs a delay, no message.
 */
export type Channel = 'mailbox' | 'checkpoint' | 'list';

export type Teller = {
  /** Returns at once; the notification follows soon. Call it after the commit. */
  tell(channel: Channel, about: string): void;
  /** Sends what is left. */
  close(): Promise<void>;
};

/** After each of these everybody looks, and some then cause another: they are gathered for a moment. */
const CHECKPOINT_PAUSE_MS = 300;

/**
 * Gathers what is told while a notification is under way; the same thing told twice is sent once.
 * @param send sends one notification
 * @param onError told when that failed; the notification is then lost
 */
export function makeTeller(send: (text: string) => Promise<void>, onError: (error: unknown) => void): Teller {
  const waiting = new Set<string>();
  let sending: Promise<void> | null = null;
  let pause: NodeJS.Timeout | null = null;
  const run = async () => {
    for (const text of waiting) {
      waiting.delete(text);
      await send(text).catch(onError);
    }
    sending = null;
  };
  const flush = () => {
    sending ??= run();
  };
  return {
    tell: (channel, about) => {
      if (channel !== 'checkpoint') {
        waiting.add(`${channel} ${about}`);
        return flush();
      }
      // Whose log it is makes no difference to those who look.
      pause ??= setTimeout(() => {
        pause = null;
        waiting.add('checkpoint ');
        flush();
      }, CHECKPOINT_PAUSE_MS);
    },
    close: async () => {
      if (pause) clearTimeout(pause);
      await sending;
    },
  };
}
