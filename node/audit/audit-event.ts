/**
 * An entry of the trail as an HL7 FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html; why R4: docs/adr/0009). People are named by
 * their id here and never by name, conversations by their random id. Pure.
 */
import type { TrailEntry } from './trail.ts';

type Coding = { system: string; code: string; display: string };
type Concept = { coding: Coding[] };
type Reference = { identifier: { system: string; value: string } };

export interface AuditEvent {
  resourceType: 'AuditEvent';
  id: string;
  type: Coding;
  subtype: Coding[];
  action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** To the millisecond, UTC. */
  recorded: string;
  /** 0 done, 4 refused. */
  outcome: '0' | '4';
  agent: {
    type: Concept;
    role?: Concept[];
    who: Reference;
    requestor: boolean;
    purposeOfUse?: Concept[];
  }[];
  source: { observer: Reference; type: Coding[] };
  entity?: {
    what?: Reference;
    type: Coding;
    role: Coding;
    detail?: { type: string; valueString: string }[];
  }[];
}

/** Code systems of our own; the codes are those of EVENTS.md, of roles and of purposes. */
export const ownSystems = {
  event: 'urn:focalnet:audit-event',
  role: 'urn:focalnet:role',
  purpose: 'urn:focalnet:purpose',
  person: 'urn:focalnet:person',
  node: 'urn:focalnet:node',
} as const;

const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const RFC_3986 = 'urn:ietf:rfc:3986';

const dicom = (code: string, display: string): Coding => ({ system: DICOM, code, display });
const kinds = {
  query: dicom('110112', 'Query'),
  export: dicom('110106', 'Export'),
  trail: dicom('110101', 'Audit Log Used'),
  signIn: dicom('110114', 'User Authentication'),
  alert: dicom('110113', 'Security Alert'),
  activity: dicom('110100', 'Application Activity'),
};
type Kind = keyof typeof kinds;

const HUMAN = concept({
  system: 'http://terminology.hl7.org/CodeSystem/extra-security-role-type',
  code: 'humanuser',
  display: 'human user',
});
const APPLICATION = concept(dicom('110150', 'Application'));
const SERVER: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  code: '4',
  display: 'Application Server',
};
const SYSTEM_OBJECT: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code: '2',
  display: 'System Object',
};
const objectRole = (code: string, display: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
  display,
});

/** Purposes that HL7 has a code for; our own code always stands beside it. */
const REASONS: Readonly<Record<string, Coding>> = {
  'legal-advice': { system: ACT_REASON, code: 'HLEGAL', display: 'legal' },
  audit: { system: ACT_REASON, code: 'HCOMPL', display: 'health compliance' },
  'break-glass-review': { system: ACT_REASON, code: 'HCOMPL', display: 'health compliance' },
  operation: { system: ACT_REASON, code: 'HSYSADMIN', display: 'health system administration' },
};

/** What ends like this brought something into being; all else changed something. */
const CREATES = /\.(proposed|stored|stored-uncleaned|given|admitted|asked|opened|reported|entered)$/;
const REFUSED = /\.(stopped|rejected|refused)$/;
const ALERTS = /^(need\.|breach\.)|\.(stopped|equivocation|forked)$/;
const READS = ['reading.answered', 'attachment.read', 'evidence.exported', 'case.exported'];

/** @param origin of this node's log, e.g. `focalnet.example/xa` */
export function toAuditEvent(entry: TrailEntry, origin: string): AuditEvent {
  const entity = entitiesOf(entry);
  return {
    resourceType: 'AuditEvent',
    id: `audit-${entry.id}`,
    type: kinds[kindOf(entry)],
    subtype: [own('event', entry.type)],
    action: actionOf(entry),
    recorded: new Date(entry.atMs).toISOString(),
    outcome: REFUSED.test(entry.type) ? '4' : '0',
    agent: [agentOf(entry, origin)],
    source: { observer: named('node', origin), type: [SERVER] },
    ...(entity.length > 0 && { entity }),
  };
}

function kindOf({ type, role }: TrailEntry): Kind {
  if (role === 'auditor' && READS.includes(type)) return 'trail';
  if (type.endsWith('.exported')) return 'export';
  if (READS.includes(type)) return 'query';
  if (type.startsWith('session.')) return 'signIn';
  return ALERTS.test(type) ? 'alert' : 'activity';
}

function actionOf({ type, actor }: TrailEntry): AuditEvent['action'] {
  if (READS.includes(type)) return 'R';
  // What the node does by itself, and signing in and out: somebody or something ran.
  if (actor === null || type.startsWith('session.')) return 'E';
  return CREATES.test(type) ? 'C' : 'U';
}

function agentOf({ actor, role, purpose }: TrailEntry, origin: string): AuditEvent['agent'][number] {
  if (actor === null) return { type: APPLICATION, who: named('node', origin), requestor: false };
  const reason = purpose === null ? undefined : REASONS[purpose];
  return {
    type: HUMAN,
    ...(role !== null && { role: [concept(own('role', role))] }),
    who: named('person', actor),
    requestor: true,
    ...(purpose !== null && {
      purposeOfUse: [{ coding: [own('purpose', purpose), ...(reason ? [reason] : [])] }],
    }),
  };
}

function entitiesOf({ threads, rows }: TrailEntry): NonNullable<AuditEvent['entity']> {
  const conversations = threads.map((thread) => ({
    what: { identifier: { system: RFC_3986, value: `urn:uuid:${thread}` } },
    type: SYSTEM_OBJECT,
    role: objectRole('4', 'Domain Resource'),
  }));
  const detail = Object.entries(rows).map(([type, count]) => ({ type, valueString: String(count) }));
  const lists = detail.length > 0 ? [{ type: SYSTEM_OBJECT, role: objectRole('24', 'Query'), detail }] : [];
  return [...conversations, ...lists];
}

function own(system: 'event' | 'role' | 'purpose', code: string): Coding {
  return { system: ownSystems[system], code, display: code };
}

function concept(coding: Coding): Concept {
  return { coding: [coding] };
}

const named = (system: 'person' | 'node', value: string): Reference => ({
  identifier: { system: ownSystems[system], value },
});
