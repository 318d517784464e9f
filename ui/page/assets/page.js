// What the blocks of the page share. Stands in the head, before Gradio's own scripts.
(() => {
  const chosen = () => {
    try {
      return localStorage.getItem("zhengce-theme");
    } catch {
      return null; // storage may be switched off
    }
  };

  // The language of the page is the one it is written in; Gradio would put the browser's there.
  const page = document.documentElement;
  const { lang } = page;
  new MutationObserver(() => {
    if (page.lang !== lang) page.lang = lang;
  }).observe(page, { attributes: true, attributeFilter: ["lang"] });

  // The theme that was chosen stays, whatever Gradio makes of the system's.
  const dress = () => {
    const theme = chosen();
    if (document.body && theme) document.body.classList.toggle("dark", theme === "dark");
  };
  document.addEventListener("DOMContentLoaded", () => {
    dress();
    new MutationObserver(() => {
      const theme = chosen();
      if (theme && document.body.classList.contains("dark") !== (theme === "dark")) dress();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });

  let fading;
  const note = (text) => {
    const line = document.getElementById("note");
    line.textContent = text;
    clearTimeout(fading);
    fading = setTimeout(() => (line.textContent = ""), 4000);
  };

  const copyByHand = (text) => {
    const box = document.createElement("textarea");
    box.value = text;
    box.style.position = "fixed";
    box.style.opacity = "0";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy"); // pages without TLS have no clipboard of their own
    box.remove();
    return done;
  };

  const texts = () => document.getElementById("note").dataset;

  window.zhengce = {
    note,

    switchTheme() {
      const theme = document.body.classList.contains("dark") ? "light" : "dark";
      try {
        localStorage.setItem("zhengce-theme", theme);
      } catch {
        // it holds until the page is left
      }
      document.body.classList.toggle("dark", theme === "dark");
    },

    // Show one of the views and let the address say so.
    view(name) {
      document.body.dataset.view = name;
      for (const button of document.querySelectorAll(".views [data-view]")) {
        if (button.dataset.view === name) button.setAttribute("aria-current", "page");
        else button.removeAttribute("aria-current");
      }
      zhengce.address({ view: name === "chat" ? null : name });
      zhengce.drawer(false);
    },

    drawer(open) {
      document.body.classList.toggle("drawer-open", open);
      document.querySelector("[data-drawer]")?.setAttribute("aria-expanded", String(open));
    },

    // Change parts of the address without loading it.
    address(parts) {
      const url = new URL(location.href);
      for (const [name, value] of Object.entries(parts)) {
        if (value) url.searchParams.set(name, value);
        else url.searchParams.delete(name);
      }
      if (url.href !== location.href) history.replaceState(history.state, "", url);
    },

    // Put text on the line to write on.
    write(text) {
      const line = document.querySelector("#question textarea");
      line.value = text;
      line.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps a copy of what is typed
      line.focus();
    },

    async copy(button) {
      const { copy, link } = button.dataset;
      const text = link ? `${copy}\n${new URL(link, location.origin + location.pathname)}` : copy;
      let done = false;
      try {
        await navigator.clipboard.writeText(text);
        done = true;
      } catch {
        done = copyByHand(text);
      }
      note(done ? texts().copied : texts().notCopied);
    },

    // Ask for a yes, or with value given for a line of text. The name stands where says has {name}, set apart, so that it
    // turns the direction of nothing around it. Resolves to true, to the text, or to null.
    ask(says, { name, value } = {}) {
      const dialog = document.getElementById("dialog");
      const line = document.getElementById("dialog-line");
      const named = document.createElement("bdi");
      named.className = "apart";
      named.textContent = name ?? "";
      const [before, ...after] = says.split("{name}");
      document.getElementById("dialog-says").replaceChildren(before, ...(after.length ? [named, ...after] : []));
      line.hidden = value === undefined;
      line.value = value ?? "";
      dialog.returnValue = "";
      dialog.showModal();
      if (!line.hidden) line.select();
      return new Promise((resolve) => {
        dialog.addEventListener(
          "close",
          () => resolve(dialog.returnValue !== "yes" ? null : line.hidden ? true : line.value.trim() || null),
          { once: true },
        );
      });
    },

    // What a reader unfolded in element stays so when the block is written anew. Returns what puts it back.
    keepUnfolded(element) {
      const known = new Map();
      element.addEventListener(
        "toggle",
        (event) => {
          const { key } = event.target.dataset;
          if (key) known.set(key, event.target.open);
        },
        true,
      );
      return () => {
        for (const one of element.querySelectorAll("details[data-key]")) {
          if (known.has(one.dataset.key)) one.open = known.get(one.dataset.key);
        }
      };
    },
  };
})();
