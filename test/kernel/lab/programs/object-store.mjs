/**
 * Stands for the API server where a test needs to cut the ways to it: objects by name, made by server-side apply,
 * replaced by compare-and-swap, listed and watched. The real server is in test/api-server.
 *
 *     node object-store.mjs KEY CERTIFICATE
 *
 * GET / answers with all objects.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));
const objects = new Map();
const watches = new Set();
let version = 1;

function store(path, object) {
  version += 1;
  const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
  const type = objects.has(path) ? 'MODIFIED' : 'ADDED';
  objects.set(path, stored);
  for (const watch of watches)
    if (watch.path === path) watch.answer.write(`${JSON.stringify({ type, object: stored })}\n`);
  return stored;
}

function answerTo(method, url, body) {
  const path = url.pathname;
  const [, name] = /^metadata\.name=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '') ?? [];
  if (path === '/') return [200, Object.fromEntries(objects)];
  if (name !== undefined) {
    const found = objects.get(`${path}/${name}`);
    return [200, { kind: 'List', metadata: { resourceVersion: String(version) }, items: found ? [found] : [] }];
  }
  const before = objects.get(path);
  if (method === 'GET') return before ? [200, before] : [404, { message: 'not found' }];
  if (method === 'PATCH') return before ? [409, { message: 'conflict' }] : [201, store(path, body)];
  if (before === undefined) return [404, { message: 'not found' }];
  if (before.metadata.resourceVersion !== body.metadata.resourceVersion) return [409, { message: 'conflict' }];
  return [200, store(path, body)];
}

createServer({ key, cert }, async (request, answer) => {
  const url = new URL(request.url, 'https://api');
  let text = '';
  for await (const part of request) text += part;
  if (url.searchParams.get('watch') === 'true') {
    const path = `${url.pathname}/${url.searchParams.get('fieldSelector').split('=')[1]}`;
    const watch = { path, answer };
    watches.add(watch);
    answer.on('close', () => watches.delete(watch));
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.flushHeaders();
    const known = objects.get(path);
    if (
      known !== undefined &&
      Number(known.metadata.resourceVersion) > Number(url.searchParams.get('resourceVersion'))
    ) {
      answer.write(`${JSON.stringify({ type: 'MODIFIED', object: known })}\n`);
    }
    return;
  }
  const [status, body] = answerTo(request.method, url, text === '' ? undefined : JSON.parse(text));
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}).listen(6443, () => console.log('ready'));
