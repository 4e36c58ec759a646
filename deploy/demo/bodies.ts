/**
 * What the invented State asked answers. Every word of it is invented.
 */
import type { EnquiryFile } from '#schema/conversation/enquiry-file.ts';

const TODAY = new Date().toISOString().slice(0, 10);
const say = (text: string) => ({ text: `INVENTED: ${text}`, language: 'en' });
const EMPTY = { codes: [], each: [], dates: [], persons: [], list: [] };
const KNOWN = { source: 'register', obtained: TODAY, confidence: 'verified' };

/** One answer for each question, all five ways in turn: answered, partly, could not, refused with its ground, not asked. */
function answersTo(questions: readonly { ref: string; code?: string | undefined }[]) {
  return questions.map(({ ref: question }, i) => {
    const ways = [
      { status: 'answered', yesNo: 'yes', text: say('found in the register of the district.'), ...KNOWN },
      {
        status: 'partly',
        text: say('the school knows part of it.'),
        ...KNOWN,
        source: 'school',
        confidence: 'likely',
      },
      { status: 'could-not', text: say('the office of that town did not answer.') },
      {
        status: 'refused',
        refusalGround: 'court-leave-required',
        text: say('a court must give leave first.'),
      },
      { status: 'not-asked-unsafe' },
    ];
    return { ...EMPTY, question, ...ways[i % ways.length] };
  });
}

export const clarification = (question: string) => ({
  asks: [{ question, text: say('which of the three spellings stands in the travel document?') }],
});

export const clarificationAnswer = (re: number, question: string) => ({
  re,
  answers: [{ question, text: say('the one in Cyrillic script.') }],
  names: [],
});

export function interimReply(file: EnquiryFile) {
  return {
    children: file.body.children.map(({ ref }) => ({
      child: ref,
      answers: answersTo(file.body.questions.slice(0, 2)),
    })),
    careOfSuspect: 'unknown',
    restExpectedBy: TODAY,
    attachments: [],
  };
}

export function report(file: EnquiryFile, withAttachment: boolean) {
  return {
    header: {
      worker: 'Social Worker Four (invented)',
      profession: 'social worker',
      office: 'District child protection (invented)',
      methods: ['registers', 'interview-professionals'],
      from: TODAY,
      to: TODAY,
      personsSeen: ['the aunt (invented)'],
      interpreter: 'no',
      approvedBy: 'Head of District (invented)',
      validUntil: TODAY,
    },
    children: file.body.children.map(({ ref }) => ({
      child: ref,
      answers: answersTo(file.body.questions),
      sections: [
        {
          section: 'household',
          rating: 'protective',
          narrative: say('the aunt lives there alone and has room.'),
        },
      ],
    })),
    conclusion: {
      opinion: say('the aunt is suitable as a contact; the father has taken money.'),
      limits: say('the house was not visited, because the enquiry did not allow it.'),
      careOfSuspect: 'no',
    },
    warnings: [],
    attachments: withAttachment ? [{ index: 0, kind: 'document', language: 'en' }] : [],
  };
}

export const refusal = {
  form: 'ground',
  code: 'court-leave-required',
  wayToAsk: 'court-leave-required',
  wayToAskText: say('write to the family court of the district; the form is attached to its page.'),
};

export const withdrawal = {
  reason: 'child-withdrew-agreement',
  scope: 'rested-on-agreement',
  questions: [],
  circumstances: {
    saidBy: 'child',
    how: ['by-telephone', 'other-person-present'],
    on: TODAY,
    heardBy: 'Officer One (invented)',
    alone: 'no',
    interpreter: 'no',
    guardianPresent: 'no',
    note: say('somebody else was heard in the room.'),
  },
};

export const withdrawalNoLongerNeeded = {
  ...withdrawal,
  reason: 'no-longer-needed',
  scope: 'everything-asked',
  circumstances: { ...withdrawal.circumstances, saidBy: 'other', how: ['in-writing'] },
};

export const standStillAccount = (re: number) => ({
  phase: 'account',
  re,
  nothingDone: false,
  acts: [
    {
      what: say('read the register of the district.'),
      at: `${TODAY}T08:00:00Z`,
      spokeTo: ['the registrar (invented)'],
      said: say('that a child-protection enquiry exists.'),
    },
  ],
});

export const noInformation = { statement: 'no-information-can-be-communicated' };
export const nothingFound = { result: 'nothing-found', searched: ['S0'] };

export function urgentAlert(file: EnquiryFile, country: string) {
  return {
    phase: 'raised',
    raisedBy: 'requester',
    episode: 1,
    people: file.body.children.map(({ ref, names }) => ({
      ref,
      names,
      description: say('red jacket, school bag.'),
    })),
    dangers: ['with-suspected-exploiter', 'being-moved'],
    account: say('left the shelter with a known recruiter, seen entering a coach.'),
    believed: { country, onTheWay: true, why: say('the coach goes there.') },
    asked: say('meet the coach, bring the boy to a safe place, telephone us.'),
    doNotInform: [],
    telephone: { name: 'Duty officer (invented)', number: '+441632960001', languages: ['en', 'fr'] },
    handling: { readers: 'case-team', named: [], onward: 'ask-first', mayBeShownTo: [] },
    attachments: [],
  };
}

/** A note without content: what says nothing about a child needs no clearance. */
export const progress = () => ({ status: 'working' });
