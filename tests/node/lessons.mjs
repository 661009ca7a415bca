// A visitor of the project of fixtures/document: loads the lessons, breaks the page, and says what it shows in the end.
import puppeteer from 'puppeteer-core';

const [chromium, url] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.goto(url);
  const shown = async (text) =>
    page.waitForFunction((wanted) => document.body.innerText.includes(wanted), { timeout: 60_000 }, text);
  await shown('lessons: nothing');
  await page.click('#load');
  await shown('lessons: algebra');
  await page.click('#break');
  await shown('Sorry');
  console.log(await page.evaluate(() => document.body.innerText));
  // Once the receiver has had it all, it answers /seen.
  await page.evaluate(async () => {
    while (!(await (await fetch('/seen')).json())) await new Promise((resolve) => setTimeout(resolve, 100));
  });
} finally {
  await browser.close();
}
