"use strict";
// Moves the map by one transform: the outlines are never rebuilt. Signs and names keep their size, the grid and the
// scale are drawn anew for every view.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const svg = document.getElementById("map");
  const by = (id) => document.getElementById(id);
  const numbers = (name) => svg.dataset[name].split(" ").map(Number);
  const [lon0, lat0, squeeze] = [svg.dataset.lon0, svg.dataset.lat0, svg.dataset.squeeze].map(Number);
  const PER_DEGREE = 111320;
  const STEPS = [90, 45, 30, 20, 10, 5, 2, 1, 30 / 60, 20 / 60, 10 / 60, 5 / 60, 2 / 60, 1 / 60, 30 / 3600, 20 / 3600,
    10 / 3600, 5 / 3600, 2 / 3600, 1 / 3600, 0.1 / 3600];
  const start = numbers("start"), extent = numbers("extent");
  const marks = [...document.querySelectorAll("#marks > g")].map((node) => ({
    node, x: +node.dataset.x, y: +node.dataset.y, turn: +node.dataset.turn, rank: +node.dataset.rank,
    text: node.querySelector("text"),
  })).sort((a, b) => a.rank - b.rank);
  let width = 1, height = 1, k = 1, x = 0, y = 0;  // k: pixels a metre; x, y: the metres in the middle of the map

  const lonAt = (px) => lon0 + ((px - width / 2) / k + x) / (squeeze * PER_DEGREE);
  const latAt = (py) => lat0 - ((py - height / 2) / k + y) / PER_DEGREE;
  const pxOf = (mx) => (mx - x) * k + width / 2;
  const pyOf = (my) => (my - y) * k + height / 2;

  function make(name, attributes, parent) {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    parent.append(node);
    return node;
  }

  function degrees(value, step, letters) {
    const letter = letters[value < 0 ? 1 : 0];
    const digits = step < 1 / 3600 - 1e-9 ? 1 : 0;
    let seconds = Math.abs(value) * 3600;
    seconds = Math.round(seconds * 10 ** digits) / 10 ** digits;
    const d = Math.floor(seconds / 3600 + 1e-9), m = Math.floor((seconds - d * 3600) / 60 + 1e-9);
    let text = d + "°";
    if (step < 1) text += String(m).padStart(2, "0") + "′";
    if (step < 1 / 60 - 1e-9) text += (seconds - d * 3600 - m * 60).toFixed(digits).padStart(2, "0") + "″";
    return text + letter;
  }

  function grid() {
    const group = by("graticule");
    group.replaceChildren();
    const perPixel = 1 / (k * PER_DEGREE);
    const step = [...STEPS].reverse().find((one) => one / perPixel >= 95) || 90;
    let d = "";
    for (let n = Math.ceil(lonAt(0) / step); n * step <= lonAt(width); n += 1) {
      const px = pxOf((n * step - lon0) * squeeze * PER_DEGREE), lon = ((n * step + 180) % 360 + 360) % 360 - 180;
      d += `M${px.toFixed(1)} 0V${height}`;
      if (px > 92 && px < width - 30) make("text", { x: px, y: 13, "text-anchor": "middle" }, group).textContent = degrees(lon, step, "EW");
    }
    for (let n = Math.ceil(Math.max(latAt(height), -90) / step); n * step <= Math.min(latAt(0), 90); n += 1) {
      const py = pyOf(-(n * step - lat0) * PER_DEGREE);
      d += `M0 ${py.toFixed(1)}H${width}`;
      if (py > 24 && py < height - 8) make("text", { x: width - 6, y: py - 3, "text-anchor": "end" }, group).textContent = degrees(n * step, step, "NS");
    }
    group.prepend(make("path", { d }, group));
  }

  function scale() {
    const lat = Math.max(-85, Math.min(85, latAt(height / 2))) * Math.PI / 180;
    const e2 = 0.00669437999014;
    const perLon = Math.PI / 180 * 6378137 * Math.cos(lat) / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
    const perMetre = k * squeeze * PER_DEGREE / perLon;
    const most = Math.min(220, width * 0.4) / perMetre, decade = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((n) => n * decade).find((n) => n <= most);
    const long = metres * perMetre, left = 14, top = height - 14;
    by("scale").querySelector("path").setAttribute("d", `M${left} ${top - 6}V${top}H${left + long}V${top - 6}`);
    const text = by("scale").querySelector("text"), miles = metres / 1852;
    text.setAttribute("x", left + long / 2);
    text.setAttribute("y", top - 9);
    text.textContent = (metres >= 1000 ? metres / 1000 + " km" : +metres.toPrecision(1) + " m") +
      (miles >= 0.1 ? ` (${miles >= 10 ? Math.round(miles) : miles.toFixed(1)} NM)` : "");
    by("north").setAttribute("transform", `translate(${width - 26} ${height - 60})`);
  }

  function place() {
    const taken = [];
    for (const mark of marks) {
      const px = pxOf(mark.x), py = pyOf(mark.y);
      const seen = px > -20 && py > -20 && px < width + 20 && py < height + 20;
      mark.node.style.display = seen ? "" : "none";
      if (!seen) continue;
      mark.node.setAttribute("transform", `translate(${px.toFixed(1)} ${py.toFixed(1)}) rotate(${mark.turn})`);
      if (!mark.text) continue;
      const wide = mark.text.textContent.length * 7 + 8, centred = mark.node.classList.contains("label");
      const box = centred ? [px - wide / 2, py - 12, px + wide / 2, py + 6] : [px, py - 18, px + wide + 10, py + 4];
      const free = taken.every((b) => box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3]);
      mark.text.style.display = free ? "" : "none";
      if (free) taken.push(box);
    }
  }

  function show() {
    x = Math.max(extent[0], Math.min(extent[2], x));
    y = Math.max(extent[1], Math.min(extent[3], y));
    by("world").setAttribute("transform", `matrix(${k} 0 0 ${k} ${width / 2 - x * k} ${height / 2 - y * k})`);
    svg.dataset.k = k;
    svg.dataset.x = x;
    svg.dataset.y = y;
    grid();
    scale();
    place();
  }

  const fitted = (box) => Math.min(width / Math.max(box[2] - box[0], 1), height / Math.max(box[3] - box[1], 1));

  function fit() {
    k = fitted(start);
    x = (start[0] + start[2]) / 2;
    y = (start[1] + start[3]) / 2;
    show();
  }

  function zoom(factor, px = width / 2, py = height / 2) {
    const before = k;
    k = Math.max(fitted(extent) * 0.8, Math.min(20, k * factor));
    x += (px - width / 2) * (1 / before - 1 / k);
    y += (py - height / 2) * (1 / before - 1 / k);
    show();
  }

  function pan(dx, dy) {
    x += dx / k;
    y += dy / k;
    show();
  }

  function resized() {
    const box = svg.getBoundingClientRect();
    const first = width === 1;
    width = Math.max(box.width, 2);
    height = Math.max(box.height, 2);
    svg.removeAttribute("viewBox");
    if (first) fit();
    else show();
  }

  const KEYS = {
    ArrowLeft: () => pan(-80, 0), ArrowRight: () => pan(80, 0), ArrowUp: () => pan(0, -80), ArrowDown: () => pan(0, 80),
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "_": () => zoom(1 / 1.5), 0: fit, Home: fit,
  };
  svg.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  by("in").addEventListener("click", () => zoom(1.5));
  by("out").addEventListener("click", () => zoom(1 / 1.5));
  by("fit").addEventListener("click", fit);
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.006), event.offsetX, event.offsetY);
  }, { passive: false });

  const fingers = new Map();
  svg.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
    const lon = ((lonAt(px) + 180) % 360 + 360) % 360 - 180, lat = latAt(py);
    by("pointer").textContent = `${Math.abs(lat).toFixed(4)}${lat < 0 ? "S" : "N"} ${Math.abs(lon).toFixed(4)}${lon < 0 ? "W" : "E"}`;
    const was = fingers.get(event.pointerId);
    if (!was) return;
    const others = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (others.length === 0) pan(was[0] - event.clientX, was[1] - event.clientY);
    if (others.length === 1) {
      const [ox, oy] = others[0];
      const far = (at) => Math.max(Math.hypot(at[0] - ox, at[1] - oy), 1);
      zoom(far([event.clientX, event.clientY]) / far(was), (event.clientX + ox) / 2 - box.left, (event.clientY + oy) / 2 - box.top);
    }
  });
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, (event) => fingers.delete(event.pointerId));
  svg.addEventListener("pointerleave", () => { by("pointer").textContent = ""; });
  new ResizeObserver(resized).observe(svg);
  resized();
})();
