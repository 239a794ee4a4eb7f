import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs, { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigFile } from '../../../cni/serve/live-rules/config-file';
import { ConfigMap } from '../../support/config-map';

function text(port: number, more: object = {}): string {
  const ip = { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: [`${port} TCP 203.0.113.26`] };
  return JSON.stringify({ name: 'partners', type: 'egress-router', ip, ...more });
}

let map: ConfigMap;
let file: ConfigFile;
let events = 0;

beforeEach(() => {
  events = 0;
  map = new ConfigMap(text(443));
  file = new ConfigFile(map.file, () => events++);
});

afterEach(() => {
  file[Symbol.dispose]();
  map[Symbol.dispose]();
});

function problem(content: string | Buffer): string | undefined {
  file.readChange();
  map.swap(content);
  const version = file.readChange();
  return version !== undefined && 'problem' in version ? version.problem : undefined;
}

test('the first look finds a version, whose hash is that of its bytes', () => {
  const version = file.readChange();
  expect(version).toMatchObject({ hash: createHash('sha256').update(text(443)).digest('hex') });
  const sum = execFileSync('sha256sum', [map.file], { encoding: 'utf8' });
  expect(sum.split(' ')[0]).toBe(version?.hash);
});

test('a further look finds nothing until the folder is swapped, and then at once', () => {
  file.readChange();
  expect(file.readChange()).toBeUndefined();
  expect(file.readChange(true)).toBeUndefined();
  const hash = map.swap(text(444));
  expect(file.readChange()).toMatchObject({ hash, config: { rules: [{ port: 444 }] } });
  expect(file.readChange()).toBeUndefined();
});

test('the same content in another folder is not another version', () => {
  file.readChange();
  map.swap(text(443));
  expect(file.readChange()).toBeUndefined();
});

test('an earlier content is a new version', () => {
  file.readChange();
  map.swap('{');
  expect(file.readChange()).toMatchObject({ problem: expect.any(String) });
  map.swap(text(443));
  expect(file.readChange()).toMatchObject({ config: { rules: [{ port: 443 }] } });
});

test('a swap is an event', async () => {
  expect(file.isWatched).toBe(true);
  map.swap(text(444));
  for (const start = Date.now(); events === 0 && Date.now() - start < 5000; ) await sleep(5);
  expect(events).toBeGreaterThan(0);
});

test.each<[string, string | Buffer, RegExp]>([
  ['nothing', '', /^is not JSON: /],
  ['half of it', text(443).slice(0, 60), /^is not JSON: /],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), /^is not JSON: /],
  ['a list', '[]', /^\(the whole input\): \[\] is not an object/],
  ['no rules', text(443, { ip: { addresses: ['192.168.12.99/24'] } }), /leaves nothing to redirect/],
  ['a port twice', text(443, { ip: twice() }), /redirects TCP port 443 as ip\.destinations\[0\] does already/],
  ['a key that is nearly ours', text(443, { helthPort: 1 }), /helthPort.*healthPort/],
  ["the port of serve's own answers", text(9180), /takes the health port/],
])('a file of %s has a problem, which is reported once', (_, content, expected) => {
  expect(problem(content)).toMatch(expected);
  expect(file.readChange(true)).toBeUndefined();
});

function twice() {
  return {
    addresses: ['192.168.12.99/24'],
    gateway: '192.168.12.1',
    destinations: ['443 TCP 203.0.113.26', '443 TCP 203.0.113.27'],
  };
}

test('a file larger than any ConfigMap is not read', () => {
  expect(problem(text(443).padEnd(1024 * 1024 + 1, ' '))).toBe(
    'has 1048577 bytes; accepted: 1048576, as in a ConfigMap',
  );
  expect(problem(text(443).padEnd(1024 * 1024, ' '))).toBeUndefined();
});

test.each([
  ['a folder', () => mkdirSync(map.file), 'is not a file'],
  ['a named pipe without a writer', () => execFileSync('mkfifo', [map.file]), 'is not a file'],
  ['nothing', () => undefined, 'cannot be read: ENOENT'],
  ['a link to itself', () => execFileSync('ln', ['-s', map.file, map.file]), 'cannot be read: ELOOP'],
])('%s in its place is a problem, until the file is back', (_, put, expected) => {
  file.readChange();
  rmSync(map.file);
  put();
  expect(file.readChange()).toEqual({ problem: expected });
  expect(file.readChange(true)).toBeUndefined();
  rmSync(map.file, { recursive: true, force: true });
  writeFileSync(map.file, text(443));
  expect(file.readChange()).toMatchObject({ config: { rules: [{ port: 443 }] } });
});

test('a folder that cannot be watched is looked at all the same', () => {
  const lost = new ConfigFile('/nowhere/config.json', () => undefined);
  expect(lost.isWatched).toBe(false);
  expect(lost.readChange(true)).toEqual({ problem: 'cannot be read: ENOENT' });
});

test('a file that could not be read for the moment is read again, though it is the same', () => {
  const open = jest.spyOn(fs, 'openSync').mockImplementation(() => {
    throw Object.assign(new Error('open: EMFILE'), { code: 'EMFILE', errno: -24 });
  });
  expect(file.readChange()).toEqual({ problem: 'cannot be read: EMFILE' });
  expect(file.readChange()).toBeUndefined();
  open.mockRestore();
  expect(file.readChange()).toMatchObject({ config: { rules: [{ port: 443 }] } });
});
