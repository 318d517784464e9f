// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

element.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (!button) return;
  if (button.dataset.view) zhengce.view(button.dataset.view);
  else if (button.dataset.drawer !== undefined) zhengce.drawer(!document.body.classList.contains("drawer-open"));
  else if (button.dataset.themeSwitch !== undefined) zhengce.switchTheme();
  else if (button.dataset.language !== undefined) button.search = location.search; // the same place in the other language
});

// A view that the address names is shown from the start.
watch("value", () => {
  const wanted = new URLSearchParams(location.search).get("view") ?? "chat";
  const known = [...element.querySelectorAll(".views [data-view]")].some((button) => button.dataset.view === wanted);
  zhengce.view(known ? wanted : "chat");
});

document.addEventListener("click", (event) => {
  if (document.body.classList.contains("drawer-open") && event.target.id === "desk") zhengce.drawer(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer-open")) {
    zhengce.drawer(false);
    element.querySelector("[data-drawer]").focus();
  }
});

// Whether the service is there is asked now and then while somebody looks, and at once when the browser thinks it is not.
const answers = async () => {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
};
const look = async () => {
  if (document.hidden) return;
  const here = await answers();
  document.body.classList.toggle("is-offline", !here);
  element.querySelector(".offline").hidden = here;
  if (!here) setTimeout(look, 3000);
};
setInterval(look, 20000);
for (const sign of ["online", "offline"]) window.addEventListener(sign, look);
document.addEventListener("visibilitychange", look);
