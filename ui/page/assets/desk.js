// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const tabs = () => [...element.querySelectorAll("[role=tab]")];

// What a screen reader says of the work and of its result.
zhengce.hear = (text) => {
  const line = element.querySelector("[data-heard]");
  if (line) line.textContent = text;
};

function show(tool) {
  document.body.dataset.tool = tool;
  for (const tab of tabs()) {
    const chosen = tab.dataset.tool === tool;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  reach();
}

// Bring the chosen tab into sight where the row is longer than the window.
function reach() {
  requestAnimationFrame(() => element.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" }));
}

function choose(tab) {
  show(tab.dataset.tool);
  zhengce.address({ tool: tab === tabs()[0] ? null : tab.dataset.tool });
}

element.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) choose(tab);
});

element.addEventListener("keydown", (event) => {
  const all = tabs();
  const at = all.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const tab = all[(to + all.length) % all.length];
  choose(tab);
  tab.focus();
});

// Other documents may be there by the time that somebody comes to the desk.
document.addEventListener("click", (event) => {
  if (!event.target.closest('.views [data-view="desk"]')) return;
  trigger("input", {});
  reach();
});

// The tool that the address names is shown from the start.
watch("value", () => {
  const wanted = new URLSearchParams(location.search).get("tool");
  const tab = tabs().find((one) => one.dataset.tool === wanted) ?? tabs()[0];
  for (const one of tabs()) {
    const pane = document.getElementById(`pane-${one.dataset.tool}`);
    pane?.setAttribute("role", "tabpanel");
    pane?.setAttribute("aria-label", one.textContent);
    one.setAttribute("aria-controls", `pane-${one.dataset.tool}`);
  }
  if (tab) show(tab.dataset.tool);
});
