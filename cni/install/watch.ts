import type { PluginInstaller } from './plugin-installer';

/**
 * One `stat` a second instead of inotify, whose instances nodes run out of (`fs.inotify.max_user_instances` is 128).
 */
const LOOK = 1000;

/**
 * Two installers of different builds must not spend the node's disk on each other: from the second on, a repair every
 * 20 s.
 */
const PACE = 20_000;

/** What is to be so at the plugin's place. */
export interface Goal {
  /** Makes it so. */
  reach(): Promise<void>;
  holds(): Promise<boolean>;
}

/**
 * Reaches the goal now and whenever it no longer holds, for ever.
 *
 * @throws what `reach` throws: whoever runs this process starts it again, later and later, and mounts its directories
 * afresh
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
    // Before the look, which takes a while: what changes meanwhile is looked at again.
    const seen = await installer.fingerprint();
    if (!(await goal.holds())) return;
    while ((await installer.fingerprint()) === seen) await sleep(LOOK);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
