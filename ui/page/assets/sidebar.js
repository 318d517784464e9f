// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

element.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { open, rename, delete: doomed, name, new: fresh } = button.dataset;
  const texts = element.querySelector(".history").dataset;
  if (fresh !== undefined) {
    trigger("clear", {});
    zhengce.view("chat");
  } else if (open) {
    trigger("select", { conversation: open });
    zhengce.view("chat");
  } else if (rename) {
    const wanted = await zhengce.ask(texts.renameAsk, { value: name });
    if (wanted && wanted !== name) trigger("edit", { conversation: rename, name: wanted });
  } else if (doomed) {
    if (await zhengce.ask(texts.deleteAsk, { name })) trigger("delete", { conversation: doomed });
  }
});

let waiting;
element.addEventListener("input", (event) => {
  if (event.target.dataset.search === undefined) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => trigger("input", { search: event.target.value }), 200);
});
