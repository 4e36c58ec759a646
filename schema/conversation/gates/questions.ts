/**
 * The questions gate: only what the purpose needs, never wider than allowed, never to the family without a
 * recorded clearance, and not while a child is missing or protection is open. One result per obstacle.
 */
import { isQuestionNeeded, type Question, questionOf } from '#schema/vocabulary/questions.ts';
import type { AskedQuestion, EnquiryBody } from '../bodies/enquiry.ts';
import { bodyIf, findClearance, type GateInput, type GateResult, makeRule } from './gate.ts';
import { effectiveLimit, isWiderDisclosure, isWiderSource } from './limits.ts';
import { mayBeProtectedFrom, statusTowards } from './protection-state.ts';

const needed = makeRule('questions', 'Q-NEEDED', 'ICACU guide; GDPR Art. 5(1)(c)', 'S');
const limits = makeRule('questions', 'Q-LIMIT', 'PRACTICE A11', 'P');
const family = makeRule('questions', 'Q-FAMILY', 'PRACTICE A11; IOM TACT order of steps', 'P');
const pause = makeRule('questions', 'Q-PAUSE', 'PRACTICE A16', 'P');
const asylum = makeRule('questions', 'Q-ASYLUM', 'CRC GC6 para. 80; PRACTICE A3', 'K');
const contact = makeRule('questions', 'Q-CONTACT', 'PRACTICE A11', 'P');

const OPEN_ASYLUM = ['not-assessed', 'possible', 'pending', 'recognised', 'appeal-open'];
const FAMILY_FACING = ['S3', 'S4'];
const PERSON_FACING = ['S2', ...FAMILY_FACING];

export function checkQuestions(input: GateInput): readonly GateResult[] {
  const enquiry = bodyIf(input, 'ENQ');
  if (enquiry === undefined) return [];
  const obstacles = enquiry.questions.flatMap((asked) => checkQuestion(input, enquiry, asked));
  return obstacles.length > 0
    ? obstacles
    : [limits('pass', 'Every question is needed and within its limits.')];
}

function checkQuestion(input: GateInput, enquiry: EnquiryBody, asked: AskedQuestion): GateResult[] {
  const question = asked.code === undefined ? undefined : questionOf(asked.code);
  const results: (GateResult | undefined)[] = [
    question && !isQuestionNeeded(question.code, enquiry.purpose)
      ? needed(
          'block',
          `${asked.ref}: the purpose does not need this question. Take it out, or choose the purpose that does.`,
        )
      : undefined,
    question
      ? undefined
      : needed('explain', `${asked.ref}: a free question must be translated and read before it is answered.`),
    checkLimit(enquiry, asked, question),
    FAMILY_FACING.includes(asked.limit.source) ? checkFamily(input, asked, question) : undefined,
    checkPersons(enquiry, asked),
    checkAsylum(input, asked, question),
  ];
  return results.filter((result) => result !== undefined);
}

function checkLimit(
  enquiry: EnquiryBody,
  asked: AskedQuestion,
  question: Question | undefined,
): GateResult | undefined {
  const limit = effectiveLimit(question, asked.limit, enquiry.warnings);
  const isWider =
    isWiderSource(asked.limit.source, limit.source) ||
    isWiderDisclosure(asked.limit.disclosure, limit.disclosure);
  return isWider
    ? limits(
        'block',
        `${asked.ref}: asked wider than the strictest of question, case and warnings allows (${limit.source}, ${limit.disclosure}).`,
      )
    : undefined;
}

function checkFamily(
  input: GateInput,
  asked: AskedQuestion,
  question: Question | undefined,
): GateResult | undefined {
  if (question?.neverToFamily)
    return family('block', `${asked.ref}: never put to family or carer, whatever clearance.`);
  if (input.caseFacts.familyQuestionsPaused)
    return pause(
      'block',
      `${asked.ref}: questions to the family are paused (a child is missing, or acts stand still).`,
    );
  if (findClearance(input, 'family-contact')) return undefined;
  return family(
    'block',
    `${asked.ref}: needs a family-contact clearance with the child's and the guardian's view.`,
  );
}

/** A person who may never be contacted cannot be the one a question goes to. */
function checkPersons(enquiry: EnquiryBody, asked: AskedQuestion): GateResult | undefined {
  if (!PERSON_FACING.includes(asked.limit.source)) return undefined;
  const barred = enquiry.persons.some(
    (person) => asked.about.includes(person.ref) && person.contactPermission === 'never',
  );
  return barred
    ? contact(
        'block',
        `${asked.ref}: a person it is about must never be contacted. Ask registers or professionals.`,
      )
    : undefined;
}

function checkAsylum(
  input: GateInput,
  asked: AskedQuestion,
  question: Question | undefined,
): GateResult | undefined {
  if (!question?.holdWhileAsylumOpen) return undefined;
  const { asylum: stated, childIsHere } = input.caseFacts;
  const peer = input.peer.state.toUpperCase();
  if (childIsHere === 'no' && !mayBeProtectedFrom(stated, peer)) return undefined;
  return OPEN_ASYLUM.includes(statusTowards(stated, peer))
    ? asylum('block', `${asked.ref}: held back while protection from this State is open.`)
    : undefined;
}
