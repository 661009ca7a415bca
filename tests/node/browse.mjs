// A visitor: opens the page, clicks what is named, and says what the page shows in the end.
import puppeteer from 'puppeteer-core';

const [chromium, url, screenshot] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.goto(url);
  const shown = async (text) =>
    page.waitForFunction((wanted) => document.body.innerText.includes(wanted), { timeout: 60_000 }, text);
  await shown('ready');
  await page.click('#slow');
  await shown('lesson: algebra');
  await page.click('#failing');
  await shown('lesson: none');
  await page.click('#breaking');
  await shown('Something broke');
  await page.screenshot({ path: screenshot });
  console.log(await page.evaluate(() => document.body.innerText));
  // Once the receiver has had it all, it answers /seen.
  await page.evaluate(async () => {
    while (!(await (await fetch('/seen')).json())) await new Promise((resolve) => setTimeout(resolve, 100));
  });
} finally {
  await browser.close();
}
