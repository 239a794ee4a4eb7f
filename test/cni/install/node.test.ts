import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Node } from '../../../cni/install/node';

const node = new Node('/');
const sh = (script: string, input?: string) => node.run('/bin/sh', { args: ['-c', script], input });

test('a program gets its input, and its outputs and its end are reported', async () => {
  const outcome = await sh('cat; echo problem >&2; exit 3', 'question');
  expect(outcome).toEqual({ status: 3, signal: null, stdout: 'question', stderr: 'problem\n' });
});

test('of an output without end, the beginning is kept', async () => {
  const { status, stdout, stderr } = await sh('head -c 5000000 /dev/zero; head -c 100000 /dev/zero >&2');
  expect([status, stdout.length, stderr.length]).toEqual([0, 65_536, 65_536]);
});

test('a process that the program leaves with its outputs is not waited for', async () => {
  const outcome = await sh('sleep 20 & echo $!');
  process.kill(Number(outcome.stdout));
  expect(outcome).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\n$/) });
});

test('a program that does not exist is not started', async () => {
  expect(await node.run('/nonexistent/program', {})).toMatchObject({ status: null, startError: 'ENOENT' });
});

test('a directory that does not exist has no names, and one that cannot be listed is an error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'node-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    expect(node.list(folder)).toEqual(['file']);
    expect(node.list(join(folder, 'missing'))).toEqual([]);
    expect(() => node.list(join(folder, 'file'))).toThrow(/^cannot list .*\/file: ENOTDIR/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
