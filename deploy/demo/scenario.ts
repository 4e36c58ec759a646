/**
 * The invented scenarios, as files: an enquiry each (tests/fixtures/enquiries) and the acts that follow it to its end
 * (tests/fixtures/scenarios). Reads and checks them; plays nothing.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { EnquiryFile } from '#schema/conversation/enquiry-file.ts';
import { gateNames } from '#schema/conversation/gates.ts';
import { type MessageCode, messageCodes, messageTypes } from '#schema/conversation/message-types.ts';
import { asylumStatus } from '#schema/vocabulary/warnings.ts';

/** Holds `enquiries`, `scenarios` and `attachments`. */
export const FIXTURES = fileURLToPath(new URL('../../tests/fixtures', import.meta.url));

const Side = z.enum(['requester', 'requested']);
const StateCode = z.string().regex(/^x[a-z]$/);

/** What only a State's own node knows. */
const Knowledge = z.strictObject({
  childIsHere: z.enum(['yes', 'no', 'not-known']),
  asylum: z.array(z.strictObject({ country: z.string(), status: z.enum(asylumStatus.codes) })),
});

const Step = z
  .strictObject({
    side: Side,
    /** When its author releases it in the story. */
    at: z.iso.datetime(),
    type: z.enum(messageCodes),
    /** Conversations within one scenario. */
    thread: z.string().default('a'),
    /** For an enquiry, instead of a body: its file, with its case facts and attachments. */
    file: z.string().optional(),
    body: z.record(z.string(), z.unknown()).optional(),
    /** Files of any other act, as paths beside the scenario; its body says what they are. */
    attachments: z.array(z.string()).default([]),
    /** What the author's node states by now, where the file of the enquiry says what it was in the beginning. */
    knows: Knowledge.optional(),
    /** What a gate stopped is taken back afterwards, since the family is traced outside State channels. */
    takenBack: z.strictObject({ outsideBy: z.enum(['iss', 'red-cross']), reason: z.string() }).optional(),
    /** Clearances that two people give for exactly this act. */
    cleared: z.array(z.enum(['asylum', 'presence', 'family-contact', 'place'])).default([]),
    /** It reaches the peer before the step written above it. */
    overtakes: z.boolean().default(false),
    /** State of the conversation at both sides afterwards. */
    expectState: z.string().optional(),
    /** The act does not leave: this gate stops it. */
    expectBlocked: z.enum(gateNames).optional(),
  })
  .transform(({ file, body, ...step }) => ({
    ...step,
    ...(file === undefined ? {} : { file }),
    body: file === undefined ? parseBody(step.type, body) : readEnquiryFile(file).body,
  }));
export type Step = z.infer<typeof Step>;

const ScenarioFile = z.strictObject({
  invented: z.literal(true),
  id: z.string(),
  title: z.string().startsWith('INVENTED '),
  /** States by conversation and side. */
  states: z.record(z.string(), z.record(Side, StateCode)),
  /** Which of them take part in Regulation 2019/1111 and in the 1996 Convention. */
  biib: z.array(StateCode),
  h96: z.array(StateCode),
  /** What the requested side's node knows; the requester's is in the file of the enquiry. */
  requestedKnows: Knowledge,
  steps: z.array(Step).min(1),
  /** How the child's story ends. */
  ending: z.string(),
});
export type Scenario = z.infer<typeof ScenarioFile>;

function parseBody(type: MessageCode, body: unknown): Record<string, unknown> {
  return messageTypes[type].body.parse(body) as Record<string, unknown>;
}

/** @param name e.g. `01-main-journey` @throws ZodError */
export function readScenario(name: string): Scenario {
  return ScenarioFile.parse(readJson(`${FIXTURES}/scenarios/${name}.json`));
}

/** An enquiry file as a person wrote it. @param name e.g. `01-main-journey.json` @throws ZodError */
export function readEnquiryFile(name: string): EnquiryFile {
  return EnquiryFile.parse(readJson(`${FIXTURES}/enquiries/${name}`));
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** The file of the enquiry that a step's conversation is about. */
export function enquiryOf({ steps }: Scenario, { thread }: Pick<Step, 'thread'>): EnquiryFile | undefined {
  const file = steps.find((step) => step.thread === thread && step.file !== undefined)?.file;
  return file === undefined ? undefined : readEnquiryFile(file);
}
