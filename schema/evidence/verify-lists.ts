/**
 * The chain of trust lists in a bundle, from the anchor on, list by list. Where no anchor is given, the first list
 * vouches for itself, and the report says so.
 */
import { type Keyring, makeKeyring } from '#schema/jws/keyring.ts';
import { makeAnchor, type VerifiedList, verifyFirstList, verifyNextList } from '#schema/jws/trust-list.ts';
import { formatProof, parseProof } from '#schema/log/proof.ts';
import { GATEWAY } from '#schema/protocol/ids.ts';
import type { Anchor } from '#schema/protocol/trust-list.ts';
import { type Bundle, EvidenceError } from './bundle.ts';
import { openSeenCheckpoint } from './listed-logs.ts';
import { formatTime, type Report } from './verdict.ts';

/** No clock here: evidence may be read at any later time, and lists are dated by what follows them. */
const ANY_TIME_S = Number.MAX_SAFE_INTEGER;

/**
 * Verifies the chain and reports on it.
 * @returns one keyring per list, oldest first
 * @throws EvidenceError, ListError, LogError of the first list that does not hold; `where` is then in `position.where`
 */
export async function verifyLists(
  bundle: Bundle,
  anchor: Anchor | null,
  report: Report,
  position: { where: string },
): Promise<Keyring[]> {
  const keyrings: Keyring[] = [];
  let previous: VerifiedList | null = null;
  for (const [at, { list, proof }] of bundle.lists.entries()) {
    position.where = `lists[${at}]`;
    previous =
      previous === null
        ? await verifyFirst(list, proof, anchor, report)
        : await verifyNext(list, proof, previous, report, position.where);
    keyrings.push(makeKeyring(previous));
  }
  position.where = 'net';
  if (keyrings[0]!.net !== bundle.net) throw new EvidenceError('OTHER_NETWORK');
  const last = keyrings.at(-1)!;
  report.leave(
    `What trust lists after list ${last.ver} of ${formatTime(last.iat)} say, e.g. that a key was revoked later.`,
  );
  return keyrings;
}

async function verifyFirst(
  list: string,
  proof: string | null,
  anchor: Anchor | null,
  report: Report,
): Promise<VerifiedList> {
  if (proof !== null) throw new EvidenceError('LIST_PROOF');
  const first = await verifyFirstList(list, anchor ?? (await makeAnchor(list)));
  const { net, iat } = first.value;
  const signed = `signed by ${first.signers.length} of its authorities, dated ${formatTime(iat)}`;
  if (anchor === null) {
    report.prove(`Trust list 1 of ${net} is ${signed}.`, 'lists[0]');
    report.leaveEssential(
      `That these are the authorities of ${net}: no anchor was given.`,
      'lists[0]',
      'NO_ANCHOR',
    );
  } else report.prove(`Trust list 1 of ${net} is the one the anchor names, ${signed}.`, 'lists[0]');
  return first;
}

async function verifyNext(
  json: string,
  proofText: string | null,
  previous: VerifiedList,
  report: Report,
  where: string,
): Promise<VerifiedList> {
  const proof = proofText === null ? undefined : parseProof(proofText);
  const list = await verifyNextList(json, previous, {
    nowS: ANY_TIME_S,
    ...(proof === undefined ? {} : { proof }),
  });
  const head = `Trust list ${list.value.ver} follows list ${previous.value.ver}, dated ${formatTime(list.value.iat)}`;
  if (proof === undefined || proofText === null) {
    report.prove(`${head}, signed by all authorities; no witness saw it.`, where);
    return list;
  }
  // `verifyNextList` takes all authorities' word instead of a bad proof; here nothing may stay unverified.
  const spare = list.alarm || proof.extra !== undefined || formatProof(proof) !== proofText;
  if (spare) throw new EvidenceError('LIST_PROOF');
  const origin = `${list.value.net}/${GATEWAY}`;
  const { cosigners } = await openSeenCheckpoint(proof.checkpoint, origin, [previous.value]);
  const names = cosigners.map(({ name }) => shortName(name)).join(', ');
  report.prove(
    `${head}, signed by ${list.signers.length} authorities and seen in the log by ${names}.`,
    where,
  );
  return list;
}

/** The party in a log or witness name. */
export function shortName(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1);
}
