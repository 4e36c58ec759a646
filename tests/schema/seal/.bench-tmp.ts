import { makeTestNetwork } from '#tests/fixtures/network.ts';
import { openDocument } from '#schema/seal/open.ts';
import { sealDocument } from '#schema/seal/seal.ts';
import { makePair, makeDocument, wrap } from './sealing.ts';
const network = await makeTestNetwork();
for (const profile of ['p4', 'p6'] as const) {
  const a = await makePair('xa', profile); const b = await makePair('xb', profile);
  const so = { signWith: a.key, encryptTo: [b.certificate], profile };
  const oo = { decryptWith: [b.key], senderCerts: [a.certificate] };
  const s = await sealDocument(makeDocument(), so);
  const e = await wrap(network, s, {}, profile);
  const time = async (n: number, conc: number, f: () => Promise<unknown>) => {
    const t = performance.now(); let left = n;
    await Promise.all(Array.from({ length: conc }, async () => { while (left-- > 0) await f(); }));
    return ((performance.now() - t) / n).toFixed(2);
  };
  for (let r = 0; r < 3; r++) {
    console.log(profile, 'bytes', s.bytes.length, 'seal 1:', await time(200, 1, () => sealDocument(makeDocument(), so)), '16:', await time(600, 16, () => sealDocument(makeDocument(), so)),
      'open 1:', await time(200, 1, () => openDocument(e, s.bytes, oo)), '16:', await time(600, 16, () => openDocument(e, s.bytes, oo)));
  }
}
