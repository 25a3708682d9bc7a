// What runs behind the page is looked at again; without a script the page asks the browser for it.
(() => {
  "use strict";
  const seconds = Number(document.currentScript.dataset.seconds);
  setTimeout(() => window.location.reload(), seconds * 1000);
})();
