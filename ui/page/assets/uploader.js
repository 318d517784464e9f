// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const AT_ONCE = 3; // files on their way at the same time
const waiting = [];
let sending = 0;

// One line a file: its name, how much of it was sent, and what became of it.
function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("bdi");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const told = document.createElement("span");
  item.append(name, bar, told);
  element.querySelector("ul").append(item);
  return { item, bar, told };
}

function send(file) {
  const texts = element.querySelector(".uploader").dataset;
  const { item, bar, told } = line(file);
  const request = new XMLHttpRequest(); // fetch says nothing of how much was sent
  const form = new FormData();
  form.append("files", file);
  request.upload.onprogress = (event) => {
    bar.value = event.lengthComputable ? event.loaded / event.total : 0;
    told.textContent = texts.sending;
  };
  request.onloadend = () => {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // not from our service: told as broken
    }
    const sent = answer.uploads?.[0];
    const failed = !sent || sent.state === "failed";
    item.classList.toggle("problem", failed);
    bar.value = failed ? 0 : 1;
    told.textContent = sent ? (failed ? sent.outcome.reason : texts.sent) : (answer.error?.message ?? texts.broken);
    if (!failed) setTimeout(() => item.remove(), 4000);
    sending -= 1;
    document.dispatchEvent(new CustomEvent("zhengce-uploaded"));
    next();
  };
  request.open("POST", "/api/v1/documents");
  request.send(form);
}

function next() {
  while (sending < AT_ONCE && waiting.length) {
    sending += 1;
    send(waiting.shift());
  }
}

function take(files) {
  for (const old of element.querySelectorAll("li.problem")) old.remove();
  waiting.push(...files);
  next();
}

element.addEventListener("change", (event) => {
  take(event.target.files);
  event.target.value = "";
});

// Files may be dropped anywhere on the view.
const view = document.getElementById("library");
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  view.addEventListener(type, (event) => {
    event.preventDefault();
    element.querySelector(".drop").classList.toggle("over", type === "dragenter" || type === "dragover");
    if (type === "drop") take(event.dataTransfer.files);
  });
}
