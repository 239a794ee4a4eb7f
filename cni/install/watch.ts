import type { PluginInstaller } from './plugin-installer';

/**
 * One `stat` a second instead of inotify: nodes run out of its instances (`fs.inotify.max_user_instances` is 128).
 */
const LOOK = 1000;

/**
 * Two installers of different builds must not keep replacing each other's file: from the second repair on, at most one
 * in 20 s.
 */
const PACE = 20_000;

/** The wanted state of the plugin's file. */
export interface Goal {
  /** Establishes it. */
  reach(): Promise<void>;
  holds(): Promise<boolean>;
}

/**
 * Establishes the goal now, and again whenever it no longer holds.
 *
 * @throws what `reach` throws: kubelet then restarts the container with increasing delays, and with new mounts
 */
export async function watch(installer: PluginInstaller, goal: Goal): Promise<never> {
  await goal.reach();
  for (let next = performance.now(); ; next = performance.now() + PACE) {
    await untilBroken(installer, goal);
    await sleep(Math.max(0, next - performance.now()));
    await goal.reach();
  }
}

async function untilBroken(installer: PluginInstaller, goal: Goal): Promise<void> {
  for (;;) {
    // Read before the check, which takes a while, so that a change in the meantime causes another check.
    const seen = await installer.fingerprint();
    if (!(await goal.holds())) return;
    while ((await installer.fingerprint()) === seen) await sleep(LOOK);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
