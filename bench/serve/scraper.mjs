// `node scraper.mjs URL SECONDS SCRAPES_A_SECOND`: scrapes as a crowd of Prometheus servers would, and prints what it
// saw.
import { get } from 'node:http';

const [url, seconds, perSecond] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const times = [];
let [failed, bytes] = [0, 0];

function scrape() {
  const start = performance.now();
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 10_000 }, (response) => {
      let length = 0;
      response.on('data', (part) => {
        length += part.length;
      });
      response.on('end', () => {
        if (response.statusCode !== 200 || length === 0) failed++;
        bytes = length;
        times.push(performance.now() - start);
        resolve();
      });
      response.on('error', fail);
    });
    function fail() {
      failed++;
      resolve();
    }
    request.on('error', fail).on('timeout', () => request.destroy());
  });
}

const running = [];
const count = seconds * perSecond;
await new Promise((resolve) => {
  const timer = setInterval(() => {
    running.push(scrape());
    if (running.length < count) return;
    clearInterval(timer);
    resolve();
  }, 1000 / perSecond);
});
await Promise.all(running);
times.sort((one, other) => one - other);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
console.log(
  JSON.stringify({ count: times.length, failed, bytes, median: at(0.5), slow: at(0.99), slowest: times.at(-1) }),
);
