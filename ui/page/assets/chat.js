// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const restore = zhengce.keepUnfolded(element);
const desk = window.matchMedia("(hover: hover)");

const form = (kind, exchange) => element.querySelector(`form.${kind}[data-exchange="${exchange}"]`);

function unfold(kind, exchange, field) {
  const one = form(kind, exchange);
  one.hidden = !one.hidden;
  if (one.hidden) return;
  one.querySelector(field).focus();
  one.scrollIntoView({ block: "nearest" });
}

// A button that asks or that opens a source carries in data attributes what the server needs.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { ask, replaces, write, edit, rate, exchange, copy, dismiss, view, document: id, start, end } = button.dataset;
  if (copy !== undefined) zhengce.copy(button);
  else if (view !== undefined) zhengce.view(view);
  else if (write !== undefined) zhengce.write(write);
  else if (edit !== undefined) unfold("editing", edit, "textarea");
  else if (dismiss !== undefined) button.closest("form").hidden = true;
  else if (rate !== undefined) {
    const withdrawn = button.getAttribute("aria-pressed") === "true";
    if (rate === "down" && !withdrawn) unfold("reasons", exchange, "input");
    else trigger("like", { exchange, rating: withdrawn ? null : rate });
  } else if (ask !== undefined) trigger("submit", { question: ask, replaces });
  else if (id !== undefined) trigger("select", { document: id, start, end });
});

function send(one) {
  const { exchange } = one.dataset;
  const text = one.querySelector("textarea").value;
  if (one.classList.contains("editing")) {
    if (!text.trim()) return;
    trigger("submit", { question: text, replaces: exchange });
  } else {
    const reason = one.querySelector("input:checked").value;
    trigger("like", { exchange, rating: "down", reason, comment: text });
    zhengce.note(document.getElementById("note").dataset.thanks);
  }
  one.hidden = true;
}

element.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});

element.addEventListener("keydown", (event) => {
  const one = event.target.closest("form");
  if (!one || event.isComposing) return;
  if (event.key === "Escape") {
    one.hidden = true;
    event.stopPropagation();
  } else if (event.key === "Enter" && !event.shiftKey && event.target.tagName === "TEXTAREA") {
    event.preventDefault();
    send(one);
  }
});

// An input method ends a word with Enter, too: that one does not send the question. Nor does one that comes before the
// page has been filled: what was asked would be overwritten.
const early = (event) => element.querySelector(".welcome[aria-busy]") && event.target.closest?.("#question");
for (const type of ["keydown", "keypress"]) {
  document.addEventListener(
    type,
    (event) => {
      const composing = event.isComposing || event.keyCode === 229;
      if (event.key === "Enter" && (composing || early(event))) {
        event.stopImmediatePropagation();
        if (!composing) event.preventDefault();
      }
    },
    true,
  );
}

// An exchange is brought into view when it is asked, at once: an answer may begin before a glide would have ended. Then it
// stays where it is, and the answer grows below it. The line to write on has the keyboard from the start, but not where that covers half of the screen.
let shown = "";
watch("value", () => {
  restore();
  const talk = element.querySelector(".conversation");
  zhengce.address({ conversation: talk?.dataset.conversation });
  const latest = [...element.querySelectorAll(".exchange")].pop();
  const line = document.querySelector("#question textarea");
  if (latest && latest.dataset.exchange !== shown) {
    latest.scrollIntoView({ block: "start", behavior: "instant" });
    if (!desk.matches) line?.blur();
  }
  if (!latest && desk.matches) line?.focus({ preventScroll: true });
  shown = latest?.dataset.exchange ?? "";
});
