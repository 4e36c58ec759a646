/**
 * How long what is kept: every clock as data, with where it comes from and its mark. A State sets its own values in the file that
 * FOCALNET_RETENTION names (node/retention/policy.ts); what is not set there is as it is here. Nothing is erased by this file.
 */
import { type CodeOf, codeList } from './code-list.ts';
import type { Mark } from './time-limits.ts';

export const retentionRule = codeList('retention-rule', 1, 'Focalnet policy table', {
  'peer-copy':
    'What another State asked of us | Ce qu’un autre État nous a demandé | Что у нас запросило другое государство | ما طلبته منا دولة أخرى',
  'own-conversation':
    'What this State asked of another | Ce que cet État a demandé à un autre | Что это государство запросило у другого | ما طلبته هذه الدولة من أخرى',
  'case-file': 'The child’s file | Le dossier de l’enfant | Дело ребёнка | ملف الطفل',
  'nothing-found':
    'An enquiry about a child who is not known here | Demande concernant un enfant inconnu ici | Запрос о ребёнке, который здесь неизвестен | طلب بشأن طفل غير معروف هنا',
  'false-alarm':
    'An alert that proved unfounded | Une alerte qui s’est révélée infondée | Тревога, которая не подтвердилась | إنذار تبين أنه بلا أساس',
  'log-details':
    'Details behind entries of the log | Détails derrière les entrées du journal | Сведения за записями журнала | تفاصيل قيود السجل',
});
export type RetentionRuleId = CodeOf<typeof retentionRule>;

export type RetentionRule = {
  readonly id: RetentionRuleId;
  /** Counted from closing: nobody reads the content any more unless two persons lift that. Absent: never blocked. */
  readonly blockDays?: number;
  /** Counted from closing: the content is made permanently unreadable. */
  readonly eraseDays: number;
  readonly mark: Mark;
  readonly source: string;
};

/** A month counts as this many days: a clock of years needs no calendar. */
const MONTH_DAYS = 30.4375;
const months = (count: number): number => Math.round(count * MONTH_DAYS);

const rows: Readonly<Record<RetentionRuleId, Omit<RetentionRule, 'id'>>> = {
  'peer-copy': {
    blockDays: months(6),
    eraseDays: months(36),
    mark: 'D',
    source:
      'Focalnet default; model: Reg. (EU) 1024/2012 Art. 14, blocked at latest six months after closing, then deleted',
  },
  'own-conversation': {
    blockDays: months(6),
    eraseDays: months(300),
    mark: 'D',
    source: 'Focalnet default until the State sets the period of its law on files of children',
  },
  'case-file': {
    blockDays: months(6),
    eraseDays: months(300),
    mark: 'D',
    source: 'Focalnet default until the State sets the period of its law on files of children',
  },
  'nothing-found': {
    eraseDays: 0,
    mark: 'D',
    source: 'Focalnet default: who does not know the child needs nothing of the enquiry once it is closed',
  },
  'false-alarm': { eraseDays: 30, mark: 'D', source: 'Focalnet default; GDPR Art. 5(1)(e)' },
  'log-details': {
    eraseDays: months(360),
    mark: 'D',
    source: 'Focalnet default: longer than any content, so that it can be proved that it was erased',
  },
};

/** One row by its id, frozen. */
export const retentionRuleOf = (id: RetentionRuleId): RetentionRule => Object.freeze({ id, ...rows[id] });

/** Every row. */
export const retentionRules: readonly RetentionRule[] = Object.freeze(
  retentionRule.codes.map(retentionRuleOf),
);
