import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpError } from '#platform/http/http-error.ts';
import { type LogFields, makeLog } from '#platform/http/log.ts';
import { answerJson, type Route } from '#platform/http/route.ts';
import { type Served, type ServeOptions, serve } from '#platform/http/serve.ts';

const silent = makeLog('test', 'silent');
const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

async function start(routes: Route[], options: Partial<ServeOptions> = {}): Promise<Served> {
  const served = await serve({ host: '127.0.0.1', port: 0, routes, log: silent, ...options });
  open.push(served);
  return served;
}

/** Also of methods that `fetch` does not send. */
async function statusOf(url: string, method: string): Promise<number | undefined> {
  const asking = httpRequest(url, { method }).end();
  const [{ statusCode }] = await once(asking, 'response');
  return statusCode;
}

const echo: Route = {
  method: 'POST',
  path: '/echo',
  handle: async (request) => ({ status: 200, body: await request.readBody() }),
};

describe('routes', () => {
  it('answers by method and path, with decoded parameters', async () => {
    const handle: Route['handle'] = ({ params, query, search }) =>
      answerJson(200, { params, query, a: search.get('a') });
    const { url } = await start([
      { method: 'GET', path: '/parts/:to/:id', handle },
      { method: 'GET', path: '/log/*', handle },
    ]);
    const parts = await fetch(`${url}/parts/xa/a%2Fb?a=1`);
    expect(await parts.json()).toEqual({ params: { to: 'xa', id: 'a/b' }, query: '?a=1', a: '1' });
    expect(Object.fromEntries(parts.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      'content-type': 'application/json; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
    });
    expect(await (await fetch(`${url}/log/tile/0/x001/067`)).json()).toMatchObject({
      params: { '*': 'tile/0/x001/067' },
    });
    expect((await fetch(`${url}/parts/xa/b/c`)).status).toBe(404);
    for (const method of ['PUT', 'TRACE']) expect(await statusOf(`${url}/parts/xa/b`, method)).toBe(405);
    expect((await fetch(`${url}/parts/xa/%ff`)).status).toBe(400);
  });

  it('shows errors meant for callers and hides all others', async () => {
    const logged: [string, LogFields | undefined][] = [];
    const log = { ...silent, error: (event: string, fields?: LogFields) => logged.push([event, fields]) };
    const fail = (error: unknown) => () => Promise.reject(error);
    const { url } = await start(
      [
        { method: 'GET', path: '/told', handle: fail(new HttpError(503, 'OVERLOADED', 'Later.', 7)) },
        { method: 'GET', path: '/secret', handle: fail(new Error('Anna Canary')) },
      ],
      { log },
    );
    const told = await fetch(`${url}/told`);
    expect(told.headers.get('retry-after')).toBe('7');
    expect(await told.json()).toMatchObject({ code: 'OVERLOADED', message: 'Later.' });
    const secret = await fetch(`${url}/secret`);
    const text = await secret.text();
    expect(secret.status).toBe(500);
    expect(text).not.toContain('Canary');
    expect(JSON.stringify(logged)).not.toContain('Canary');
    expect(JSON.parse(text).correlationId).toBe(secret.headers.get('x-correlation-id'));
    expect(logged.at(-1)?.[1]?.correlationId).toBe(secret.headers.get('x-correlation-id'));
  });
});

describe('limits', () => {
  it('takes a body of exactly the limit and refuses one byte more, announced or not', async () => {
    const { url } = await start([echo], { maxBodyBytes: 1000 });
    const post = (body: BodyInit) =>
      fetch(`${url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect((await (await post(new Uint8Array(1000))).arrayBuffer()).byteLength).toBe(1000);
    expect((await post(new Uint8Array(1001))).status).toBe(413);
    const unannounced = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(600));
        controller.enqueue(new Uint8Array(600));
        controller.close();
      },
    });
    const refused = await post(unannounced);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      413,
      'BODY_TOO_LARGE',
    ]);
  });

  it.each([
    ['headers', 'POST /echo HTTP/1.1\r\nHost: x\r\n'],
    ['a body', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'],
  ])('cuts a connection that sends %s too slowly', async (_what, text) => {
    const { url } = await start([echo], { headersTimeoutMs: 200, requestTimeoutMs: 200 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(text);
    await once(socket, 'close');
  });

  it.each([
    ['a body that nobody reads', ['Content-Length: 200'], ''],
    ['a length and pieces at once', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 0', 'Content-Length: 60'], ''],
    ['pieces of another coding', ['Transfer-Encoding: xchunked'], ''],
  ])('takes nothing that comes in %s for a request of its own', async (_what, headers, body) => {
    const asked: string[] = [];
    const handle: Route['handle'] = async ({ path }) => {
      asked.push(path);
      throw new HttpError(403, 'REFUSED', 'Refused.');
    };
    const { url } = await start([
      { method: 'POST', path: '/open', handle },
      { method: 'GET', path: '/hidden', handle },
    ]);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    const head = ['POST /open HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n');
    socket.write(`${head}${body}GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'close');
    expect(asked).not.toContain('/hidden');
  });

  it('lets strangers together hold little, and a known party its own share, until the handler has answered', async () => {
    const MiB = 1024 * 1024;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let holding = 0;
    const hold = (holder?: string): Route => ({
      method: 'POST',
      path: `/hold-${holder ?? 'nobody'}`,
      handle: async (request) => {
        await request.readBody(40 * MiB, holder);
        holding++;
        await released;
        return { status: 204 };
      },
    });
    const { url } = await start([hold(), hold('xa'), hold('xb')]);
    const post = async (who: string, bytes: number) =>
      (await fetch(`${url}/hold-${who}`, { method: 'POST', body: new Uint8Array(bytes) })).status;
    const held = [post('nobody', 20 * MiB), post('xa', 40 * MiB)];
    await expect.poll(() => holding, { timeout: 10_000 }).toBe(2);
    expect(await post('nobody', 20 * MiB)).toBe(503);
    expect(await post('xa', 40 * MiB)).toBe(503);
    held.push(post('xb', 40 * MiB));
    await expect.poll(() => holding, { timeout: 10_000 }).toBe(3);
    release();
    expect(await Promise.all(held)).toEqual([204, 204, 204]);
    expect(await post('nobody', 20 * MiB)).toBe(204);
  });

  it('keeps a connection for the next request', async () => {
    const { url } = await start([{ method: 'GET', path: '/', handle: () => ({ status: 204 }) }, echo]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const call = async (method: string, path: string) => {
      const request = httpRequest(url + path, { agent, method }).end(method === 'POST' ? 'hello' : undefined);
      const [response] = await once(request, 'response');
      response.resume();
      await once(response, 'end');
      return request.reusedSocket;
    };
    expect([await call('GET', '/'), await call('POST', '/echo'), await call('GET', '/none')]).toEqual([
      false,
      true,
      true,
    ]);
    agent.destroy();
  });
});

describe('streams', () => {
  const makeStream = () => {
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const route: Route = {
      method: 'GET',
      path: '/events',
      handle: ({ signal }) => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: (async function* () {
          try {
            yield 'data: 1\n\n';
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          } finally {
            ended();
          }
        })(),
      }),
    };
    return { route, end };
  };

  it('sends pieces as they come and ends the producer when the caller goes away', async () => {
    const { route, end } = makeStream();
    const { url } = await start([route]);
    const aborter = new AbortController();
    const response = await fetch(`${url}/events`, { signal: aborter.signal });
    const { value } = await response.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toBe('data: 1\n\n');
    aborter.abort();
    await end;
  });

  it('ends streams at once when the server closes', async () => {
    const { route, end } = makeStream();
    const served = await start([route]);
    const response = await fetch(`${served.url}/events`);
    const text = response.text().catch(() => 'cut');
    await Promise.all([end, served.close()]);
    expect(['cut', 'data: 1\n\n']).toContain(await text);
    await expect(fetch(served.url)).rejects.toThrow();
  });

  it('hands over a body piece by piece', async () => {
    const route: Route = {
      method: 'PUT',
      path: '/',
      handle: async (request) => {
        let bytes = 0;
        for await (const piece of request.streamBody(10_000_000)) bytes += piece.length;
        return answerJson(200, { bytes });
      },
    };
    const { url } = await start([route], { maxBodyBytes: 10 });
    const response = await fetch(url, { method: 'PUT', body: new Uint8Array(3_000_000) });
    expect(await response.json()).toEqual({ bytes: 3_000_000 });
  });
});

describe('log lines', () => {
  it('hold allowed fields only, and no free text', () => {
    const lines: string[] = [];
    const log = makeLog('test', 'info', { write: (line) => lines.push(line) });
    const careless = { code: 'X1', party: 'Anna Canary', name: 'Canary', count: 3 } as LogFields;
    log.info('something happened', careless);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      code: 'X1',
      count: 3,
      party: '(dropped)',
      msg: 'something happened',
    });
    expect(lines[0]).not.toContain('Canary');
  });
});
