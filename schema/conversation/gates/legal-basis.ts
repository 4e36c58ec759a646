/**
 * Whether the legal bases named fit the direction of the enquiry (DOMAIN.md 0.2). Explains, never blocks:
 * trafficked children often have no habitual residence, and a wrong article must not leave one unprotected
 * (PRACTICE.md B10). Rules are rows; correcting one is a change of one row.
 */
import type { CodeOf } from '#schema/vocabulary/code-list.ts';
import type { legalBasis } from '#schema/vocabulary/legal.ts';
import type { EnquiryBody } from '../bodies/enquiry.ts';
import { bodyIf, type GateInput, type GateResult, makeRule } from './gate.ts';

type Basis = CodeOf<typeof legalBasis>;
type Row = {
  readonly source: string;
  readonly mark: 'S' | 'K';
  readonly mismatch?: (enquiry: EnquiryBody, peer: string) => string | undefined;
};

const whereAsked = ['asked-state', 'not-known'];
const residentAndPresent = ({ direction }: EnquiryBody, peer: string) =>
  direction.childPresence === 'asked-state' && direction.habitualResidence === peer
    ? undefined
    : 'asks the State where the child lives and is. To ask another State about the family, use Art. 34(1).';
const measure = ({ direction }: EnquiryBody) =>
  direction.measureContemplated ? undefined : 'needs a measure of protection that is being considered.';
const perhapsThere = ({ direction }: EnquiryBody) =>
  whereAsked.includes(direction.childPresence)
    ? undefined
    : 'helps to find a child who appears to be in the State asked.';
const linked = ({ direction }: EnquiryBody) =>
  direction.linkWithAskedState === 'no'
    ? 'asks a State where the child is or was, or has or had habitual residence.'
    : undefined;
const inDanger = ({ urgency }: EnquiryBody) =>
  urgency === 'routine' ? 'is for a child in serious or immediate danger.' : undefined;
const placement = ({ purpose }: EnquiryBody) =>
  purpose === 'placement' ? undefined : 'is for placement in the other State.';
const row = (source: string, mark: 'S' | 'K', mismatch?: Row['mismatch']): Row =>
  mismatch ? { source, mark, mismatch } : { source, mark };

const ROWS: Readonly<Record<Basis, Row>> = {
  'h96-30': row('Hague 1996 Art. 30', 'K'),
  'h96-31a': row('Hague 1996 Art. 31(a)', 'K'),
  'h96-31b': row('Hague 1996 Art. 31(b)', 'K'),
  'h96-31c': row('Hague 1996 Art. 31(c)', 'S', perhapsThere),
  'h96-32a': row('Hague 1996 Art. 32(a)', 'S', residentAndPresent),
  'h96-32b': row('Hague 1996 Art. 32(b)', 'S', residentAndPresent),
  'h96-33': row('Hague 1996 Art. 33', 'K', placement),
  'h96-34': row('Hague 1996 Art. 34(1)', 'S', measure),
  'h96-35': row('Hague 1996 Art. 35', 'K'),
  'h96-36': row('Hague 1996 Art. 36', 'K', inDanger),
  'biib-79': row('Reg. 2019/1111 Art. 79', 'S', perhapsThere),
  'biib-80-1a': row('Reg. 2019/1111 Art. 80(1)(a)', 'S', linked),
  'biib-80-1b': row('Reg. 2019/1111 Art. 80(1)(b)', 'S', linked),
  'biib-80-1c': row('Reg. 2019/1111 Art. 80(1)(c)', 'S', linked),
  'biib-80-2': row('Reg. 2019/1111 Art. 80(2)', 'S', inDanger),
  'biib-81': row('Reg. 2019/1111 Art. 81', 'K'),
  'biib-82': row('Reg. 2019/1111 Art. 82', 'S', placement),
  bilateral: row('Agreement between the two States', 'K'),
  'coe-32': row('CETS 197 Art. 32', 'K'),
  'coe-33-1': row('CETS 197 Art. 33(1)', 'S', inDanger),
  'coe-33-2': row('CETS 197 Art. 33(2)', 'S'),
  'coe-34': row('CETS 197 Art. 34', 'K'),
  'national-law': row('National law', 'K'),
  courtesy: row('No treaty: courtesy between authorities', 'K'),
};

export function checkLegalBasis(input: GateInput): readonly GateResult[] {
  const enquiry = bodyIf(input, 'ENQ');
  return enquiry ? enquiry.legalBasis.map((basis) => checkBasis(input, enquiry, basis)) : [];
}

function checkBasis(input: GateInput, enquiry: EnquiryBody, basis: Basis): GateResult {
  const { source, mark, mismatch } = ROWS[basis];
  const say = makeRule('legal-basis', basis, source, mark);
  const { self, peer } = input;
  if (basis.startsWith('biib') && !(self.isBiibState && peer.isBiibState)) {
    return say(
      'explain',
      'One of the two States does not take part in this Regulation (Denmark does not): use the 1996 Convention or courtesy.',
    );
  }
  if (basis.startsWith('h96') && !(self.isH96Party && peer.isH96Party)) {
    return say(
      'explain',
      'One of the two States is not a party to the 1996 Convention: name courtesy or national law beside it.',
    );
  }
  const wrong = mismatch?.(enquiry, peer.state.toUpperCase());
  return wrong ? say('explain', `${source} ${wrong}`) : say('pass', `${source} fits this direction.`);
}
