/**
 * The sign-in page of the demo's identity provider: plain HTML, and it says that everybody on it is invented.
 */
import type { ServerResponse } from 'node:http';
import type { InventedClient } from './start-provider.ts';

/** The form goes back to its own address with `person` (subject) and `factors` (`one` or `two`). */
export function answerLoginPage(response: ServerResponse, { clientId, people }: InventedClient): void {
  const choices = people.map(
    ({ subject, name, role }, i) =>
      `<p><label><input type="radio" name="person" value="${subject}"${i === 0 ? ' checked' : ''}> ${name}, ${role}</label></p>`,
  );
  answer(
    response,
    200,
    `<p>Everybody here is INVENTED. There is no password: this page belongs to the demo of Focalnet.</p>
<form method="post">
<fieldset><legend>Who signs in to ${clientId}?</legend>
${choices.join('\n')}
</fieldset>
<fieldset><legend>How did they prove it?</legend>
<p><label><input type="radio" name="factors" value="two" checked> with a second factor</label></p>
<p><label><input type="radio" name="factors" value="one"> with a password alone</label></p>
</fieldset>
<p><button type="submit">Sign in</button></p>
</form>`,
  );
}

export const answerPlainPage = (response: ServerResponse, status: number, sentence: string): void =>
  answer(response, status, `<p>${sentence}</p>`);

function answer(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>INVENTED identity provider</title></head>
<body>
<h1>INVENTED identity provider</h1>
${html}
</body>
</html>
`);
}
