// The widget for other sites: <script src="https://HOST/widget.js" data-title="…" data-lang="zh" defer></script>
// It asks only the host that it came from, sends no cookies, and puts what is answered into text nodes only. Its styles
// are a constructed sheet, so that the site's policy needs no more than script-src and connect-src of that host.
(() => {
  const script = document.currentScript;
  const host = new URL(script.src).origin;
  const lang = script.dataset.lang === "en" ? "en" : "zh";
  const pages = "__PAGES__"; // where the page is in each language, filled in by the service
  const most = { turns: 10, characters: 8000 }; // of what was said before, to be sent again

  const texts = {
    zh: {
      title: "政策问答", open: "打开政策问答", close: "关闭", question: "问题", send: "提问", busy: "正在查找……",
      sources: "出处", nearest: "相近的原文", goes: "在新窗口打开原文：", asked: "您问：", hint: "请输入要问的内容",
      failed: "没能得到回答，请稍后再试。", refused: "这个网站不能使用政策问答。", many: "提问太频繁，请稍后再试。",
      closed: "政策问答需要登录后使用。", about: "回答引用政策原文，以原文为准。",
    },
    en: {
      title: "Policy questions", open: "Open policy questions", close: "Close", question: "Question", send: "Ask",
      busy: "Searching…", sources: "Sources", nearest: "Nearest in the sources", goes: "Open the source in a new tab: ",
      asked: "You asked: ", hint: "Type your question", failed: "There is no answer now; please try again later.",
      refused: "This site may not use the policy questions.", many: "Too many questions; please try again later.",
      closed: "The policy questions need a sign-in.", about: "Answers quote the policy texts, which prevail.",
    },
  }[lang];

  const styles = `
    :host { all: initial; position: fixed; inset-inline-end: 1rem; inset-block-end: 1rem; z-index: 2147483000;
      --paper: #fff; --ink: #1c2733; --soft: #56636f; --line: #8b97a3; --accent: #24507a; --on: #fff; --tint: #e7eef5;
      color-scheme: light; font: 15px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
    @media (prefers-color-scheme: dark) { :host { --paper: #1a2027; --ink: #dfe5eb; --soft: #9ca9b5; --line: #5d6a77;
      --accent: #93b9df; --on: #10202f; --tint: #223142; color-scheme: dark; } }
    * { box-sizing: border-box; font: inherit; }
    [hidden] { display: none !important; }
    button { cursor: pointer; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: .4rem; }
    button:focus-visible, textarea:focus-visible, .log:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    button[disabled] { opacity: .6; cursor: default; }
    .opener, .send { color: var(--on); background: var(--accent); border-color: var(--accent); }
    .opener { padding: .6rem 1.1rem; border-radius: 2rem; box-shadow: 0 2px 10px #0005; float: inline-end; }
    .panel { display: flex; flex-direction: column; width: min(24rem, calc(100vw - 2rem)); margin-block-end: .6rem;
      height: min(34rem, calc(100vh - 6rem)); color: var(--ink); background: var(--paper); border: 1px solid var(--line);
      border-radius: .6rem; box-shadow: 0 4px 24px #0005; }
    header { display: flex; align-items: center; justify-content: space-between; padding: .6rem .9rem;
      border-block-end: 1px solid var(--line); }
    h2 { margin: 0; font-weight: 600; }
    header button { padding: 0 .6rem; }
    .log { flex: 1; overflow-y: auto; padding: .9rem; overflow-wrap: anywhere; }
    .about, .sources > p { color: var(--soft); font-size: .87em; margin: 0; }
    .asked { margin: 1rem 0 .4rem; padding: .4rem .7rem; background: var(--tint); border-radius: .5rem; white-space: pre-wrap; }
    .said { white-space: pre-wrap; margin: .4rem 0; unicode-bidi: isolate; }
    .said button { padding: 0 .3rem; font-size: .8em; margin-inline: .1em; min-width: 1.5rem; min-height: 1.5rem; }
    .sources ol { margin: .2rem 0; padding: 0; list-style: none; }
    .sources li button { width: 100%; margin-block: .15rem; padding: .25rem .6rem; text-align: start; }
    form { display: flex; gap: .5rem; padding: .7rem .9rem; border-block-start: 1px solid var(--line); align-items: end; }
    label { flex: 1; font-size: .87em; color: var(--soft); }
    textarea { display: block; width: 100%; resize: none; padding: .35rem .5rem; color: var(--ink); background: var(--paper);
      border: 1px solid var(--line); border-radius: .4rem; font-size: 1.15em; }
    .send { padding: .4rem .9rem; }`;

  const make = (name, known = {}, ...inside) => {
    const one = document.createElement(name);
    for (const [key, value] of Object.entries(known)) one.setAttribute(key, value);
    one.append(...inside);
    return one;
  };

  class Widget extends HTMLElement {
    #history = [];
    #log;
    #line;
    #send;
    #panel;
    #opener;

    constructor() {
      super();
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      const title = script.dataset.title || texts.title;
      this.#log = make("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": title });
      this.#log.append(make("p", { class: "about" }, texts.about));
      this.#line = make("textarea", { rows: "2", maxlength: "2000", autocomplete: "off", placeholder: texts.hint });
      this.#send = make("button", { type: "submit", class: "send" }, texts.send);
      const form = make("form", {}, make("label", {}, texts.question, this.#line), this.#send);
      const close = make("button", { type: "button", "aria-label": texts.close }, "×");
      this.#panel = make("section", { class: "panel", id: "panel", role: "dialog", "aria-label": title, hidden: "", lang: lang === "en" ? "en" : "zh-CN" });
      this.#panel.append(make("header", {}, make("h2", {}, title), close), this.#log, form);
      this.#opener = make("button", { type: "button", class: "opener", "aria-expanded": "false", "aria-controls": "panel", "aria-label": title === texts.title ? texts.open : title });
      this.#opener.append(title);
      root.append(this.#panel, this.#opener);
      this.#opener.addEventListener("click", () => this.#show(this.#panel.hidden));
      close.addEventListener("click", () => this.#show(false));
      this.#panel.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.isComposing) this.#show(false);
      });
      this.#line.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        form.requestSubmit();
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#ask(this.#line.value.trim());
      });
    }

    #show(open) {
      this.#panel.hidden = !open;
      this.#opener.setAttribute("aria-expanded", String(open));
      (open ? this.#line : this.#opener).focus();
    }

    async #ask(question) {
      if (!question || this.#send.disabled) return;
      this.#line.value = "";
      this.#send.disabled = true;
      const said = make("p", { class: "said" }, texts.busy);
      const exchange = make("div", { "aria-busy": "true" }, make("p", { class: "asked" }, question), said);
      this.#log.append(exchange);
      exchange.scrollIntoView({ block: "nearest" });
      try {
        const answer = await this.#sent(question);
        this.#tell(exchange, said, answer);
        this.#history.push({ role: "user", content: question }, { role: "assistant", content: answer.answer });
      } catch (problem) {
        said.textContent = problem instanceof Refusal ? problem.message : texts.failed;
        said.setAttribute("role", "alert");
      }
      exchange.removeAttribute("aria-busy");
      this.#send.disabled = false;
      exchange.scrollIntoView({ block: "nearest" });
      if (!this.#panel.hidden) this.#line.focus();
    }

    async #sent(question) {
      const response = await fetch(`${host}/api/v1/ask`, {
        method: "POST",
        mode: "cors",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ question, history: this.#remembered() }),
      });
      if (response.ok) return response.json();
      const known = { 401: texts.closed, 403: texts.refused, 429: texts.many };
      throw new Refusal(known[response.status] || texts.failed);
    }

    // As many of the last questions with their answers as may be sent again, oldest first.
    #remembered() {
      let turns = this.#history.slice(-most.turns);
      const size = () => turns.reduce((sum, turn) => sum + turn.content.length, 0);
      while (size() > most.characters) turns = turns.slice(2);
      return turns;
    }

    #tell(exchange, said, answer) {
      const citations = new Map(answer.citations.map((one) => [String(one.id), one]));
      const pieces = answer.answer.split(/(\[\d+\])/);
      said.replaceChildren(
        ...pieces.map((piece) => {
          const cited = /^\[\d+\]$/.test(piece) && citations.get(piece.slice(1, -1));
          return cited ? this.#opens(cited, String(cited.id)) : piece;
        }),
      );
      const listed = answer.citations.length ? answer.citations : answer.nearest;
      if (!listed.length) return;
      const entries = listed.map((one) => make("li", {}, this.#opens(one, `${one.id} ${one.label} · ${one.title}`)));
      const heading = make("p", {}, answer.citations.length ? texts.sources : texts.nearest);
      exchange.append(make("div", { class: "sources" }, heading, make("ol", {}, ...entries)));
    }

    #opens(citation, shown) {
      const place = new URL(pages[lang], host);
      place.search = new URLSearchParams({ document: citation.document_id, start: citation.start, end: citation.end });
      const button = make("button", { type: "button", "aria-label": `${texts.goes}${citation.label} · ${citation.title}`, title: citation.label });
      button.append(shown);
      button.addEventListener("click", () => window.open(place, "_blank", "noopener"));
      return button;
    }
  }

  class Refusal extends Error {}

  if (customElements.get("zhengce-widget")) return; // the tag stands on the site twice
  customElements.define("zhengce-widget", Widget);
  const put = () => document.querySelector("zhengce-widget") || document.body.append(document.createElement("zhengce-widget"));
  if (document.body) put();
  else document.addEventListener("DOMContentLoaded", put);
})();
