import type { PluginInstaller } from './plugin-installer';

/** One `stat` a second instead of inotify, whose instances nodes run out of (`fs.inotify.max_user_instances` is 128). */
const LOOK = 1000;

/** Two installers of different builds must not spend the node's disk on each other: from the second on, one repair a minute. */
const PACE = 60_000;

/**
 * Calls `reach` now and whenever the plugin's file is no longer what `reach` left, for ever.
 *
 * @throws what `reach` throws: whoever runs this process starts it again, later and later, and mounts its directories afresh
 */
export async function watch(installer: PluginInstaller, reach: () => Promise<void>): Promise<never> {
  await reach();
  for (let next = performance.now(); ; next = performance.now() + PACE) {
    const left = installer.fingerprint();
    while (installer.fingerprint() === left) await sleep(LOOK);
    await sleep(Math.max(0, next - performance.now()));
    await reach();
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
