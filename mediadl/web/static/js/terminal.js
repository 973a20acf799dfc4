// The page around the terminal. The terminal itself is textual-serve's script, which is loaded last: everything here
// stands between that script and the browser (its socket, its windows, its clipboard).
"use strict";
(() => {
  const body = document.body;
  const terminal = document.getElementById("terminal");
  const strip = document.getElementById("strip");
  const touch = matchMedia("(pointer: coarse)").matches;
  const OURS = { idle: 4000, signedOut: 4001, rightsChanged: 4002 };
  const LONGEST_INPUT = 8000;
  const KEYS = {
    esc: "\x1b", tab: "\t", enter: "\r",
    up: "\x1b[A", down: "\x1b[B", right: "\x1b[C", left: "\x1b[D",
  };
  let socket = null;
  let opened = false;
  let leaving = false;

  // The address must not steer the terminal's script
  history.replaceState(null, "", location.pathname);
  addEventListener("pagehide", () => { leaving = true; });

  // Remembered in this browser only; a browser may refuse to
  function recall(name) {
    try { return localStorage.getItem("mediadl." + name); } catch { return null; }
  }
  function remember(name, value) {
    try { localStorage.setItem("mediadl." + name, value); } catch { /* then it is asked again */ }
  }

  // What must be said

  function say(id, words, ...parts) {
    unsay(id);
    const line = document.createElement("div");
    line.className = "strip";
    line.id = "strip-" + id;
    const text = document.createElement("span");
    text.textContent = words;
    line.append(text, ...parts);
    strip.append(line);
    fit();
    return line;
  }
  function unsay(id) {
    const line = document.getElementById("strip-" + id);
    if (!line) return;
    line.remove();
    fit();
  }
  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  // The socket

  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(address) {
      const url = new URL(address, location.href);
      url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      super(url);
      socket = this;
      grid = { columns: Number(url.searchParams.get("width")), rows: Number(url.searchParams.get("height")) };
      this.addEventListener("open", () => { opened = true; });
      this.addEventListener("message", (event) => {
        if (typeof event.data === "string") hear(JSON.parse(event.data));
      });
      this.addEventListener("close", ended);
    }
    send(data) {
      if (this.readyState !== Plain.OPEN) return;
      if (data.startsWith('["resize"')) measure(JSON.parse(data)[1]);
      const frame = data.length > LONGEST_INPUT ? JSON.parse(data) : null;
      if (!frame || frame[0] !== "stdin") return super.send(data);
      // A large paste in parts: the server takes no large frame
      const letters = Array.from(frame[1]);
      for (let at = 0; at < letters.length; at += LONGEST_INPUT) {
        super.send(JSON.stringify(["stdin", letters.slice(at, at + LONGEST_INPUT).join("")]));
      }
    }
  };

  function type(text) {
    socket?.send(JSON.stringify(["stdin", text]));
  }

  function hear([kind, told]) {
    if (kind === "title") document.title = told;
    else if (kind === "notice") notice(told);
    else if (kind === "idle") idle(told);
    else if (kind === "overlay") overlay(told);
    else if (kind === "account") location.assign("/account");
  }

  let counting = 0;
  function idle(seconds) {
    clearInterval(counting);
    unsay("idle");
    if (seconds === null) return;
    const until = Date.now() + seconds * 1000;
    const line = say("idle", "");
    const show = () => {
      const left = Math.max(0, Math.round((until - Date.now()) / 1000));
      line.firstChild.textContent = `Nobody has used this terminal for a while: it closes in ${left} s. Press a key to stay.`;
    };
    show();
    counting = setInterval(show, 1000);
  }

  // True images over the gallery's tiles; until one is there, and where none is, the tile's own picture shows

  const layer = document.getElementById("images");
  const images = new Map();
  let grid = { columns: 0, rows: 0 };

  function measure({ width, height }) {
    grid = { columns: width, rows: height };
    place();
  }
  function overlay({ ground, items }) {
    const wanted = new Set(items.map(([id]) => id));
    for (const [id, held] of images) {
      if (wanted.has(id)) continue;
      held.image.remove();
      images.delete(id);
    }
    layer.style.setProperty("--ground", ground);
    for (const [id, ...cells] of items) {
      const held = images.get(id);
      if (held) held.cells = cells;
      else load(id, cells);
    }
    place();
  }
  async function load(id, cells) {
    const held = { image: new Image(), cells };
    images.set(id, held);
    held.image.alt = "";
    held.image.src = `/thumbnail/${id}`;
    try {
      await held.image.decode();
    } catch {
      return; // none is kept
    }
    if (images.get(id) !== held) return;
    place();
    layer.append(held.image);
  }
  function place() {
    const box = terminal.querySelector(".xterm-screen")?.getBoundingClientRect();
    if (!box || !grid.columns || !grid.rows) return;
    const from = layer.getBoundingClientRect();
    const [across, down] = [box.width / grid.columns, box.height / grid.rows];
    for (const { image, cells: [x, y, w, h] } of images.values()) {
      image.style.left = `${box.left - from.left + x * across}px`;
      image.style.top = `${box.top - from.top + y * down}px`;
      image.style.width = `${w * across}px`;
      image.style.height = `${h * down}px`;
    }
  }

  // The end, and the way back

  async function ended(event) {
    clearInterval(counting);
    overlay({ ground: "#000000", items: [] });
    if (leaving) return;
    const why = {
      1001: "The server was stopped.",
      1006: "The connection was lost.",
      1008: "The page sent too much at once.",
      1009: "The page sent too much at once.",
      [OURS.idle]: "Nobody had used it for a while.",
      [OURS.signedOut]: "You were signed out.",
      [OURS.rightsChanged]: "Your rights have changed.",
    }[event.code] ?? "";
    show(why, "Press a key to come back.");
    if (event.code === OURS.rightsChanged) return location.reload();
    if (event.code !== 1001 && event.code !== 1006) return;
    if (!opened) {
      const answer = await ask("/api/me");
      if (answer === 401) return location.assign("/login");
      if (answer === 200) return show("Too many terminals are open, or none can be started now.", "Close another tab, then press a key.");
    }
    show(why, "Waiting for the server. Press a key to try now.");
    wait();
  }
  async function ask(path) {
    try {
      return (await fetch(path, { cache: "no-store" })).status;
    } catch {
      return 0;
    }
  }
  function wait() {
    setTimeout(async () => {
      // It answers again: the same screen, as it was left
      if (await ask("/api/me")) location.reload();
      else wait();
    }, 1500);
  }
  function show(why, next) {
    document.getElementById("ended-why").textContent = why;
    document.getElementById("ended-next").textContent = next;
    body.classList.add("ended");
    document.getElementById("ended").focus();
  }
  function back(event) {
    if (!body.classList.contains("ended")) return;
    if (event.type === "keydown" && (["Shift", "Control", "Alt", "Meta"].includes(event.key) || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    location.reload();
  }
  addEventListener("keydown", back, true);
  document.getElementById("ended").addEventListener("click", back);

  // Windows: no opener for what is opened, and a link where the browser lets no window open

  const plainOpen = window.open.bind(window);
  window.open = (address) => {
    const url = new URL(address, location.href);
    if (url.protocol !== "https:" && url.protocol !== "http:") return null;
    if (url.origin === location.origin && url.pathname.startsWith("/download/")) {
      const link = document.createElement("a");
      link.href = url.href;
      link.download = "";
      link.click();
      return null;
    }
    const made = plainOpen("about:blank", "_blank");
    if (made) {
      made.opener = null;
      made.location.replace(url.href);
      return null;
    }
    const link = document.createElement("a");
    link.href = url.href;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = "Open";
    link.addEventListener("click", () => unsay("open"));
    say("open", "The browser opened no new tab.", link, button("Close", () => unsay("open")));
    return null;
  };

  // The clipboard: the browser's own where it may be used, else a text to copy by hand. It is never read.

  const own = navigator.clipboard;
  async function copy(text) {
    try {
      await own.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.readOnly = true;
      area.value = text;
      const done = () => { unsay("copy"); focusTerminal(); };
      say("copy", "Copy this yourself:", area, button("Done", done));
      area.addEventListener("keydown", (event) => { if (event.key === "Escape") done(); });
      area.focus();
      area.select();
    }
  }
  Object.defineProperty(navigator, "clipboard", { value: { writeText: copy, readText: async () => "" } });

  // Notices: shown by the browser while the tab is hidden

  const canTell = "Notification" in window && isSecureContext;
  function notice(told) {
    if (canTell && document.hidden && Notification.permission === "granted") {
      new Notification(told.title, { body: told.text, tag: "mediadl", icon: "/static/img/icon.svg" });
    }
  }
  function offerNotices() {
    if (!canTell || Notification.permission !== "default" || recall("asked")) return;
    const answer = (wanted) => {
      remember("asked", "1");
      unsay("notices");
      if (wanted) Notification.requestPermission();
      focusTerminal();
    };
    say("notices", "Be told when something needs you while this tab is hidden?",
      button("Yes", () => answer(true)), button("No", () => answer(false)));
  }

  // Size, keys and fingers

  function sizeOfLetters() {
    const chosen = Number(recall("letters"));
    if (chosen >= 8 && chosen <= 32) return chosen;
    // Sixty columns, where letters stay legible
    return Math.max(10, Math.min(16, Math.floor((innerWidth / 60 / 0.602) * 2) / 2));
  }
  function fit() {
    const seen = window.visualViewport;
    if (seen) body.style.setProperty("--height", `${seen.height}px`);
    dispatchEvent(new Event("resize"));
  }
  function focusTerminal() {
    document.querySelector(".xterm-helper-textarea")?.focus();
  }
  function letters(step) {
    remember("letters", String(Math.max(8, Math.min(32, sizeOfLetters() + step))));
    location.reload();
  }

  const ACTS = {
    keyboard: focusTerminal,
    smaller: () => letters(-1),
    larger: () => letters(1),
    account: () => location.assign("/account"),
  };
  document.getElementById("keys").addEventListener("pointerdown", (event) => event.preventDefault());
  document.getElementById("keys").addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    if (pressed.dataset.key) type(KEYS[pressed.dataset.key]);
    else ACTS[pressed.dataset.act]();
  });

  const STEP = 20;
  let from = null;
  terminal.addEventListener("touchstart", (event) => { from = event.touches[0].clientY; }, { passive: true });
  terminal.addEventListener("touchmove", (event) => {
    event.preventDefault();
    const { clientX, clientY } = event.touches[0];
    while (Math.abs(from - clientY) >= STEP) {
      const down = from > clientY;
      from += down ? -STEP : STEP;
      document.querySelector(".xterm-screen")?.dispatchEvent(new WheelEvent("wheel", {
        bubbles: true, cancelable: true, clientX, clientY, deltaY: down ? 40 : -40,
      }));
    }
  }, { passive: false });

  // Everything stands: the terminal's script may come

  new MutationObserver((_changes, observer) => {
    if (!body.classList.contains("-first-byte")) return;
    observer.disconnect();
    if (!touch) focusTerminal();
    offerNotices();
  }).observe(body, { attributes: true, attributeFilter: ["class"] });

  async function begin() {
    body.classList.toggle("with-keys", touch || innerWidth < 600);
    terminal.dataset.fontSize = String(sizeOfLetters());
    // The terminal measures its letters once
    await Promise.all([document.fonts.load('16px "Roboto Mono"'), document.fonts.load('bold 16px "Roboto Mono"')]);
    const script = document.createElement("script");
    script.src = "/static/textual/js/textual.js";
    script.addEventListener("load", () => {
      window.onload?.(new Event("load"));
      window.onload = null;
      window.visualViewport?.addEventListener("resize", fit);
      // It is given its size later than the window, and by more than the window
      new ResizeObserver(place).observe(terminal.querySelector(".xterm-screen"));
      new ResizeObserver(place).observe(terminal);
      if (!touch) focusTerminal();
    });
    document.head.append(script);
  }
  begin();
})();
