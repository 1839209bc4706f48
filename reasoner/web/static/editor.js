// The box for SPARQL becomes an editor with colours, checks and completions. It asks our own
// endpoint alone, keeps nothing in the browser, and knows no host that could complete for it.
(function () {
  "use strict";
  const box = document.getElementById("query");
  const form = document.getElementById("plain-query");
  const place = document.getElementById("editor");
  if (!box || !place || typeof Yasgui === "undefined") return;

  const editor = document.createElement("div");
  const result = document.createElement("div");
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  place.append(editor, said, result);
  place.hidden = false;
  form.hidden = true;

  const endpoint = new URL("/sparql", window.location.href).href;
  const words = JSON.parse(document.getElementById("editor-words").textContent);
  // Completions are of variables and of our own vocabulary; those of vocabularies elsewhere go.
  const ours = ["variables"];
  [["property", words.properties], ["class", words.classes]].forEach(function (kind) {
    if (!Yasgui.Yasqe.Autocompleters[kind[0]]) return;
    const name = "our-" + kind[0];
    Yasgui.Yasqe.forkAutocompleter(kind[0], { name: name, persistenceId: null, bulk: true, autoShow: false, get: function () { return kind[1]; } });
    ours.push(name);
  });
  Object.keys(Yasgui.Yasqe.Autocompleters).forEach(function (name) {
    if (!ours.includes(name)) delete Yasgui.Yasqe.Autocompleters[name];
  });
  const yasqe = new Yasgui.Yasqe(editor, {
    value: box.value,
    persistenceId: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: true,
    editorHeight: "22rem",
    autocompleters: ours,
    prefixCcApi: null,
    requestConfig: { endpoint: endpoint, method: "POST", headers: {}, args: [] },
  });
  const yasr = new Yasgui.Yasr(result, {
    persistenceId: null,
    prefixes: words.prefixes,
    pluginOrder: ["table", "response"],
    defaultPlugin: "table",
  });
  yasqe.setValue(box.value);

  // Names lead to our pages or nowhere: they are not addresses, and nothing is asked elsewhere.
  const pages = [
    [/^https:\/\/w3id\.org\/mtus\/determination\/([0-9a-f]{64})/, "/determinations/$1"],
    [/^https:\/\/w3id\.org\/mtus\/guideline\/([a-z0-9-]+\/[a-z0-9-]+)(#criterion-\w+)?.*$/, "/guidelines/$1$2"],
  ];
  const keep = function () {
    result.querySelectorAll("a[href]").forEach(function (link) {
      const name = link.getAttribute("href");
      if (!/^[a-z][a-z0-9+.-]*:/i.test(name) || /^(data|blob):/i.test(name)) return;
      const page = pages.find(function (pair) { return pair[0].test(name); });
      link.removeAttribute("target");
      link.title = name;
      if (page) link.setAttribute("href", name.match(page[0])[0].replace(page[0], page[1]));
      else link.removeAttribute("href");
    });
    // What the library leaves unnamed for a screen reader; and its way to a manual elsewhere.
    result.querySelectorAll(".yasr_external_ref_btn").forEach(function (link) { link.remove(); });
    result.querySelectorAll("select.tableSizer").forEach(function (sizer) { sizer.setAttribute("aria-label", "Rows of a page"); });
    result.querySelectorAll("th").forEach(function (head) {
      if (head.textContent.trim()) return;
      const name = document.createElement("span");
      name.className = "mtus-hidden";
      name.textContent = "Row";
      head.append(name);
    });
  };
  new MutationObserver(keep).observe(result, { childList: true, subtree: true, attributes: true, attributeFilter: ["href"] });
  keep();
  yasqe.on("query", function () { said.textContent = "Asking\u2026"; });
  yasqe.on("queryResponse", function (_, response, duration) {
    yasr.setResponse(response, duration);
    const failed = response instanceof Error || (response && response.status >= 400);
    said.textContent = failed ? "It could not be answered; what is wrong is told below." : "Answered.";
  });

  const field = editor.querySelector(".CodeMirror textarea");
  if (field) {
    field.setAttribute("aria-label", "Query, in SPARQL. Escape, then Tab, leaves the editor.");
  }
  // Tab indents; Escape hands it back to the page, so that nobody is kept in the editor.
  yasqe.setOption("extraKeys", Object.assign({}, yasqe.getOption("extraKeys"), {
    Esc: function (cm) { cm.setOption("extraKeys", Object.assign({}, cm.getOption("extraKeys"), { Tab: false, "Shift-Tab": false })); },
  }));
  const ask = document.createElement("button");
  ask.type = "button";
  ask.className = "main-button";
  ask.textContent = "Ask";
  ask.title = "Ask (Ctrl+Enter)";
  ask.addEventListener("click", function () { yasqe.query().catch(function () {}); });
  place.insertBefore(ask, said);
})();
