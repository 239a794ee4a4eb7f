import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FILE = resolve(__dirname, '..', 'dist', 'e2e', 'measurements.json');

interface Measurement {
  readonly scenario: string;
  readonly what: string;
  readonly value: string;
}

/** Numbers of a run, which `docs/performance.md` quotes. */
export class Measurements {
  private readonly all: Measurement[] = [];

  public add(scenario: string, what: string, value: string): void {
    this.all.push({ scenario, what, value });
  }

  public seconds(scenario: string, what: string, milliseconds: number): void {
    this.add(scenario, what, `${(milliseconds / 1000).toFixed(1)} s`);
  }

  /** Prints a table and writes a file. */
  public report(): void {
    mkdirSync(join(FILE, '..'), { recursive: true });
    writeFileSync(FILE, `${JSON.stringify(this.all, undefined, 2)}\n`);
    const rows = this.all.map(({ scenario, what, value }) => `| ${scenario} | ${what} | ${value} |`);
    process.stderr.write(`\n${['| scenario | measured | |', '|---|---|---:|', ...rows].join('\n')}\n`);
  }
}
