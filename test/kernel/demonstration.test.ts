import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Block, blocksOf } from '../support/markdown';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

const ROOT = join(__dirname, '..', '..');
const DOCUMENT = 'docs/demo.md';
/** The blocks behind the one that starts the router. */
const BLOCKS = blocksOf(DOCUMENT).slice(1);

/** The commands that a reader types, and the output that the document shows for them, if any. */
const STEPS = BLOCKS.flatMap((block, index): [string, string, Block | undefined][] => {
  const next = BLOCKS[index + 1];
  return block.language === 'sh' ? [[block.place, block.text, next?.language === 'text' ? next : undefined]] : [];
});

/** The first step's first line, which is for all. */
const SET_PATH = STEPS[0]![1].split('\n')[0]!;

const TOOLS = ['ip', 'nft', 'nsenter', 'setpriv', 'bash'];

describeOnKernel('the router that npm start -- --keep leaves running', TOOLS, () => {
  let start: ChildProcess;
  let said = '';

  beforeAll(async () => {
    // A group of its own, which Ctrl+C is for.
    start = spawn(process.execPath, ['scripts/start.mjs', '--keep'], { cwd: ROOT, detached: true });
    for (const stream of [start.stdout!, start.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    await eventually(() => expect(said).toContain('it runs until Ctrl+C'), 240_000);
  }, 270_000);

  afterAll(interrupt);

  async function interrupt(): Promise<void> {
    if (start.exitCode !== null || start.signalCode !== null) return;
    const ended = once(start, 'exit');
    process.kill(-start.pid!, 'SIGINT');
    await ended;
  }

  const shell = (script: string) =>
    spawnSync('bash', ['-c', `${SET_PATH}\n${script}`], { cwd: ROOT, encoding: 'utf8' });

  test(`can be broken and repaired by ${DOCUMENT}`, () => expect(STEPS.length).toBeGreaterThanOrEqual(6));

  // In their order: each finds what the one before left.
  test.each(STEPS)('answers the commands at %s as shown there', async (_place, text, shown) => {
    const first = shell(text);
    if (shown === undefined) {
      expect({ ...first }).toMatchObject({ status: 0, stderr: '' });
      expect(first.stdout).toMatch(/ip link add net1[\s\S]+flowchart/);
      return;
    }
    // A neighbour that was silent may take a moment to be heard again: a reader types the last line again.
    const again = text.trim().split('\n').at(-1)!;
    let { stdout } = first;
    await eventually(() => {
      const missing = missingLines(shown, stdout);
      if (missing.length > 0) ({ stdout } = shell(again));
      expect({ missing, stdout, stderr: first.stderr }).toEqual({ missing: [], stdout, stderr: '' });
    }, 20_000);
  });

  test('goes on while a second one is refused', () => {
    const second = shell('node_modules/.bin/bun scripts/demo.ts dist/live-rules --keep');
    expect(second).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^a router runs here already: end it with Ctrl\+C in its terminal, or with: kill \d+/,
      ),
    });
    expect(shell('ip netns exec egress-demo-router ip -brief link show net1').stdout).toMatch(/^net1@/);
  });

  test('is gone after Ctrl+C, with its namespaces', async () => {
    await interrupt();
    expect(said.trimEnd()).toMatch(/egress-router DEL net1$/);
    expect(shell('ip netns list').stdout).not.toContain('egress-demo');
  });
});

/** Lines that are not there; dots in them stand for anything. */
function missingLines({ text }: Block, stdout: string): string[] {
  const lines = text.trimEnd().split('\n');
  return lines.filter((line) => !line.split('…').every((part) => stdout.includes(part.trimEnd())));
}
