import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../lab/scene';

/** One system call of a program: the so-many-th of its name, or of those that concern a file. */
export interface StoppingPoint {
  readonly call: 'openat' | 'sendto';
  readonly ordinal: number;
  readonly file?: string;
}

/** A program that is stopped at one of its system calls, until it is resumed. */
export class Stopped implements Disposable {
  private readonly trace: string;
  /** What runs the program. */
  public readonly wrapper: readonly string[];

  public constructor(scene: Scene, { call, ordinal, file }: StoppingPoint) {
    this.trace = `/tmp/${scene.lab.unique('strace')}`;
    const inject = `inject=${call}:signal=SIGSTOP:when=${ordinal}`;
    const only = file === undefined ? [] : ['-P', file];
    this.wrapper = ['strace', '-f', '-qq', '-o', this.trace, ...only, '-e', `trace=${call}`, '-e', inject];
  }

  /** Waits until it has stopped. @returns whether it has, and did not end before */
  public async stands(program: Promise<unknown>): Promise<boolean> {
    let isRunning = true;
    void program.then(() => {
      isRunning = false;
    });
    while (isRunning) {
      if (this.text().includes('stopped by SIGSTOP')) return true;
      await sleep(5);
    }
    return false;
  }

  public goOn(): void {
    process.kill(Number(this.text().split(' ')[0]), 'SIGCONT');
  }

  public [Symbol.dispose](): void {
    rmSync(this.trace, { force: true });
  }

  private text(): string {
    return existsSync(this.trace) ? readFileSync(this.trace, 'utf8') : '';
  }
}
