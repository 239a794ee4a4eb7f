/** One contestant in a process of its own, WAY with the task of standard input: prints its milliseconds. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { CONTESTANTS, type Task, type Way } from './contestants';

async function run(way: Way, task: Task): Promise<void> {
  const start = performance.now();
  await CONTESTANTS[way](task);
  process.stdout.write(String(performance.now() - start));
}

run(process.argv[2] as Way, JSON.parse(readFileSync(0, 'utf8')) as Task).catch((error) => {
  console.error(error);
  process.exit(1);
});
