import type { Network } from './network';
import type { RouterProcess } from './router-process';
import { explain, say } from './said';

/** Unplugs the gateway's cable, and plugs it in again. */
export async function showSilentGateway({ lan }: Network, router: RouterProcess): Promise<void> {
  lan.setDown('gateway');
  const { answer, milliseconds } = await router.until('/readyz', (text) => text.includes('failed'));
  say(`the gateway's cable is pulled out: not ready after ${milliseconds} ms`);
  for (const line of failures(answer)) explain(line);
  lan.setUp('gateway');
  const again = await router.until('/readyz', (text) => text === 'ok\n');
  say(`the cable is back: ready after ${again.milliseconds} ms`);
}

/** The checks that failed, of an answer of the health port. */
export function failures(answer: string): string[] {
  return answer.split('\n').filter((line) => line.startsWith('[-]'));
}
