/**
 * The rules of HL7 FHIR R4 (4.0.1) for AuditEvent that matter here, written down from the specification and not from our code:
 * elements, cardinalities, types, required bindings, code systems, invariant sev-1. hl7.org/fhir/R4/auditevent-definitions.html
 */

/** `1..1` and the like; type by name; for a coding the systems it may come from; for a code its values. */
export interface Rule {
  readonly card: '0..1' | '1..1' | '0..*' | '1..*';
  readonly type: string;
  readonly codes?: readonly string[];
  readonly systems?: readonly string[];
  readonly parts?: Rules;
}
export type Rules = Readonly<Record<string, Rule>>;

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

const one = (type: string, more: Partial<Rule> = {}): Rule => ({ card: '1..1', type, ...more });
const maybe = (type: string, more: Partial<Rule> = {}): Rule => ({ card: '0..1', type, ...more });
const some = (type: string, more: Partial<Rule> = {}): Rule => ({ card: '0..*', type, ...more });

/** Codes of extensible bindings that this project may use, by system; a system that is not here is our own. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  [DCM]: ['110100', '110101', '110106', '110112', '110113', '110114', '110150'],
  [`${TERMINOLOGY}/extra-security-role-type`]: ['humanuser'],
  [`${TERMINOLOGY}/security-source-type`]: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
  [`${TERMINOLOGY}/audit-entity-type`]: ['1', '2', '3', '4'],
  [`${TERMINOLOGY}/object-role`]: Array.from({ length: 24 }, (_, i) => String(i + 1)),
  [`${TERMINOLOGY}/v3-ActReason`]: ['HLEGAL', 'HCOMPL', 'HSYSADMIN', 'BTG'],
};

export const AUDIT_EVENT_RULES: Rules = {
  resourceType: one('code', { codes: ['AuditEvent'] }),
  id: maybe('id'),
  type: one('Coding', {
    systems: [DCM, `${TERMINOLOGY}/audit-event-type`, `${TERMINOLOGY}/iso-21089-lifecycle`],
  }),
  subtype: some('Coding'),
  action: maybe('code', { codes: ['C', 'R', 'U', 'D', 'E'] }),
  period: maybe('Period'),
  recorded: one('instant'),
  outcome: maybe('code', { codes: ['0', '4', '8', '12'] }),
  outcomeDesc: maybe('string'),
  purposeOfEvent: some('CodeableConcept'),
  agent: {
    card: '1..*',
    type: 'BackboneElement',
    parts: {
      type: maybe('CodeableConcept', { systems: [DCM, `${TERMINOLOGY}/extra-security-role-type`] }),
      role: some('CodeableConcept'),
      who: maybe('Reference'),
      altId: maybe('string'),
      name: maybe('string'),
      requestor: one('boolean'),
      location: maybe('Reference'),
      policy: some('uri'),
      media: maybe('Coding'),
      network: maybe('BackboneElement'),
      purposeOfUse: some('CodeableConcept'),
    },
  },
  source: one('BackboneElement', {
    parts: {
      site: maybe('string'),
      observer: one('Reference'),
      type: some('Coding', { systems: [`${TERMINOLOGY}/security-source-type`] }),
    },
  }),
  entity: some('BackboneElement', {
    parts: {
      what: maybe('Reference'),
      type: maybe('Coding', { systems: [`${TERMINOLOGY}/audit-entity-type`] }),
      role: maybe('Coding', { systems: [`${TERMINOLOGY}/object-role`] }),
      lifecycle: maybe('Coding'),
      securityLabel: some('Coding'),
      name: maybe('string'),
      description: maybe('string'),
      query: maybe('base64Binary'),
      detail: some('BackboneElement', {
        parts: {
          type: one('string'),
          valueString: maybe('string'),
          valueBase64Binary: maybe('base64Binary'),
        },
      }),
    },
  }),
};

type Check = (value: never, rule: Rule) => boolean;
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.trim() === value;
const isUri = (value: unknown): boolean => isText(value) && /^(https?:\/\/|urn:)\S+$/.test(value);

/** Primitive and general types of R4, as far as they may stand here; one that is not here is no fault but an error of the test. */
const TYPES: Readonly<Record<string, Check>> = {
  code: (value, { codes }) => isText(value) && (codes ?? []).includes(value),
  id: (value) => isText(value) && /^[A-Za-z0-9\-.]{1,64}$/.test(value),
  string: (value) => isText(value),
  boolean: (value) => typeof value === 'boolean',
  instant: (value) =>
    isText(value) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
  Coding: (value: Record<string, unknown>, { systems }) => {
    const { system, code, display, ...rest } = value;
    const known = KNOWN[system as string];
    return (
      isUri(system) &&
      isText(code) &&
      isText(display) &&
      Object.keys(rest).length === 0 &&
      (systems === undefined || systems.includes(system as string)) &&
      (known === undefined ? String(system).startsWith('urn:focalnet:') : known.includes(code))
    );
  },
  CodeableConcept: (value: { coding?: unknown[]; text?: unknown }, rule) =>
    Array.isArray(value.coding) &&
    value.coding.length > 0 &&
    value.coding.every((coding) => TYPES.Coding!(coding as never, rule)),
  Reference: (value: { identifier?: { system?: unknown; value?: unknown }; reference?: unknown }) =>
    value.reference === undefined && isUri(value.identifier?.system) && isText(value.identifier?.value),
  BackboneElement: (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
};

/** What in a resource breaks a rule, as paths. */
export function faultsOf(value: Record<string, unknown>, rules: Rules, path = 'AuditEvent'): string[] {
  const unknown = Object.keys(value).filter((name) => !(name in rules));
  const faults = unknown.map((name) => `${path}.${name} is no element`);
  for (const [name, rule] of Object.entries(rules)) {
    const place = `${path}.${name}`;
    const given = value[name];
    if (given === undefined) {
      if (rule.card.startsWith('1')) faults.push(`${place} is missing`);
      continue;
    }
    const isList = rule.card.endsWith('*');
    // JSON form of R4: no empty array, no null, an array exactly where it may repeat.
    if (Array.isArray(given) !== isList || (Array.isArray(given) && given.length === 0)) {
      faults.push(`${place} has the wrong cardinality`);
      continue;
    }
    for (const item of (isList ? given : [given]) as never[]) {
      if (!TYPES[rule.type]!(item, rule)) faults.push(`${place} is no ${rule.type}`);
      if (rule.parts) faults.push(...faultsOf(item, rule.parts, place));
      const { name: entityName, query } = item as { name?: unknown; query?: unknown };
      if (place === 'AuditEvent.entity' && entityName !== undefined && query !== undefined)
        faults.push('sev-1');
    }
  }
  return faults;
}
