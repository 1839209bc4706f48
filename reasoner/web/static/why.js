// The drawing of why becomes a graph that can be moved, enlarged and asked. Where nodes stand was
// computed on the server, so both look alike. The table below holds the same for screen readers.
(function () {
  "use strict";
  if (typeof cytoscape === "undefined") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function palette(figure) {
    const style = getComputedStyle(figure);
    const of = function (name) { return style.getPropertyValue(name).trim(); };
    return {
      ink: of("--ink"), quiet: of("--quiet"), paper: of("--paper"), rule: of("--rule"), link: of("--link"),
      good: of("--good"), bad: of("--bad"), open: of("--open"), none: of("--none"),
      goodInk: of("--good-ink"), badInk: of("--bad-ink"), openInk: of("--open-ink"), noneInk: of("--none-ink"),
    };
  }

  function sheet(c) {
    const toned = ["good", "bad", "open", "none"].map(function (tone) {
      return { selector: "node[tone = '" + tone + "']", style: { "background-color": c[tone], "border-color": c[tone + "Ink"], color: c[tone + "Ink"] } };
    });
    return [
      { selector: "node", style: {
        shape: "round-rectangle", width: "data(w)", height: "data(h)", label: "data(label)",
        "text-wrap": "wrap", "text-max-width": "400px", "text-valign": "center", "text-halign": "center",
        "text-justification": "left", "font-size": 12, "line-height": 1.25, "font-family": "system-ui, sans-serif",
        "border-width": 1, "background-color": c.none, color: c.ink } },
    ].concat(toned, [
      { selector: "node[kind = 'fact'], node[kind = 'record'], node[kind = 'guideline']", style: { color: c.ink, "background-color": c.paper, "border-color": c.quiet } },
      { selector: "node[kind = 'record']", style: { "border-style": "double", "border-width": 3 } },
      { selector: "edge", style: {
        "curve-style": "bezier", width: 1.5, "line-color": c.quiet, "target-arrow-color": c.quiet,
        "target-arrow-shape": "none", "source-endpoint": "90deg", "target-endpoint": "270deg" } },
      { selector: "edge[relation = 'for']", style: { "line-color": c.goodInk, width: 2 } },
      { selector: "edge[relation = 'against']", style: { "line-color": c.badInk, width: 2, "line-style": "dashed" } },
      { selector: ".away", style: { opacity: 0.25 } },
      { selector: "node:selected", style: { "border-width": 3, "border-color": c.link } },
    ]);
  }

  document.querySelectorAll("figure.why").forEach(function (figure) {
    const data = JSON.parse(figure.querySelector(".why-data").textContent);
    const still = figure.querySelector(".why-svg");
    const live = figure.querySelector(".why-live");
    const box = figure.querySelector(".why-box");
    const said = figure.querySelector(".why-said");
    const tools = figure.querySelector(".why-tools");
    const natural = still.viewBox.baseVal;
    const scale = Math.min(1, (box.clientWidth - 16) / natural.width);
    if (scale < 0.6) return; // too small to read as a whole: the drawing, which scrolls, is better
    live.hidden = false;
    tools.hidden = false;
    said.hidden = false;
    said.textContent = "Choose a node to see what it rests on.";
    still.setAttribute("hidden", "");
    still.style.display = "none";
    box.setAttribute("aria-hidden", "true");
    box.removeAttribute("tabindex");
    box.classList.add("why-moving");
    live.style.height = Math.max(natural.height * scale + 16, 200) + "px";

    const graph = cytoscape({
      container: live,
      elements: {
        nodes: data.nodes.map(function (n) { return { data: n, position: { x: n.x, y: n.y } }; }),
        edges: data.edges.map(function (e) { return { data: e }; }),
      },
      layout: { name: "preset", fit: true, padding: 8 },
      style: sheet(palette(figure)),
      minZoom: 0.2, maxZoom: 3, userZoomingEnabled: false, boxSelectionEnabled: false,
      autoungrabify: true, selectionType: "single",
    });
    if (graph.zoom() > 1) {
      graph.zoom(1);
      graph.center();
    }
    graph.on("tap", "node", function (event) {
      const node = event.target;
      const near = node.union(node.successors()).union(node.predecessors());
      graph.elements().addClass("away");
      near.removeClass("away");
      said.textContent = "";
      const below = node.outgoers("node").map(function (n) { return n.data("full"); });
      const text = node.data("full") + (below.length ? ". Rests on: " + below.slice(0, 4).join("; ") + (below.length > 4 ? " and " + (below.length - 4) + " more" : "") : "") + ". ";
      said.append(text);
      if (node.data("anchor")) {
        const link = document.createElement("a");
        link.href = "#" + node.data("anchor");
        link.textContent = "Go to it";
        said.append(link);
      }
    });
    graph.on("tap", function (event) {
      if (event.target === graph) { graph.elements().removeClass("away"); said.textContent = "Choose a node to see what it rests on."; }
    });
    tools.addEventListener("click", function (event) {
      const todo = event.target.dataset.do;
      if (todo === "fit") graph.fit(undefined, 8);
      if (todo === "in" || todo === "out") {
        graph.zoom({ level: graph.zoom() * (todo === "in" ? 1.3 : 1 / 1.3), renderedPosition: { x: live.clientWidth / 2, y: live.clientHeight / 2 } });
      }
    });
    dark.addEventListener("change", function () { graph.style(sheet(palette(figure))); });
    figure.graph = graph;
  });
})();
