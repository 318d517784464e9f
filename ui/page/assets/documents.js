// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const restore = zhengce.keepUnfolded(element);
const browsing = () => document.querySelector("#tasks [data-document-choice]")?.value;

let asking;
const refresh = (after) => {
  clearTimeout(asking);
  asking = setTimeout(() => {
    trigger("input", { browsing: browsing() });
    if (element.querySelector("[data-busy]")) refresh(800); // of an answer that is as before nobody is told
  }, after);
};

element.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { act, id, name, document: shown, start, end } = button.dataset;
  if (shown) trigger("select", { document: shown, start, end });
  if (!act) return;
  const ask = element.querySelector(".documents").dataset.removeAsk;
  if (act === "remove" && !(await zhengce.ask(ask, { name }))) return;
  trigger("edit", { act, id, browsing: browsing() });
  refresh(1000); // a list that was on its way already may come back after this one
});

document.addEventListener("zhengce-uploaded", () => refresh(0));

watch("value", () => {
  restore();
  if (element.querySelector("[data-busy]")) refresh(800);
});
