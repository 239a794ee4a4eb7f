import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { PARTS } from '../../cni/doctor/examination';
import { IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { fromNode, idsOf, type Report, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

/** `--json`, from the node, without the patience of other tests. */
const wordsOf = ({ router }: Scene, config: PluginConfig) => [
  PLUGIN,
  'doctor',
  '--json',
  `--netns=${router.namespace.path}`,
  `--config=${JSON.stringify(config)}`,
];

interface Ended {
  readonly status: number;
  readonly seconds: number;
  readonly stdout: string;
}

async function ended(child: ChildProcess, begin: number): Promise<Ended> {
  let stdout = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  const [status] = await once(child, 'close');
  return { status, seconds: (performance.now() - begin) / 1000, stdout };
}

/** The process that examines, of one that answers for it. */
async function examiner({ pid }: ChildProcess): Promise<number> {
  let found = 0;
  await eventually(() => {
    found = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
    expect(readFileSync(`/proc/${found}/cmdline`, 'utf8')).toContain('--parts');
  });
  return found;
}

describeOnKernel('doctor answers in time', ['ip', 'nft'], () => {
  test('though the kernel holds up the examination: what was not looked at is named, and nothing is found', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    const child = scene.node.namespace.start(wordsOf(scene, config), { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = ended(child, performance.now());
    const pid = await examiner(child);
    // It stands still from here on: without a limit no answer would come.
    process.kill(pid, 'SIGSTOP');
    const { status, stdout } = await end;
    expect(status).toBe(3);
    const { findings, notExamined } = JSON.parse(stdout) as Report;
    expect(findings).toEqual([]);
    const rest = { needs: 'more time: --time-limit=30', isCutOff: true };
    expect(notExamined).toContainEqual({ what: PARTS.destinations, ...rest });
    expect(notExamined.filter(({ isCutOff }) => isCutOff)).toHaveLength(notExamined.length);
    // It is gone as soon as it can.
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow());
  });

  test('though the examination was killed', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    const child = scene.node.namespace.start(wordsOf(scene, config), { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = ended(child, performance.now());
    process.kill(await examiner(child), 'SIGKILL');
    const { status, stdout } = await end;
    expect(status).toBe(3);
    const { notExamined } = JSON.parse(stdout) as Report;
    expect(notExamined).toContainEqual(
      expect.objectContaining({ what: PARTS.destinations, needs: expect.stringContaining('SIGKILL') }),
    );
  });

  test('examines ten thousand rules on a busy machine without false findings', async () => {
    const destinations = Array.from({ length: 10_000 }, (_, index) => `${10_000 + index} TCP 203.0.113.26 80`);
    const { scene, config } = await workingRouter({ ...IPV4_ONLY, destinations });
    using _ = scene;
    const busy = Array.from({ length: 8 }, () => scene.client.namespace.start(['sh', '-c', 'while :; do :; done']));
    const withoutRules = { ...config, ip: { ...IPV4_ONLY, destinations: [] } };
    const ends: Ended[] = [];
    for (let run = 0; run < 5; run++) {
      const words = wordsOf(scene, withoutRules);
      const child = scene.node.namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
      ends.push(await ended(child, performance.now()));
    }
    for (const child of busy) child.kill('SIGKILL');
    const reports = ends.map(({ stdout }) => JSON.parse(stdout) as Report);
    const unseen = reports.map(({ notExamined }) => notExamined.length);
    console.info(ends.map(({ seconds }, run) => `${seconds.toFixed(2)} s, ${unseen[run]} not looked at`).join('\n'));
    expect(reports.flatMap(idsOf)).toEqual([]);
    // With more time it looks at all of it.
    expect(fromNode(scene, withoutRules)).toMatchObject({ findings: [], notExamined: [] });
  }, 120_000);
});
