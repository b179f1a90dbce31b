// Walks the journey and every failure branch in Chromium, and holds each page against WCAG 2.2 AA.
// `run` starts it. SHOTS=<directory> keeps pictures.

import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { STAGE, PORTAL, SHOTS } = process.env;
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PHONE = { width: 320, height: 640 };
const DESKTOP = { width: 1280, height: 900 };

const faults = [];
let checked = 0;

const stage = async (path, options = {}) => {
  const reply = await fetch(`${STAGE}${path}`, options);
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.text();
};
const post = (path, values = {}) => stage(`${path}?${new URLSearchParams(values)}`, { method: "POST" });
const code = (channel, wrong) => stage(`/code?${new URLSearchParams(wrong ? { channel, wrong } : { channel })}`);

class Person {
  constructor(name, page, script) {
    const shots = script && (name.startsWith("phone, J") || name.startsWith("phone, f") || name.startsWith("desktop, r"));
    Object.assign(this, { name, page, script, shots });
  }

  fault(text) {
    faults.push(`${this.name}: ${text}`);
  }

  // The page is the one that is wanted, one h1, nothing wider than the screen, no violation.
  async on(title) {
    const { page } = this;
    await page.waitForLoadState("load");
    const shown = (await page.title()).split(" - ")[0].trim();
    if (shown !== title) throw new Error(`${this.name}: on "${shown}", not on "${title}"`);
    if ((await page.locator("h1").count()) !== 1) this.fault(`"${title}" has not one h1`);
    if (!this.script) return;
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) this.fault(`"${title}" is ${wide} pixels too wide`);
    await page.evaluate(axe);
    const found = await page.evaluate((tags) => window.axe.run({ runOnly: { type: "tag", values: tags } }), TAGS);
    checked += 1;
    for (const violation of found.violations) {
      const nodes = violation.nodes.map((node) => node.html).join("\n    ");
      this.fault(`"${title}": ${violation.id}: ${violation.help}\n    ${nodes}`);
    }
  }

  async shot(file) {
    if (SHOTS && this.shots) await this.page.screenshot({ path: `${SHOTS}/${file}.png`, fullPage: true });
  }

  async inAnotherBrowser(address) {
    const options = { viewport: this.page.viewportSize(), javaScriptEnabled: this.script };
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(address);
    return new Person(this.name, page, this.script);
  }

  press(text) {
    return this.page.getByRole("button", { name: text, exact: true }).first().click();
  }

  async choose(label, button = "Continue") {
    await this.page.getByLabel(label, { exact: true }).check();
    await this.press(button);
  }

  link() {
    return this.page
      .locator('.app-qr, a[href^="openid"]')
      .last()
      .evaluate((found) => found.dataset.link ?? found.href);
  }

  async phone(how, ids = "identity,employment,training") {
    return post("/phone", { link: await this.link(), how, ids });
  }

  // With JavaScript the page changes by itself; without, the person checks.
  async afterShare(title) {
    if (this.script) {
      await this.page.waitForFunction((t) => document.title.startsWith(t), title, { timeout: 20000 });
    } else {
      await this.press("Check now");
    }
    await this.on(title);
  }

  async toSelection() {
    await this.page.goto(await post("/invite"));
    await this.choose("Yes, I have registered before");
    await this.press("Start now");
  }

  async toQr(wallet = "another wallet (OpenID4VP)") {
    await this.toSelection();
    await this.page.getByLabel("Employment", { exact: true }).check();
    await this.page.getByLabel("Training", { exact: true }).check();
    await this.press("Continue");
    await this.choose(`Yes, connect to my wallet: ${wallet}`);
    await this.on("Connect to your wallet");
  }

  async toProfile() {
    await this.toQr();
    await this.phone("share");
    await this.afterShare("Create your profile");
    await this.press("Continue");
  }

  async toEmailCode() {
    await this.toProfile();
    await this.press("Send me a code");
  }

  async toRole() {
    await this.toEmailCode();
    await this.page.getByLabel("Security code").fill(await code("email"));
    await this.press("Continue");
    await this.press("Send me a code");
    await this.page.getByLabel("Security code").fill(await code("sms"));
    await this.press("Continue");
    await this.on("Your role");
  }
}

// Every page of the journey, each error on the way, with one wallet.
async function journey(person, wallet) {
  const { page } = person;
  await page.goto(await post("/invite"));
  await person.on("Have you registered before?");
  await person.shot("01-registered-before");
  await person.press("Continue");
  await person.on("Error: Have you registered before?");
  await page.getByRole("link", { name: "Select if you have registered before" }).click();
  await person.choose("No, this is my first time");
  await person.on("You need a digital identity first");
  await person.press("I have registered before");
  await person.on("What you will do");
  await person.press("Start now");
  await person.on("Select the credentials to share");
  await page.getByLabel("Employment", { exact: true }).check();
  await page.getByLabel("Training", { exact: true }).check();
  await person.shot("02-select");
  await person.press("Continue");
  await person.on("Confirm what you will share");
  await person.press("Continue");
  await person.on("Error: Confirm what you will share");
  await person.choose("No, I want to change what I share");
  await person.on("Select the credentials to share");
  if (!(await page.getByLabel("Training", { exact: true }).isChecked())) person.fault("the ticks are lost");
  await person.press("Continue");
  await person.choose(`Yes, connect to my wallet: ${wallet}`);
  await person.on("Connect to your wallet");
  await person.shot("03-qr");
  const link = await person.link();
  await person.phone("scan");
  if (person.script) {
    await page.getByText("Your wallet has our request. Follow").waitFor({ timeout: 15000 });
  }
  await page.goto(`${PORTAL}/share`);
  await person.on("Follow the instructions in your wallet");
  await post("/phone", { link, how: "share", ids: "identity,employment,training" });
  await person.afterShare("Create your profile");
  await person.shot("04-received");
  await person.press("Continue");
  await person.on("What is your email address?");
  await page.getByLabel("What is your email address?").fill("nobody");
  await person.press("Send me a code");
  await person.on("Error: What is your email address?");
  await page.getByLabel("What is your email address?").fill("rowan.testerby@example.com");
  await person.press("Send me a code");
  await person.on("Check your email");
  await person.shot("05-code");
  await page.getByLabel("Security code").fill(await code("email", "wrong"));
  await person.press("Continue");
  await person.on("Error: Check your email");
  const [a, b] = [await code("email"), "  "];
  await page.getByLabel("Security code").fill(`${a.slice(0, 3)}${b}${a.slice(3)}`);
  await person.press("Continue");
  await person.on("What is your mobile number?");
  await page.getByLabel("What is your mobile number?").fill("0113 496 0000");
  await person.press("Send me a code");
  await person.on("Error: What is your mobile number?");
  await page.getByText("I do not have a mobile phone").first().click();
  await person.press("I do not have a mobile phone");
  await person.on("Contact the recruitment team");
  await page.getByLabel("Mobile number").fill("07700 900123");
  await person.press("Send me a code");
  await person.on("Check your phone");
  await page.getByLabel("Security code").fill(await code("sms"));
  await person.press("Continue");
  await person.on("Your role");
  await person.shot("06-role");
  await person.press("Continue");
  await person.on("Error: Your role");
  await person.choose("No, this is not correct");
  await person.on("Contact the recruitment team about your role");
  await person.press("Stop for now");
  await person.on("You have stopped for now");
  await person.press("Back to my role");
  await page.locator('input[value="correct"]').check();
  await person.press("Continue");
  await person.on("Details shared");
  await person.shot("07-done");
}

// E1 to E8 and E10; E9 ends the database, and comes last of all.
async function failures(person) {
  const { page } = person;
  await page.goto(`${PORTAL}/i/unknown`);
  await person.on("This invitation cannot be used"); // E1
  await person.toRole();
  await page.locator('input[value="correct"]').check();
  await person.press("Continue");
  await page.goto(`${PORTAL}/share/done`);
  await person.on("Details shared"); // E2, by the same browser
  await person.toQr("Microsoft Authenticator");
  await post("/wait", { minutes: "6" });
  await page.goto(`${PORTAL}/share`);
  await person.on("The QR code has expired"); // E3
  await person.press("Get a new QR code for Microsoft Authenticator");
  await person.on("Connect to your wallet");
  await person.phone("decline");
  await page.goto(`${PORTAL}/share`);
  await person.on("We did not receive the credentials you selected"); // E5
  await person.shot("08-not-received");
  await person.press("Try again with the same selection for another wallet (OpenID4VP)");
  await person.on("Connect to your wallet");
  await person.phone("foreign");
  await page.goto(`${PORTAL}/share`);
  await person.on("We cannot accept what you shared"); // E6
  await person.press("Change the credentials you selected");
  await person.on("Select the credentials to share");

  await page.goto(await post("/invite", { name: "Otherwise" }));
  await person.choose("Yes, I have registered before");
  await person.press("Start now");
  await person.press("Continue");
  await person.choose("Yes, connect to my wallet: another wallet (OpenID4VP)");
  await person.phone("share", "identity");
  await page.goto(`${PORTAL}/share`);
  await person.on("We could not match your details"); // E7

  await person.toEmailCode();
  for (let tries = 0; tries < 14; tries += 1) {
    if ((await page.getByLabel("Security code").count()) === 0) break;
    await page.getByLabel("Security code").fill(await code("email", "wrong"));
    await person.press("Continue");
  }
  await person.on("You have entered an incorrect code too many times"); // E8

  await person.toQr();
  await post("/wait", { minutes: "21" });
  await page.goto(`${PORTAL}/share`);
  await person.on("Your session has ended"); // E10
  for (const [path, title] of [
    ["/", "Share your staff credentials"],
    ["/nowhere", "Page not found"],
    ["/notices/privacy", "Privacy notice"],
    ["/notices/terms", "Terms of use"],
    ["/notices/conditions", "Terms and conditions"],
    ["/accessibility", "Accessibility"],
  ]) {
    await page.goto(`${PORTAL}${path}`);
    await person.on(title);
  }
}

// A wallet on the same device, which leads to another browser first.
async function sameDevice(person) {
  const { page } = person;
  await person.toQr();
  await person.press("Open your wallet on this device");
  await person.on("Open your wallet");
  const back = await person.phone("share");
  await page.goto(`${PORTAL}/share`);
  await person.on("Come back from your wallet");
  const elsewhere = await person.inAnotherBrowser(back);
  await elsewhere.on("Go back to the browser that you began in");
  await page.goto(back);
  await person.on("You are back from your wallet");
  await person.press("Continue");
  await person.on("Create your profile");
}

// What the team asks for more, from the link in the email on: each page, and what is wrong on it.
async function shareMore(team) {
  const link = `${PORTAL}${await stage("/link")}`;
  const person = await team.inAnotherBrowser(link);
  person.shots = team.shots;
  const { page } = person;
  await person.on("Share more of your credentials");
  await person.shot("10-share-more");
  await person.press("Start now");
  await person.on("Confirm what you will share");
  await person.choose("Yes, connect to my wallet: another wallet (OpenID4VP)");
  await person.on("Connect to your wallet");
  await person.press("Change the credentials you selected");
  await page.getByLabel("Training", { exact: true }).uncheck();
  await person.press("Continue");
  await person.on("Error: Select the credentials to share");
  await page.getByRole("link", { name: "Select at least one credential to share" }).click();
  await page.getByLabel("Training", { exact: true }).check();
  await person.press("Continue");
  await person.choose("Yes, connect to my wallet: another wallet (OpenID4VP)");
  await person.on("Connect to your wallet");
  await person.phone("share", "identity,training");
  await person.afterShare("Send your credentials");
  await person.press("Send my credentials");
  await person.on("Credentials shared");
  await page.goto(link);
  await person.on("You have already sent your details");
  await page.context().close();
}

async function recruitment(person) {
  const { page } = person;
  await person.toRole();
  await person.choose("No, this is not correct");
  await person.press("Continue and send my details");
  await person.on("Details shared");
  await page.goto(`${PORTAL}/recruitment`);
  await person.on("Sign in for development");
  await person.press("Sign in");
  await person.on("Error: Sign in for development");
  await page.getByLabel("Your name, for the audit").fill("A. Reviewer");
  await person.press("Sign in");
  await person.on("People");
  await page.goto(`${PORTAL}/recruitment/invite`);
  await person.on("Invite somebody");
  await person.press("Send the invitation");
  await person.on("Error: Invite somebody");
  await page.goto(`${PORTAL}/recruitment`);
  await page.getByRole("link", { name: "Rowan Testerby" }).click();
  await person.on("Rowan Testerby");
  await person.shot("09-review");
  await page.getByText("What was checked").click();
  await person.press("I have looked at this, and it is in order");
  await page.getByLabel("Temporary mover").check();
  await page.getByLabel("I have taken reasonable care to check who this person is").check();
  await person.press("Confirm identity");
  await person.on("Rowan Testerby");
  await page.getByLabel("Training", { exact: true }).check();
  await page.getByLabel("What you want to see more").fill("not older than a year");
  await person.press("Ask for more");
  await person.on("Rowan Testerby");
  await shareMore(person);
  await page.reload();
  await person.on("Rowan Testerby");
  await person.shot("11-review-of-more");
  for (const label of ["Identity", "Employment", "Training"]) await person.press(`Accept ${label}`);
  for (const label of ["Identity", "Training"]) {
    await page.getByRole("button", { name: `Accept ${label}`, exact: true }).nth(1).click();
  }
  await person.press("The review is complete");
  await person.press("Offer the access key");
  await person.on("Rowan Testerby");
  await page.goto(`${PORTAL}/recruitment/audit`);
  await person.on("Audit");
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const walks = [
  ["phone, JavaScript on", PHONE, true, (person) => journey(person, "another wallet (OpenID4VP)")],
  ["desktop, JavaScript on", DESKTOP, true, (person) => journey(person, "Microsoft Authenticator")],
  ["phone, JavaScript off", PHONE, false, (person) => journey(person, "Microsoft Authenticator")],
  ["desktop, JavaScript off", DESKTOP, false, (person) => journey(person, "another wallet (OpenID4VP)")],
  ["phone, failures", PHONE, true, failures],
  ["desktop, failures, JavaScript off", DESKTOP, false, failures],
  ["phone, same device", PHONE, true, sameDevice],
  ["desktop, same device, JavaScript off", DESKTOP, false, sameDevice],
  ["desktop, recruitment", DESKTOP, true, recruitment],
  ["phone, recruitment", PHONE, true, recruitment],
  ["phone, database gone", PHONE, true, async (person) => {
    await person.toQr();
    await post("/close");
    await person.page.goto(`${PORTAL}/share`);
    await person.on("Sorry, there is a problem with the service"); // E9
  }],
];
for (const [name, viewport, script, walk] of walks) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: script });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  // A message of the browser's is a script or a style that the policy refused, or a script's fault.
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (4|5)\d\d/.test(message.text())) faults.push(`${name}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${name}: ${error.message}`));
  try {
    await walk(new Person(name, page, script));
    console.log(`walked: ${name}`);
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
  }
  await context.close();
}
await browser.close();
console.log(`${checked} pages held against WCAG 2.2 AA`);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
