import { readFileSync, rmSync } from 'node:fs';
import type { Scene } from '../lab/scene';
import { eventually } from './eventually';

/** A program that stands still at one of its system calls, until it is told to go on. */
export class Stopped implements Disposable {
  private readonly trace: string;
  /** What runs the program. */
  public readonly wrapper: readonly string[];

  /** @param file at whose so-many-th opening it stops */
  public constructor(scene: Scene, file: string, opening: number) {
    this.trace = `/tmp/${scene.lab.unique('strace')}`;
    const inject = `inject=openat:signal=SIGSTOP:when=${opening}`;
    this.wrapper = ['strace', '-f', '-qq', '-o', this.trace, '-P', file, '-e', 'trace=openat', '-e', inject];
  }

  /** Waits until it has stopped. */
  public async stands(): Promise<void> {
    await eventually(() => expect(this.text()).toContain('stopped by SIGSTOP'), 20_000);
  }

  public goOn(): void {
    process.kill(Number(this.text().split(' ')[0]), 'SIGCONT');
  }

  public [Symbol.dispose](): void {
    rmSync(this.trace, { force: true });
  }

  private text(): string {
    return readFileSync(this.trace, 'utf8');
  }
}
