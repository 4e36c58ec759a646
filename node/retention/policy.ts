/**
 * How long this State keeps what: the table of the vocabulary, and over it what the office has set in the file that
 * FOCALNET_RETENTION names. Pure.
 *
 *   { "rules": { "case-file": { "blockDays": 183, "eraseDays": 7305, "source": "Child Protection Act, s. 40 (INVENTED)" } },
 *     "peers": { "xb": { "peer-copy": { "blockDays": 30, "eraseDays": 365, "source": "Agreement with XB, Art. 9 (INVENTED)" } } } }
 */
import * as z from 'zod';
import {
  type RetentionRule,
  type RetentionRuleId,
  retentionRule,
  retentionRuleOf,
} from '#schema/vocabulary/retention.ts';

const DAY_MS = 86_400_000;
/** People are told so long before content is erased, in days; shorter clocks are known when a conversation is closed. */
export const WARN_DAYS = 30;
const MOST_DAYS = 60_000;

const Period = z.strictObject({
  blockDays: z.int().min(0).max(MOST_DAYS).optional(),
  eraseDays: z.int().min(0).max(MOST_DAYS),
  source: z.string().min(1).max(500),
});
const Rules = z.partialRecord(z.enum(retentionRule.codes), Period);

export const RetentionFile = z
  .strictObject({
    rules: Rules.default({}),
    peers: z.record(z.string().regex(/^[a-z]{2}$/), Rules).default({}),
  })
  .refine(
    ({ rules, peers }) => {
      const set = [rules, ...Object.values(peers)].flatMap((some) => Object.entries(some));
      const logs = rules['log-details']?.eraseDays ?? retentionRuleOf('log-details').eraseDays;
      return set.every(([id, { eraseDays }]) => id === 'log-details' || eraseDays < logs);
    },
    { error: 'log-details must be kept longer than any content: it proves that the content was erased' },
  )
  .refine(
    ({ rules, peers }) =>
      [rules, ...Object.values(peers)]
        .flatMap((some) => Object.values(some))
        .every(({ blockDays = 0, eraseDays }) => blockDays <= eraseDays),
    { error: 'content is blocked before it is erased' },
  );

export type RetentionPolicy = z.infer<typeof RetentionFile>;

/** What holds where a State has set nothing. */
export const defaultPolicy: RetentionPolicy = { rules: {}, peers: {} };

/** The rule in force, for what is shared with a peer that of the pair. */
export function ruleFor(policy: RetentionPolicy, id: RetentionRuleId, peer?: string): RetentionRule {
  const set = (peer === undefined ? undefined : policy.peers[peer]?.[id]) ?? policy.rules[id];
  return set === undefined ? retentionRuleOf(id) : ({ id, mark: 'S', ...set } as RetentionRule);
}

export interface RetentionTimes {
  readonly block_at: number | null;
  readonly warn_at: number | null;
  readonly erase_at: number;
}

/** When what was closed then is blocked, when its people are told, when it is erased; milliseconds since 1970. */
export function timesOf({ blockDays, eraseDays }: RetentionRule, closedAtMs: number): RetentionTimes {
  const after = (days: number) => closedAtMs + days * DAY_MS;
  return {
    block_at: blockDays === undefined ? null : after(blockDays),
    warn_at: eraseDays > WARN_DAYS ? after(eraseDays - WARN_DAYS) : null,
    erase_at: after(eraseDays),
  };
}
