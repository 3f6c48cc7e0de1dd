// The other side of the benchmark: puppeteer-core on the same browser, a fresh context per document.
// Reads {"browser","html","args","clients","documents"} lines from standard input, answers each with
// {"latencies_ms":[…],"elapsed_ms":n}; the browser stays up in between.
import readline from 'node:readline';
import puppeteer from 'puppeteer-core';

let browser;

async function one(html) {
  const started = performance.now();
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setContent(html, { waitUntil: 'load' });
  await page.pdf({ tagged: false, outline: false });
  await context.close();
  return performance.now() - started;
}

async function round({ html, clients, documents }) {
  const latencies = [];
  let left = documents;
  const started = performance.now();
  const client = async () => {
    while (left-- > 0) latencies.push(await one(html));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { latencies_ms: latencies, elapsed_ms: performance.now() - started };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  browser ??= await puppeteer.launch({
    executablePath: request.browser,
    args: request.args,
    pipe: true,
    headless: 'shell',
  });
  process.stdout.write(JSON.stringify(await round(request)) + '\n');
}
await browser?.close();
