import * as openpgp from 'openpgp';
import { makeTestNetwork } from '#tests/fixtures/network.ts';
import { openDocument } from '#schema/seal/open.ts';
import { sealDocument } from '#schema/seal/seal.ts';
import { sealBytes, openBytes } from '#schema/seal/openpgp.ts';
import { makePair, makeDocument, wrap } from './sealing.ts';
const network = await makeTestNetwork();
const profile='p4' as const;
  const a = await makePair('xa', profile); const b = await makePair('xb', profile);
  const so = { signWith: a.key, encryptTo: [b.certificate], profile };
  const oo = { decryptWith: [b.key], senderCerts: [a.certificate] };
  const s = await sealDocument(makeDocument(), so);
  const e = await wrap(network, s, {}, profile);
  const plain = new Uint8Array(4096).fill(65);
  const time = async (n: number, conc: number, f: () => Promise<unknown>) => {
    const t = performance.now(); let left = n;
    await Promise.all(Array.from({ length: conc }, async () => { while (left-- > 0) await f(); }));
    return ((performance.now() - t) / n).toFixed(2);
  };
  const cfg = {aeadProtect:false};
  const rawSeal = async () => openpgp.encrypt({message: await openpgp.createMessage({binary: plain}), signingKeys: a.key.key, encryptionKeys: b.certificate.key, format:'binary', config: cfg});
  const blob = await rawSeal() as Uint8Array;
  const rawOpen = async () => { const r = await openpgp.decrypt({message: await openpgp.readMessage({binaryMessage: blob}), decryptionKeys: b.key.key, verificationKeys: a.certificate.key, format:'binary', expectSigned: true, config: cfg}); await r.signatures[0].verified };
  const d = e.value.iat;
  const mySeal = () => sealBytes(plain, {signWith: a.key.key, encryptTo:[b.certificate.key], profile, dateS: d});
  const myblob = await mySeal();
  const myOpen = () => openBytes(myblob, {decryptWith:[b.key.key], senderCerts:[a.certificate.key], notAfterS: d});
  for (let r = 0; r < 4; r++) for (const c of [1,16])
    console.log(c, 'raw seal', await time(300,c,rawSeal), 'mine', await time(300,c,mySeal), 'doc', await time(300,c,()=>sealDocument(makeDocument(), so)), '| raw open', await time(300,c,rawOpen), 'mine', await time(300,c,myOpen), 'doc', await time(300,c,()=>openDocument(e, s.bytes, oo)));
