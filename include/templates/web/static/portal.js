// Nicer with it, complete without it: progress of an upload, files dropped onto the page, the time that is left.
const left = document.querySelector("#countdown");
if (left) {
  // The server's clock counts, whatever this machine's says.
  const ahead = Date.parse(left.dataset.now) - Date.now();
  const due = Date.parse(left.dataset.due);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const show = () => {
    const late = Date.now() + ahead > due;
    const seconds = Math.floor(Math.abs(due - Date.now() - ahead) / 1000);
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    let span = `${minutes} phút` + (still || late ? "" : ` ${seconds % 60} giây`);
    if (days > 0) span = `${days} ngày` + (hours && days < 7 ? ` ${hours} giờ` : "");
    else if (hours > 0) span = `${hours} giờ ${minutes} phút`;
    const said = late ? `đã quá hạn ${span}` : `còn ${span}`;
    if (left.textContent !== said) left.textContent = said;
  };
  show();
  setInterval(show, still ? 60000 : 1000);
}
const form = document.querySelector("#upload");
if (form) {
  const input = form.querySelector("#file");
  const drop = form.querySelector("#drop");
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    const line = form.querySelector("#progress-line");
    const text = form.querySelector("#progress-text");
    const bar = form.querySelector("#progress");
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    const most = Number(form.dataset.most);
    if (size > most) {
      event.preventDefault();
      line.hidden = false;
      bar.hidden = true;
      text.textContent = `Tổng dung lượng tối đa ${Math.floor(most / 1048576)} MB; hãy chọn tệp nhỏ hơn.`;
      return;
    }
    // The result of a test is a page of its own, which the browser shows by itself.
    if (event.submitter?.value !== "send") return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const buttons = form.querySelectorAll("button");
    const request = new XMLHttpRequest();
    const stop = (said) => {
      text.textContent = said;
      for (const button of buttons) button.disabled = false;
    };
    for (const button of buttons) button.disabled = true;
    line.hidden = false;
    bar.hidden = false;
    text.textContent = "Đang gửi…";
    request.upload.addEventListener("progress", (e) => {
      if (e.lengthComputable) bar.value = (100 * e.loaded) / e.total;
    });
    request.upload.addEventListener("load", () => {
      text.textContent = "Đã gửi xong, đang kiểm tra…";
    });
    request.addEventListener("load", () => {
      if (request.status >= 400 || request.responseURL.endsWith("/gui")) {
        // The page that came back says what is wrong.
        const answer = new DOMParser().parseFromString(request.responseText, "text/html");
        document.title = answer.title;
        document.querySelector("main").replaceWith(answer.querySelector("main"));
        document.querySelector("main").focus();
        scrollTo(0, 0);
      } else {
        location.assign(request.responseURL);
      }
    });
    request.addEventListener("error", () => stop("Đường truyền bị đứt, chưa gửi được. Hãy gửi lại."));
    request.open("POST", form.action);
    request.send(data);
  });
}
