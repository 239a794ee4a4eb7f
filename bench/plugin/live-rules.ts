import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, range } from '../statistics';
import { table, whole } from '../table';
import { OURS, PLUGIN, rules } from './contestants';
import { emptyPod, removeNamespaces, SERVER } from './network';
import { call } from './run';

const TARGET_PORT = 7000;

/** A change of rules that is applied and undone in each round. */
interface Change {
  readonly title: string;
  /** The label of its undo, if it differs. */
  readonly back?: string;
  readonly goal?: string;
  /** The other rules; these are the first ones. */
  readonly other: (rules: readonly string[]) => readonly string[];
}

const CHANGES: readonly Change[] = [
  { title: 'one leads elsewhere', goal: '≤ 20 ms', other: (first) => [elsewhere(first[0]!), ...first.slice(1)] },
  {
    title: 'one comes (TCP)',
    back: 'one goes (TCP)',
    goal: '≤ 20 ms',
    other: (first) => [...first, `30000 TCP ${SERVER} ${TARGET_PORT}`],
  },
  {
    title: 'one comes (UDP)',
    back: 'one goes (UDP)',
    goal: '≤ 20 ms',
    other: (first) => [...first, `30000 UDP ${SERVER} ${TARGET_PORT}`],
  },
  {
    title: 'a tenth leads elsewhere',
    other: (first) => first.map((rule, n) => (n % 10 === 0 ? elsewhere(rule) : rule)),
  },
];

/** Another port of the same server. */
function elsewhere(rule: string): string {
  return rule.replace(/\d+$/, String(TARGET_PORT + 1));
}

/** From the file's bytes to rules in force and old connections ended, as the pod's own process logs it. */
export function liveRules(quick: boolean): string {
  const rounds = quick ? 2 : 40;
  const rows = [10, 1000, 10_000].flatMap((count) => measured(count, rounds));
  return [
    '## A change of rules in a living pod',
    '',
    `Milliseconds in the process of \`serve --live-rules\`, from reading the file; medians of ${rounds} after as many to warm up.`,
    '',
    table(['rules', 'change', 'ms', 'range', 'goal'], rows),
  ].join('\n');
}

function measured(count: number, rounds: number): string[][] {
  const name = `live-${count}`;
  const netns = emptyPod(name);
  const request = { address: `192.0.9.${(count % 250) + 1}`, rules: rules(count, TARGET_PORT) };
  call({ verb: 'ADD', contestant: OURS, request, netns });
  const process = new LiveProcess(name, (destinations) =>
    JSON.stringify(OURS.netconf({ ...request, rules: destinations })),
  );
  try {
    process.put(request.rules);
    return CHANGES.flatMap(({ title, back = title, goal = '', other }) => {
      const versions = [other(request.rules), request.rules];
      const times = Array.from({ length: 2 * rounds }, (_, round) => process.put(versions[round % 2]!)).slice(rounds);
      return [...new Set([title, back])].map((each) => {
        const own = back === title ? times : times.filter((_, round) => (round % 2 === 0) === (each === title));
        return [whole(count), each, median(own).toFixed(1), range(own, 1), goal];
      });
    });
  } finally {
    process.end();
    removeNamespaces([name]);
  }
}

/** `serve --live-rules` in a pod. */
class LiveProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'live-rules-'));
  private readonly file = join(this.folder, 'config.json');
  private readonly log = join(this.folder, 'log');
  private child: ReturnType<typeof spawn> | undefined;

  public constructor(
    private readonly pod: string,
    private readonly content: (rules: readonly string[]) => string,
  ) {}

  /** Puts a version in the file's place. @returns the milliseconds that the process says it took */
  public put(destinations: readonly string[]): number {
    const content = this.content(destinations);
    writeFileSync(`${this.file}.new`, content);
    const known = this.lines().length;
    renameSync(`${this.file}.new`, this.file);
    this.child ??= this.start();
    const hash = createHash('sha256').update(content).digest('hex');
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; pause()) {
      const line = this.lines()
        .slice(known)
        .find(({ configHash }) => configHash === hash);
      if (line?.milliseconds !== undefined) return line.milliseconds;
    }
    throw new Error(`serve did not put the rules in force: ${readFileSync(this.log, 'utf8').slice(-2000)}`);
  }

  public end(): void {
    this.child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  private start() {
    const log = openSync(this.log, 'w');
    const words = ['netns', 'exec', this.pod, PLUGIN, 'serve', `--config-file=${this.file}`, '--live-rules'];
    return spawn('ip', words, { stdio: ['ignore', log, 'inherit'] });
  }

  private lines(): { readonly configHash?: string; readonly milliseconds?: number }[] {
    if (this.child === undefined) return [];
    const complete = readFileSync(this.log, 'utf8').split('\n').slice(0, -1);
    return complete.map((line) => JSON.parse(line));
  }
}

/** Waits synchronously. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}
