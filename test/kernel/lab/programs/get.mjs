// `node get.mjs URL`: the body of a successful answer, on standard output.
const response = await fetch(process.argv[2]);
const body = await response.text();
if (!response.ok) {
  console.error(`${response.status} ${body}`);
  process.exit(1);
}
process.stdout.write(body);
