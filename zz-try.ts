import {cleanAttachment} from '#node/attachments/clean.ts';
import {readFileSync,writeFileSync} from 'node:fs';
for (const n of process.argv.slice(2)) { const t=performance.now(); try { const e=await cleanAttachment({bytes:readFileSync(n),declaredMedia:''}); writeFileSync(n.split('/').pop()!.replace('.pdf','')+'-clean.pdf',e.bytes); console.log(n,e.bytes.length,Math.round(performance.now()-t),JSON.stringify(e.removed),JSON.stringify(e.warnings)); } catch(e){console.log(n,String(e),(e as any).code)} }
