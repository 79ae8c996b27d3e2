// Shows what /api/state and /api/events say. Text is set, never parsed as HTML:
// names come from devices.
"use strict";

const kRows = 40;
const devices = new Map();
const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.map((c) => (c instanceof Node ? c : document.createTextNode(String(c)))));
  return node;
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();
const inputs = (reading) => reading.inputs.map((v) => v / 1000).join(", ");

function readingRow(r) {
  return element("tr", {},
    element("td", {}, r.name || r.device),
    element("td", { class: "number" }, r.number),
    element("td", {}, `${r.model} ${r.model_version}`),
    element("td", { class: "mono" }, inputs(r)),
    element("td", {}, r.label || r.output),
    element("td", { class: "mono", title: r.token_id }, r.token_id.slice(0, 8)),
    element("td", { class: r.status }, r.status),
    element("td", {}, clock(r.received)));
}

function refusalRow(r) {
  return element("tr", {},
    element("td", {}, r.device), element("td", {}, r.reason),
    element("td", { class: "mono" }, r.topic), element("td", {}, clock(r.received)));
}

function prepend(body, row) {
  if (body.querySelector(".empty")) body.replaceChildren();
  body.prepend(row);
  while (body.children.length > kRows) body.lastChild.remove();
}

function trace(values) {
  const svgNs = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(svgNs, "svg");
  const low = Math.min(...values), span = Math.max(...values) - low || 1;
  const line = document.createElementNS(svgNs, "polyline");
  line.setAttribute("points", values.map((v, i) => `${(i * 300) / 39},${40 - (36 * (v - low)) / span}`).join(" "));
  svg.setAttribute("class", "trace");
  svg.setAttribute("viewBox", "0 0 300 44");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(line);
  return svg;
}

function card(d) {
  const facts = element("dl", {});
  const fact = (name, value) => facts.append(element("dt", {}, name), element("dd", {}, value));
  fact("board", d.board || "");
  fact("uuid", element("code", {}, d.uuid));
  fact("readings", d.readings);
  fact("refused", d.refused);
  fact("missing", d.missing ? `at most ${d.missing}` : 0);
  fact("certificates", d.certificates.map((c) => `${c.purpose} ${c.serial}`).join(", ") || "none");
  if (d.firmware) fact("firmware", d.firmware);
  const says = element("p", { class: "says", "data-label": d.label || "" }, d.label || "silent");
  return element("article", { class: "card", "data-device": d.uuid },
    element("h3", {}, d.name || d.uuid), says, d.trace.length > 1 ? trace(d.trace) : "", facts);
}

function showFleet() {
  if (devices.size) byId("fleet").replaceChildren(...[...devices.values()].map(card));
}

function take(reading) {
  prepend(byId("readings"), readingRow(reading));
  const device = devices.get(reading.device);
  if (!device) return load();
  device.readings += 1;
  if (reading.label) {
    device.label = reading.label;
    device.trace = [...device.trace, reading.inputs[0] ?? 0].slice(-40);
  }
}

async function load() {
  const state = await (await fetch("/api/state")).json();
  devices.clear();
  for (const d of state.devices) devices.set(d.uuid, d);
  if (state.readings.length) byId("readings").replaceChildren(...state.readings.map(readingRow));
  if (state.refusals.length) byId("refused").replaceChildren(...state.refusals.map(refusalRow));
  showFleet();
}

function state(name, words) {
  byId("live").dataset.state = name;
  byId("live").textContent = words;
}

function listen() {
  const events = new EventSource("/api/events");
  events.onopen = () => load().then(() => state("live", "live"));
  events.onerror = () => state("lost", "connection lost, trying again");
  events.addEventListener("reading", (e) => { take(JSON.parse(e.data)); showFleet(); });
  events.addEventListener("refusal", (e) => {
    const refusal = JSON.parse(e.data);
    prepend(byId("refused"), refusalRow(refusal));
    const device = devices.get(refusal.device);
    if (device) { device.refused += 1; showFleet(); }
  });
}

listen();
