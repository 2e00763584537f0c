// The latent map and the players: one canvas, no library. All text goes in as text, never as markup.
"use strict";

// Of the players beside clips one is heard at a time.
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("#listen audio")) if (other !== event.target) other.pause();
}, true);

(() => {
  const source = document.getElementById("points");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const byId = (id) => document.getElementById(id);
  const canvas = byId("canvas"), tip = byId("tip"), legend = byId("legend"), status = byId("status");
  const context = canvas.getContext("2d");
  const n = data.x.length;
  const SHAPES = ["circle", "square", "up", "diamond", "down"];

  // State: which column colours, which of its names are shown (none: all), where the view is, which point is held.
  let column = data.columns[0] || null;
  let only = new Set();
  let peek = -1;
  let view = { scale: 1, x: 0, y: 0 };
  let held = -1;
  let playing = -1;
  let width = 0, height = 0;

  const bounds = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const [left, right] = bounds(data.x), [low, high] = bounds(data.y);

  // Layout to pixels: equal scales, y upwards.
  const base = () => {
    const step = Math.max((right - left) / Math.max(width - 56, 1), (high - low) / Math.max(height - 56, 1)) || 1;
    return 1 / step;
  };
  const place = (i) => {
    const s = base() * view.scale;
    return [
      width / 2 + (data.x[i] - (left + right) / 2) * s + view.x,
      height / 2 - (data.y[i] - (low + high) / 2) * s + view.y,
    ];
  };

  const look = (name) => {
    if (!column || name >= column.classes) return [data.neutral, "circle"];
    const shape = column.classes > data.plain ? SHAPES[name % SHAPES.length] : "circle";
    return [data.palette[name % data.palette.length], shape];
  };
  const shown = (i) => !column || only.size === 0 || only.has(column.of[i]);

  // The corners are those of the static figures.
  const corners = (shape, r) => {
    const s = 0.88 * r, t = 1.2 * r;
    return {
      square: [[-s, -s], [s, -s], [s, s], [-s, s]],
      up: [[0, -t], [0.95 * t, 0.7 * t], [-0.95 * t, 0.7 * t]],
      diamond: [[0, -t], [t, 0], [0, t], [-t, 0]],
      down: [[0, t], [0.95 * t, -0.7 * t], [-0.95 * t, -0.7 * t]],
    }[shape];
  };
  const trace = (shape, x, y, r) => {
    context.beginPath();
    if (shape === "circle") context.arc(x, y, r, 0, 7);
    else {
      corners(shape, r).forEach(([a, b], k) => (k ? context.lineTo(x + a, y + b) : context.moveTo(x + a, y + b)));
      context.closePath();
    }
  };

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let due = false;
  const draw = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; paint(); });
  };
  const paint = () => {
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const radius = (n > 3000 ? 3 : n > 800 ? 4 : 5) * Math.min(Math.sqrt(view.scale), 1.8);
    const card = css("--card");
    for (const front of [false, true]) {
      for (let i = 0; i < n; i++) {
        if (shown(i) !== front) continue;
        const name = column ? column.of[i] : 0;
        const [colour, shape] = look(name);
        const [x, y] = place(i);
        if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
        context.globalAlpha = !front ? 0.1 : peek >= 0 && peek !== name ? 0.14 : 0.92;
        context.fillStyle = colour;
        trace(shape, x, y, radius);
        context.fill();
        if (front && n <= 3000) {
          context.lineWidth = 0.8;
          context.strokeStyle = card;
          context.stroke();
        }
      }
    }
    context.globalAlpha = 1;
    for (const [i, colour] of [[playing, css("--accent")], [held, css("--ink")]]) {
      if (i < 0) continue;
      const [x, y] = place(i);
      const [fill, shape] = look(column ? column.of[i] : 0);
      context.fillStyle = fill;
      trace(shape, x, y, radius + 1.5);
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(x, y, radius + 5, 0, 7);
      context.stroke();
    }
  };

  // What is known of a point, as [name, value].
  const facts = (i) => {
    const rows = data.columns.map((c) => [c.name, c.names[c.of[i]]]);
    return data.group[i] ? rows.concat([["group", data.group[i]]]) : rows;
  };
  const element = (tag, text) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const show = (i) => {
    held = i;
    tip.hidden = i < 0;
    canvas.classList.toggle("over", i >= 0);
    if (i >= 0) {
      tip.replaceChildren(element("b", data.id[i]));
      for (const [name, value] of facts(i)) {
        const row = element("span");
        row.append(element("i", name), element("span", value));
        tip.append(row);
      }
      if (data.audio && data.audio[i]) tip.append(element("em", i === playing ? "♪ playing" : "▸ click to play"));
      const [x, y] = place(i);
      const [w, h] = [tip.offsetWidth, tip.offsetHeight];
      const across = x + 16 + w > width ? x - 16 - w : x + 16;
      tip.style.transform = `translate(${Math.max(6, across)}px, ${Math.min(Math.max(6, y - h / 2), height - h - 6)}px)`;
    }
    draw();
  };
  const say = (i) => {
    status.textContent = [data.id[i]].concat(facts(i).map(([a, b]) => `${a} ${b}`)).join(", ");
  };
  const nearest = (px, py, reach) => {
    let best = -1, least = reach * reach;
    for (let i = 0; i < n; i++) {
      if (!shown(i)) continue;
      const [x, y] = place(i);
      const d = (x - px) ** 2 + (y - py) ** 2;
      if (d < least) { least = d; best = i; }
    }
    return best;
  };

  // Sound.
  const audio = new Audio();
  const address = (path) => (path.startsWith("data:") ? path : path.split("/").map(encodeURIComponent).join("/"));
  const quiet = () => {
    audio.pause();
    playing = -1;
    byId("player").hidden = true;
    draw();
  };
  const play = (i) => {
    if (!data.audio || !data.audio[i]) return say(i);
    if (i === playing) return quiet();
    playing = i;
    byId("player").hidden = false;
    byId("playing").textContent = data.id[i];
    audio.src = address(data.audio[i]);
    audio.play().catch((error) => {
      if (playing !== i || error.name === "AbortError") return;
      quiet();
      status.textContent = `${data.audio[i]} cannot be played; is it still beside this page?`;
    });
    show(i);
  };
  audio.addEventListener("ended", quiet);
  byId("stop").addEventListener("click", quiet);

  // Zoom keeps the point under the pointer where it is.
  const zoom = (factor, px = width / 2, py = height / 2) => {
    const scale = Math.min(Math.max(view.scale * factor, 0.5), 60);
    const k = scale / view.scale;
    view = {
      scale,
      x: px - width / 2 - (px - width / 2 - view.x) * k,
      y: py - height / 2 - (py - height / 2 - view.y) * k,
    };
    show(held);
  };
  const reset = () => { view = { scale: 1, x: 0, y: 0 }; show(held); };
  byId("zoom-in").addEventListener("click", () => zoom(1.5));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.5));
  byId("zoom-reset").addEventListener("click", reset);

  // Pointers: one drags or clicks, two pinch.
  const pointers = new Map();
  let moved = false;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const gap = () => {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, at(event));
    try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that is already gone */ }
    moved = false;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event), before = pointers.get(event.pointerId);
    if (!before) return show(nearest(now[0], now[1], 14));
    if (pointers.size === 2) {
      const wide = gap();
      pointers.set(event.pointerId, now);
      const [a, b] = [...pointers.values()];
      zoom(gap() / (wide || 1), (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
      moved = true;
    } else if (moved || Math.hypot(now[0] - before[0], now[1] - before[1]) > 4) {
      view = { ...view, x: view.x + now[0] - before[0], y: view.y + now[1] - before[1] };
      pointers.set(event.pointerId, now);
      moved = true;
      canvas.classList.add("held");
      show(-1);
    }
  });
  const release = (event) => {
    const click = event.type === "pointerup" && pointers.size === 1 && !moved;
    pointers.delete(event.pointerId);
    canvas.classList.remove("held");
    if (!click) return;
    const hit = nearest(...at(event), 14);
    show(hit);
    if (hit >= 0) play(hit);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => { if (!pointers.size) show(-1); });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.004), ...at(event));
  }, { passive: false });

  // Keyboard: the nearest point in the direction of the arrow, sideways distance counting double.
  const step = (dx, dy) => {
    const [x0, y0] = held >= 0 ? place(held) : [width / 2, height / 2];
    let best = -1, least = Infinity;
    for (let i = 0; i < n; i++) {
      if (i === held || !shown(i)) continue;
      const [x, y] = place(i);
      const along = (x - x0) * dx + (y - y0) * dy, aside = Math.abs((x - x0) * dy) + Math.abs((y - y0) * dx);
      if (held >= 0 && along <= 0) continue;
      const cost = held >= 0 ? along + 2 * aside : Math.hypot(x - x0, y - y0);
      if (cost < least) { least = cost; best = i; }
    }
    if (best >= 0) { show(best); say(best); }
  };
  const keys = {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
    Enter: () => held >= 0 && play(held), " ": () => held >= 0 && play(held),
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: reset,
    Escape: () => { quiet(); show(-1); },
  };
  canvas.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  canvas.addEventListener("blur", () => show(-1));

  // Legend: the first click shows a name alone, further ones add or take away, the last one gone shows all.
  const NS = "http://www.w3.org/2000/svg";
  const swatch = (name) => {
    const [colour, shape] = look(name);
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", "-7 -7 14 14");
    svg.setAttribute("aria-hidden", "true");
    const mark = document.createElementNS(NS, shape === "circle" ? "circle" : "polygon");
    if (shape === "circle") mark.setAttribute("r", "5");
    else mark.setAttribute("points", corners(shape, 5).join(" "));
    mark.setAttribute("fill", colour);
    svg.append(mark);
    return svg;
  };
  const mark = () => {
    [...legend.children].forEach((button, name) => {
      button.setAttribute("aria-pressed", String(only.size === 0 || only.has(name)));
    });
    const visible = column ? column.of.filter((_, i) => shown(i)).length : n;
    status.textContent = only.size ? `${visible} of ${n} points shown` : `${n} points`;
    show(-1);
  };
  const toggle = (name) => {
    if (!only.delete(name)) only.add(name);
    if (column && only.size === column.names.length) only.clear();
    mark();
  };
  const list = () => {
    const rows = new Array(column.names.length).fill(0);
    column.of.forEach((name) => rows[name]++);
    legend.replaceChildren(...column.names.map((text, name) => {
      const button = element("button");
      button.type = "button";
      button.title = text;
      button.append(swatch(name), element("b", text), element("small", rows[name]));
      button.addEventListener("click", () => toggle(name));
      for (const [event, value] of [["pointerenter", name], ["pointerleave", -1], ["focus", name], ["blur", -1]]) {
        button.addEventListener(event, () => { peek = value; draw(); });
      }
      return button;
    }));
  };
  const choose = (chosen) => {
    column = chosen;
    only = new Set();
    peek = -1;
    list();
    mark();
  };
  data.columns.forEach((c, k) => {
    const label = element("label"), input = element("input");
    input.type = "radio";
    input.name = "column";
    input.value = c.name;
    input.checked = k === 0;
    input.addEventListener("change", () => choose(c));
    label.append(input, element("span", c.name));
    byId("choices").append(label);
  });
  byId("columns").hidden = data.columns.length === 0;

  new ResizeObserver(() => {
    const ratio = window.devicePixelRatio || 1;
    [width, height] = [canvas.clientWidth, canvas.clientHeight];
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    show(-1);
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  if (column) choose(column);
  // Names that were drawn before the page's own font was ready are drawn again.
  const redone = () => { if (column && !only.size) { list(); mark(); } };
  if (document.fonts.size) document.fonts.load("1em \"Bangla inside\"", "\u09ac").then(redone, () => {});
})();
