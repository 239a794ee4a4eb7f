import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Like jest's `describe`, for tests that look at pictures with a real browser. Without one they are skipped, and the
 * run says so; where the variable CI is set they fail instead: a pipeline that skips proves nothing.
 */
export function describeInChromium(name: string, tests: () => void): void {
  const isMissing = spawnSync('chromium', ['--version']).status !== 0;
  const sentence = `${name} needs chromium (Debian's package chromium)`;
  if (isMissing && !process.env.CI) console.warn(`SKIPPED ${sentence}`);
  (isMissing && !process.env.CI ? describe.skip : describe)(name, () => {
    beforeAll(() => {
      if (isMissing) throw new Error(sentence);
    });
    tests();
  });
}

export interface PageOptions {
  /** What the reader's system prefers. */
  readonly isDark?: boolean;
}

/**
 * Opens a page with this body, and waits until its script has called `report(value)`.
 *
 * @returns the value
 */
export function runPage<T>(body: string, script: string, options: PageOptions = {}): T {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-page-'));
  try {
    const page = join(folder, 'page.html');
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><body>${body}<script>${REPORT}${script}</script>`);
    // 0 is dark, 1 is light.
    const scheme = `--blink-settings=preferredColorScheme=${options.isDark ? 0 : 1}`;
    const flags = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(folder, 'profile')}`,
      scheme,
    ];
    const wait = ['--virtual-time-budget=60000', '--timeout=120000', '--dump-dom', `file://${page}`];
    const { stdout, stderr } = spawnSync('chromium', [...flags, ...wait], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      timeout: 150_000,
      env: { ...process.env, HOME: folder },
    });
    const report = /<pre id="report">([\w+/=]*)<\/pre>/.exec(stdout)?.[1];
    if (report === undefined) throw new Error(`the page reported nothing\n${stderr}`);
    return JSON.parse(Buffer.from(report, 'base64').toString()) as T;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Base64, because the document's text is HTML when it comes back. */
const REPORT = `
function report(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const pre = document.createElement('pre');
  pre.id = 'report';
  pre.textContent = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  document.body.append(pre);
}
`;
