import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { killTree, processesWith } from './process-tree';
import type { Operation, Outcome, Program } from './run';

/** Says exactly what this machine lacks for the real Pulumi engine and how to get it. */
export function missingPulumi(): string | undefined {
  try {
    pulumiFolder();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** An operation on its way. */
export interface Running {
  /** What came of it. Rejects with what the engine printed. */
  readonly outcome: Promise<Outcome>;
  /** Kills the program, the engine and the provider in the same moment, as a power cut does. */
  kill(): Promise<void>;
}

/** A stack of the real engine, whose state is a file in a temporary folder. */
export class TestStack {
  private readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-stack-'));

  /** @param variables how the cloud is reached: the environment of the operations, beside that of this process */
  public constructor(private readonly variables: Readonly<Record<string, string>>) {
    for (const name of ['state', 'work']) mkdirSync(join(this.folder, name));
  }

  public up(program: Program): Promise<Outcome> {
    return this.start('up', program).outcome;
  }

  public preview(program: Program): Promise<Outcome> {
    return this.start('preview', program).outcome;
  }

  public refresh(program: Program): Promise<Outcome> {
    return this.start('refresh', program).outcome;
  }

  public destroy(): Promise<Outcome> {
    return this.start('destroy', {}).outcome;
  }

  /** What `pulumi cancel` does: gives up the lock that a killed engine has left. */
  public cancel(): Promise<Outcome> {
    return this.start('cancel', {}).outcome;
  }

  public start(operation: Operation, program: Program): Running {
    const script = join(__dirname, 'run.ts');
    const args = ['--import', 'tsx', script, operation, join(this.folder, 'work'), JSON.stringify(program)];
    const child = spawn(process.execPath, args, {
      env: this.environment(),
      cwd: process.cwd(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { outcome: outcomeOf(child, operation), kill: () => kill(child) };
  }

  /** Everything that the engine wrote: state, history, backups and locks. */
  public everythingWritten(): string {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
  }

  /** The state as it is now, in the middle of an operation too; empty before the first. */
  public currentState(): string {
    try {
      return readFileSync(join(this.folder, 'state/.pulumi/stacks/egress-test/test.json'), 'utf8');
    } catch {
      return '';
    }
  }

  /** The command lines of what still runs of its operations. */
  public stillRunning(): string[] {
    return processesWith(`PULUMI_HOME=${this.environment().PULUMI_HOME}`);
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private environment(): NodeJS.ProcessEnv {
    // The provider of dynamic resources comes with the npm package.
    const path = [pulumiFolder(), join(process.cwd(), 'node_modules/@pulumi/pulumi'), process.env.PATH];
    return {
      ...process.env,
      ...this.variables,
      PATH: path.join(delimiter),
      PULUMI_BACKEND_URL: `file://${join(this.folder, 'state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'of a test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_HOME: join(this.folder, 'home'),
    };
  }
}

async function outcomeOf(child: ChildProcess, operation: Operation): Promise<Outcome> {
  const [stdout, stderr] = [textOf(child.stdout!), textOf(child.stderr!)];
  const [status, signal] = await once(child, 'exit');
  if (status === 0) return JSON.parse(await stdout) as Outcome;
  throw new Error(`${operation} ended with ${signal ?? `status ${status}`}:\n${await stderr}`);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  killTree(child.pid!);
  await ended;
}

let folder: string | undefined;

/** Asks build.mjs, which alone knows what the folder's name is made of. */
export function pulumiFolder(): string {
  if (folder) return folder;
  const script = join(__dirname, 'build.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--path'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim() || `${script} --path ended with status ${status}.`);
  folder = stdout.trim();
  return folder;
}
