// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const restore = zhengce.keepUnfolded(element);

const send = (form) => trigger("input", form ? Object.fromEntries(new FormData(form)) : {});

element.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (event.target.name === "document") form.elements.section.value = ""; // its headings are another document's
  send(form);
});

element.addEventListener("submit", (event) => event.preventDefault());

element.addEventListener("click", (event) => {
  if (event.target.closest("[data-clear]")) send(null);
});

watch("value", () => {
  restore();
  element.querySelector("form")?.reset(); // what is shown is what the server took
});
