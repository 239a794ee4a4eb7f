import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { idsOf, report, UNPRIVILEGED, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

/** Root with every capability but one. */
const without = (capability: string) => ['setpriv', `--bounding-set=-${capability}`, `--inh-caps=-${capability}`];

describeOnKernel('doctor on a node', ['ip', 'nft', 'setpriv', 'sh'], () => {
  let scene: Scene;
  let config: PluginConfig;
  let folder: string;
  beforeAll(async () => {
    ({ scene, config } = await workingRouter(IPV4_ONLY));
    folder = mkdtempSync(join(tmpdir(), 'doctor-privileges-'));
    writeFileSync(join(folder, 'serve'), 'sleep 600; exit');
  });
  afterAll(() => {
    scene[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  const say = (...words: string[]) => scene.node.namespace.try(words);
  /** A program that is called as a router's process is. */
  const pretend = (...flags: string[]) =>
    scene.router.namespace.start(['sh', 'serve', ...flags], { cwd: folder, stdio: 'ignore' });
  const refusal = (words: RegExp) => ({ status: 2, stdout: '', stderr: expect.stringMatching(words) });

  test('names the permissions to enter the pod, without root', () => {
    const flags = [`--netns=${scene.router.namespace.path}`, `--config=${JSON.stringify(config)}`];
    const words = /^doctor: --netns: network namespace \/\S+ can only be entered by root \(SYS_ADMIN\), on the node\n/;
    expect(say(...UNPRIVILEGED, PLUGIN, 'doctor', ...flags)).toMatchObject(refusal(words));
  });

  test('names what it could not probe, without NET_RAW', () => {
    const flags = [`--netns=${scene.router.namespace.path}`, `--config=${JSON.stringify(config)}`, '--time-limit=60'];
    const found = report(scene.node.namespace, [...without('net_raw'), PLUGIN, 'doctor', '--json', ...flags]);
    expect(idsOf(found)).toEqual([]);
    expect(found.notExamined).toContainEqual({ what: 'another holder of the address', needs: 'NET_RAW' });
    expect(found.notExamined.filter(({ isCutOff }) => isCutOff)).toEqual([]);
  });

  test.each([
    ['none-such', /--netns: network namespace \/var\/run\/netns\/none-such cannot be opened \(ENOENT\)/],
    ['/etc/passwd', /--netns: network namespace \/etc\/passwd is a file of another kind/],
    ['4194305', /--netns: network namespace \/proc\/4194305\/ns\/net cannot be opened \(ENOENT\)/],
  ])('rejects %s as a network namespace', (netns, words) => {
    expect(say(PLUGIN, 'doctor', `--netns=${netns}`)).toMatchObject(refusal(words));
  });

  test('tells two processes of one name by their numbers', async () => {
    const name = `egress/twice${randomInt(1e9)}`;
    const both = [1, 2].map(() => pretend(`--router=${name}`, `--config=${JSON.stringify(config)}`));
    const words = new RegExp(
      `doctor: several routers run here; pass --netns=\\d+, which is ${name}, or --netns=\\d+, which is ${name}\\n`,
    );
    await eventually(() => expect(say(PLUGIN, 'doctor', `--router=${name}`)).toMatchObject(refusal(words)));
    for (const child of both) child.kill('SIGKILL');
  });

  test('names ten of a fleet, and prints no invalid name', async () => {
    const fleet = Array.from({ length: 12 }, (_, index) => pretend(`--router=a/fleet${index}`, '--config={}'));
    fleet.push(pretend('--router=a\n\u001b[31mstranger', '--config={}'));
    await eventually(() => {
      const { stderr } = say(PLUGIN, 'doctor', '--router=a/none-such');
      expect(stderr).toMatch(/no router a\/none-such runs here; accepted: a\/fleet0(, \S+){9}, and \d+ more\n/);
      expect(stderr).not.toContain('outsider');
    });
    for (const child of fleet) child.kill('SIGKILL');
  });

  test('names the process whose flags it cannot read', async () => {
    const name = `egress/bad${randomInt(1e9)}`;
    const child = pretend(`--router=${name}`, '--config={}');
    const words = new RegExp(`doctor: the command line of process \\d+, ${name}: --config: `);
    await eventually(() => expect(say(PLUGIN, 'doctor', `--router=${name}`)).toMatchObject(refusal(words)));
    child.kill('SIGKILL');
  });

  test('reports that it cannot identify processes, without SYS_PTRACE', async () => {
    const name = `egress/hidden${randomInt(1e9)}`;
    const child = pretend(`--router=${name}`, `--config=${JSON.stringify(config)}`);
    const words = /doctor: the network namespace of process \d+ cannot be read without root \(SYS_PTRACE\) on the node/;
    await eventually(() =>
      expect(say(...UNPRIVILEGED, PLUGIN, 'doctor', `--router=${name}`)).toMatchObject(refusal(words)),
    );
    child.kill('SIGKILL');
  });
});
