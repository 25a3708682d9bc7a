// In a frame of Airflow's page a link that leaves the desk would open Airflow within Airflow, and the frame's sandbox
// lets no link of ours reach the window around it. So the page around, which is of the same site, follows the link.
(() => {
  "use strict";
  const root = document.currentScript.dataset.root;
  if (window.top === window) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.origin !== window.location.origin || link.pathname.startsWith(root)) return;
    event.preventDefault();
    const outside = window.top.document.createElement("a");
    outside.href = link.href;
    window.top.document.body.append(outside);
    outside.click();
    outside.remove();
  });
})();
