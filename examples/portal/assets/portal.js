"use strict";
// The pages work without this. With it, the page that waits for a wallet changes by itself, the error
// summary gets the focus, and a session that is about to end says so.

document.body.classList.add("js-enabled");

const summary = document.querySelector(".nhsuk-error-summary");
if (summary) summary.focus();

const watch = document.querySelector(".app-watch");
if (watch) {
  let state = watch.dataset.state;
  let pause = 2000;
  const status = watch.querySelector(".app-status");
  const look = async () => {
    try {
      const reply = await fetch("/share/status", { cache: "no-store", credentials: "same-origin" });
      const now = reply.ok ? (await reply.json()).state : state;
      if (now === "scanned" && state === "connecting") {
        state = now;
        status.textContent = "Your wallet has our request. Follow the instructions in your wallet.";
        watch.classList.add("app-scanned");
      } else if (now !== state) {
        window.location.replace("/share");
        return;
      }
      pause = Math.min(pause * 1.1, 5000);
    } catch {
      pause = Math.min(pause * 2, 15000);
    }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) pause = 500;
  });
}

const time = document.querySelector(".app-time");
if (time) {
  const left = Number(time.dataset.minutes) * 60000;
  setTimeout(() => {
    time.classList.add("app-time--soon");
    const text = time.querySelector("p");
    text.setAttribute("role", "alert");
    text.textContent = "This page ends in about 2 minutes if you do nothing. What you have chosen is kept.";
  }, Math.max(left - 120000, 0));
}
