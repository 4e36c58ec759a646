import { describe, expect, test } from 'vitest';
import type { CodeList, Language } from '#schema/vocabulary/code-list.ts';
import { languages } from '#schema/vocabulary/code-list.ts';
import { ctdcControlMethod, htcdsIndustry, ictip, toHtcds } from '#schema/vocabulary/htcds-export.ts';
import { codeLists } from '#schema/vocabulary/index.ts';
import { primeroCareArrangement, primeroRelationship, primeroRisk } from '#schema/vocabulary/primero-map.ts';

const lists = Object.values(codeLists);
const codesOf = (id: string) => [...codeLists[id]!.codes];
const english = (list: CodeList) => list.codes.map((code) => list.labels(code).en.text);

describe.each(lists.map((list) => [list.id, list] as const))('list %s', (_, list) => {
  test('is named, versioned and sourced', () => {
    expect(list.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(list.version).toBeGreaterThanOrEqual(1);
    expect(list.source).not.toBe('');
  });

  test('has four labels for every code, English reviewed and the others not', () => {
    for (const code of list.codes) {
      for (const language of languages) {
        const label = list.labels(code)[language];
        expect(label.text, `${code} ${language}`).toMatch(/\S/);
        expect(label.text).toBe(label.text.trim().normalize('NFC'));
        expect(label.reviewed, `${code} ${language}`).toBe(language === 'en');
      }
    }
  });

  test('never gives two codes the same label', () => {
    for (const language of languages) {
      const texts = list.codes.map((code) => list.labels(code)[language].text);
      expect(new Set(texts).size, `${language}: ${texts.filter((t, i) => texts.indexOf(t) !== i)}`).toBe(
        texts.length,
      );
    }
  });

  test('writes each language in its script', () => {
    const must: Record<Language, RegExp> = {
      en: /\p{Script=Latin}/u,
      fr: /\p{Script=Latin}/u,
      ru: /\p{Script=Cyrillic}/u,
      ar: /\p{Script=Arabic}/u,
    };
    const never: Record<Language, RegExp> = {
      en: /[\p{Script=Cyrillic}\p{Script=Arabic}]/u,
      fr: /[\p{Script=Cyrillic}\p{Script=Arabic}]/u,
      ru: /\p{Script=Arabic}|\p{Script=Cyrillic}\p{Script=Latin}|\p{Script=Latin}\p{Script=Cyrillic}/u,
      ar: /\p{Script=Cyrillic}/u,
    };
    for (const code of list.codes) {
      for (const language of languages) {
        const { text } = list.labels(code)[language];
        expect(text).toMatch(must[language]);
        expect(text).not.toMatch(never[language]);
      }
    }
  });
});

/** Words that PRACTICE replaces, and words that judge or possess; looked for in what people read. */
const FORBIDDEN =
  /\b(wards?|custody|perpetrators?|refugees?|hand-?overs?|age-?outs?|aged? out|no-hit|hits?|crypto-shredded|shredded|NFP|inquir(y|ies)|prostitut\w*|pornograph\w*|BIA|BID|illegal (migrant|immigrant)s?|go(es)? home|absconds?|traffickers?|criminals?|offenders?)\b/i;

describe('wording', () => {
  test.each(lists.map((list) => [list.id, list] as const))('%s avoids the words we do not use', (_, list) => {
    for (const text of english(list)) expect(text).not.toMatch(FORBIDDEN);
  });

  test('the check itself finds each word', () => {
    for (const bad of [
      'The ward',
      'in custody',
      'Perpetrator',
      'a refugee',
      'Pornography',
      'child prostitution',
      'no hit',
    ]) {
      expect(bad).toMatch(FORBIDDEN);
    }
    expect('Towards a reward').not.toMatch(FORBIDDEN);
  });

  test('"victim" stands only for a legal status or a part in proceedings', () => {
    const using = lists.filter((list) => english(list).some((text) => /\bvictim/i.test(text)));
    expect(using.map((list) => list.id)).toEqual(['fnq', 'trafficking-status']);
  });

  test('a sighting is always a reported one', () => {
    for (const text of lists.flatMap(english)) {
      if (/sighting/i.test(text)) expect(text).toMatch(/reported sighting/i);
    }
  });

  test('nobody is called suspected without the word', () => {
    for (const list of [codeLists['role-in-process']!, codeLists['name-kind']!]) {
      for (const text of english(list)) {
        if (/exploiter|recruiter|smuggler|abductor|transporter/i.test(text))
          expect(text).toMatch(/suspected/i);
      }
    }
  });
});

describe('codes', () => {
  test('every list of ours is in kebab case', () => {
    const elsewhere = /HTCDS 2\.0|question catalogue|^(ISIC|CTDC|Primero 2|PFIF)/;
    const ours = lists.filter((list) => !elsewhere.test(list.source));
    const other = new Set([
      'field-name',
      'case-field-name',
      'message-type',
      'conversation-state',
      'source',
      'question-source',
      'disclosure',
    ]);
    for (const list of ours.filter(({ id }) => !other.has(id))) {
      for (const code of list.codes) expect(code, list.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }
  });

  /** HTCDS 2.0 field standards, to the letter, sic included. */
  const htcds: Record<string, string> = {
    gender: 'Feminine Masculine TransgenderFeminine TransgenderMasculine NonConforming NonSpecifiedUnknown',
    'trafficking-status': 'PossibleVictimOfTrafficking ActualVictimOfTrafficking NotAVictimOfTrafficking',
    'trafficking-status-decider': 'Police NGO CourtOrProsecution NonPoliceGovernmentalOrganization Other',
    'exploitation-type':
      'ForcedLabour SexualExploitation ChildLabour ForcedMarriage Servitude ForcedMilitaryByNonStateActors OrganRemoval ForcedBegging ForcedAdoption Surrogacy Other',
    'sexual-exploitation-type': 'Prostitution Pornography RemoteInteractiveServices PrivateSexualServices',
    'control-method':
      'PhysicalThreats ThreatsLawEnforcement ThreatensChildrenFamily DebtBondage FalsePromises PhysicalAbuse SexualAbuse TakesEarnings RestrictsFinancialAccess RestrictsMedicalCare WithholdsNecessities PsychologicalAbuse PsychoactiveSubstance ExcessiveWorkingHours WithholdsDocuments Other',
    'recruitment-method':
      'AtAPlaceOfBusiness AtAnEducationalInstitution AtWork ThroughOnlineSocialNetworks ThroughAnOnlineAdvertisement ThroughATelevisionAdvert ThroughANewspaperAdvert ThroughFamilyOrFamilyEvents ThroughFriendsOrSocialEvents Other',
    'relationship-to-trafficker': 'Familial Acquainted Unaquainted',
    'role-in-process':
      'TravellingPartner Transporter RecruiterOrIntermediary BrokerTravelAgent TransferredIndividual HarbouredIndividual SoldIndividual BoughtIndividual ReceivedIndividual ControlledIndividual Smuggler Abuser Kidnapper Exploiter Other',
    'organisation-type':
      'NGO LawEnforcement HealthServiceOrganisation CentralGovernmentOrganisation LocalGovernmentOrganisation ImmigrationService LegalService CorporateBusiness SchoolOrCollege',
    'marital-status': 'Single Married Widowed Divorced Separated RegisteredPartnership',
    'education-level':
      'EarlyChildhoodEducation PrimaryEducation LowerSecondaryEducation UpperSecondaryEducation PostSecondaryNonTertiaryEducation ShortCycleTertiaryEducation BachelorsOrEquivalentLevel MastersOrEquivalentLevel DoctoralOrEquivalentLevel',
    'case-status': 'Active FollowUp Closed ClosedReferred',
    'referral-reason': 'AdditionalServicesRequired MigrationOrChangeOfLocation Other',
    'trafficking-event': 'Recruitment Transit Exploitation',
    'website-or-app':
      'Facebook Instagram WhatsApp Telegram FacebookMessenger Viber SnapChat Line 4Sale WeChat QQ QZone TikTok Twitter Other',
    'support-type':
      'Education Financial Health LabourExploitationRehabilitation Legal Livelihood RightsBasedTraining SexualExploitationRehabilitation SocialCare',
  };

  test.each(Object.entries(htcds))('%s holds the HTCDS values verbatim', (id, values) => {
    expect(codesOf(id).filter((code) => !code.startsWith('x_'))).toEqual(values.split(' '));
  });

  test('every HTCDS list is in that table, and extensions export as Other', () => {
    const fromHtcds = lists.filter((list) => list.source.includes('HTCDS 2.0')).map((list) => list.id);
    expect(fromHtcds.sort()).toEqual(Object.keys(htcds).sort());
    const extensions = lists.flatMap((list) => list.codes.filter((code) => code.startsWith('x_')));
    expect(extensions).toEqual(['x_RestrictsMovement', 'x_ForcedCriminality']);
    expect(extensions.map(toHtcds)).toEqual(['Other', 'Other']);
    expect(toHtcds('Unaquainted')).toBe('Unaquainted');
  });

  test('methods of control map to the names CTDC publishes', () => {
    const ctdc =
      'DebtBondage TakesEarnings RestrictsFinancialAccess Threats PsychologicalAbuse PhysicalAbuse SexualAbuse FalsePromises PsychoactiveSubstances RestrictsMovement RestrictsMedicalCare ExcessiveWorkingHours UsesChildren ThreatOfLawEnforcement WithholdsNecessities WithholdsDocuments Other';
    expect(Object.keys(ctdcControlMethod)).toEqual(codesOf('control-method'));
    for (const name of Object.values(ctdcControlMethod)) expect(ctdc.split(' ')).toContain(name);
  });

  test('sections of ISIC become what HTCDS made of them, where we have seen it, and nothing where not', () => {
    expect(Object.keys(htcdsIndustry)).toEqual(codesOf('isic-section'));
    for (const [section, value] of Object.entries(htcdsIndustry))
      if (value !== null) expect(value).toMatch(new RegExp(`^${section}_[A-Z][A-Za-z]+$`));
  });

  test('the column of IC-TIP is there, of every code, and empty', () => {
    expect(ictip.version).toBe(0);
    expect(Object.keys(ictip.exploitationType)).toEqual(codesOf('exploitation-type'));
    expect(Object.keys(ictip.controlMethod)).toEqual(codesOf('control-method'));
    const values = [...Object.values(ictip.exploitationType), ...Object.values(ictip.controlMethod)];
    expect(new Set(values)).toEqual(new Set([null]));
  });

  test('what Primero calls our codes is of its lookups, and no child is called a husband or a wife', () => {
    const care =
      'parent_s step_parent customary_caregiver_s adult_sibling kinship_care_extended_family foster_care residential_care kafala independent_living child_headed_household unrelated_adult no_care_arrangement other';
    const family =
      'mother father aunt uncle grandmother grandfather brother sister partner other_family other_nonfamily';
    expect(Object.keys(primeroCareArrangement)).toEqual(codesOf('care-arrangement'));
    expect(Object.values(primeroCareArrangement)).toEqual(care.split(' '));
    expect(Object.keys(primeroRelationship)).toEqual(codesOf('family-relationship'));
    expect(new Set(Object.values(primeroRelationship))).toEqual(new Set(family.split(' ')));
    expect(Object.keys(primeroRisk)).toEqual(codesOf('retrafficking-risk'));
    expect(primeroRisk['cannot-say']).toBeNull();
  });

  const fixed: Record<string, string> = {
    'isic-section': 'A B C D E F G H I J K L M N O P Q R S T U',
    'migration-status':
      'asylum-seeker refugee complementary-protection stateless irregular-migrant vulnerable-migrant stranded-migrant forced-migrant internally-displaced returnee deportee ex-combatant separated-child unaccompanied-child',
    'ctdc-age-band': '0--8 9--17 18--20 21--23 24--26 27--29 30--38 39--47 48+',
    'ctdc-labour-type':
      'Agriculture Aquafarming Begging Construction DomesticWork Hospitality IllicitActivities Manufacturing MiningOrDrilling Peddling Transportation Other NotSpecified',
    'ctdc-recruiter-relation': 'IntimatePartner Friend Family Other Unknown',
    'primero-protection-status': 'unaccompanied separated',
    'primero-risk-level': 'high medium low',
    'primero-protection-concern':
      'sexually_exploited gbv_survivor trafficked_smuggled statelessness arrested_detained migrant disabled serious_health_issue refugee caafag street_child child_mother physically_or_mentally_abused living_with_vulnerable_person worst_forms_of_child_labor child_headed_household mentally_distressed other',
    'primero-separation-cause':
      'conflict death family_abuse_violence_exploitation lack_of_access_to_services_support caafag sickness_of_family_member entrusted_into_the_care_of_an_individual arrest_and_detention abandonment repatriation population_movement migration poverty natural_disaster divorce_remarriage other_please_specify',
    'primero-tracing-status': 'open tracing_in_progress verified reunified closed',
    'primero-transition-status': 'in_progress accepted rejected done revoked',
    'pfif-note-status': 'information_sought is_note_author believed_alive believed_missing believed_dead',
    'photo-permission': 'registers-only named-professional named-person none',
    urgency: 'immediate-danger urgent routine',
    source: 'S0 S1 S2 S3 S4',
    disclosure: 'D0 D1 D2 D3',
    manner:
      'announced unannounced together-with-named-person same-gender-worker named-language named-person-absent',
    'answer-status': 'answered partly could-not refused not-asked-unsafe no-information',
    absence: 'not-known not-relevant withheld-for-safety not-yet-asked',
    'asylum-status':
      'not-assessed possible pending recognised appeal-open counselled-not-sought finally-rejected',
    'missing-category': 'sis-32-1-a sis-32-1-b sis-32-1-c sis-32-1-d sis-32-1-e',
    'missing-phase': 'opened updated ended',
    'first-look-known': 'known not-known cannot-say',
    'first-look-danger': 'yes no cannot-say',
    'message-type':
      'ENQ ACK FLK CLR CLA FWD PRG INT RPT NEG NIC LSW REF SUP WDR STP MIS REP STA URG SGT MSR USE OUT CLS RPN ERS',
    'conversation-state':
      'DRAFT SENT DELIVERED ACKNOWLEDGED CLARIFYING DEFERRED IN_PROGRESS INTERIM ANSWERED ACCEPTED SUPPLEMENT_ASKED CLOSED REFUSED WITHDRAWN FORWARDED EXPIRED ON_HOLD_SAFETY AWAITING_COURT AWAITING_CHILD TRANSFERRED_OUTSIDE MONITORING REOPENED ALERT',
    'legal-basis':
      'h96-30 h96-31a h96-31b h96-31c h96-32a h96-32b h96-33 h96-34 h96-35 h96-36 biib-79 biib-80-1a biib-80-1b biib-80-1c biib-80-2 biib-81 biib-82 bilateral coe-32 coe-33-1 coe-33-2 coe-34 national-law courtesy',
  };
  test.each(Object.entries(fixed))('%s holds exactly its codes', (id, values) => {
    expect(codesOf(id)).toEqual(values.split(' '));
  });

  test('care arrangements are the thirteen of the case systems', () => {
    expect(codesOf('care-arrangement')).toHaveLength(13);
  });
});

describe('what a list must not allow', () => {
  test('each ground says how to ask properly', () => {
    expect(codesOf('refusal-way-to-ask')).toEqual(codesOf('refusal-ground'));
    expect(codesOf('refusal-ground')).toContain('court-leave-required');
  });

  test('bars, grounds, deferrals and outcomes share no code', () => {
    const codes = ['refusal-bar', 'refusal-ground', 'refusal-deferral', 'refusal-outcome'].flatMap(codesOf);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('no refusal keeps its ground secret, since that says "yes, the child is here"', () => {
    const codes = ['refusal-bar', 'refusal-ground', 'refusal-deferral', 'refusal-outcome'].flatMap(codesOf);
    expect(codes.filter((code) => /withheld|secret|undisclosed/.test(code))).toEqual([]);
  });

  test('nothing told to a peer about ending betrays a claim for protection', () => {
    const told = [
      'withdrawal-reason',
      'closing-ground',
      'refusal-ground',
      'refusal-deferral',
      'status-notice',
      'message-type',
    ];
    for (const id of told) {
      for (const text of [...codesOf(id), ...english(codeLists[id]!)]) {
        expect(text).not.toMatch(/asylum|international protection|claim/i);
      }
    }
  });

  test('no ground lets a conversation close by silence', () => {
    for (const text of [...codesOf('closing-ground'), ...english(codeLists['closing-ground']!)]) {
      expect(text).not.toMatch(/silence|no[- ]reply|unanswered|expired?|time/i);
    }
  });

  test('"no indication found" is never shortened to "no"', () => {
    for (const id of ['family-involvement', 'exploiter-presence', 'renewed-signs', 'sibling-situation']) {
      expect(codesOf(id)).not.toContain('no');
      expect(codesOf(id).filter((code) => /-found$/.test(code))).toHaveLength(1);
    }
  });

  test('asylum status has no value for "nobody looked" other than not-assessed', () => {
    expect(codesOf('asylum-status')).not.toContain('none');
    expect(codesOf('asylum-status')[0]).toBe('not-assessed');
  });
});
