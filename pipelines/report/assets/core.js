// The core of the report: what all scripts share, how data are loaded, and the state that the address keeps.
//
// Data are scripts that call `ccw.register`, since a page that was opened as a file can read nothing else. They are
// compressed; the browser unpacks them. The state (period, level, language …) is the part of the address after #.
"use strict";

const ccw = { config: JSON.parse(document.getElementById("config").textContent), facts: null, views: {} };

ccw.know = (facts) => { ccw.facts = facts; };

// Loading of scripts: each once, and each chunk of data unpacked once.
ccw.scripts = new Map();
ccw.packed = new Map();
ccw.chunks = new Map();

ccw.script = (path) => {
  if (!ccw.scripts.has(path)) {
    ccw.scripts.set(path, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = ccw.config.root + path;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(path));
      document.head.append(script);
    }));
  }
  return ccw.scripts.get(path);
};

ccw.register = (name, packed) => { ccw.packed.set(name, packed); };

ccw.chunk = (name) => {
  if (!ccw.chunks.has(name)) {
    ccw.chunks.set(name, ccw.script(`data/${name}.js`).then(async () => {
      const bytes = Uint8Array.from(atob(ccw.packed.get(name)), (letter) => letter.charCodeAt(0));
      ccw.packed.delete(name);
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      return JSON.parse(await new Response(stream).text());
    }));
  }
  return ccw.chunks.get(name);
};

// The state. What has its default is left out of the address.
ccw.defaults = { grain: "week", level: "organization", member: "", since: "", until: "", by: "", kpi: "", lang: "", theme: "" };

ccw.readState = () => {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(Object.keys(ccw.defaults).map((key) => [key, given.get(key) ?? ccw.defaults[key]]));
};

ccw.hash = (state) => {
  const told = Object.entries(state).filter(([key, value]) => value !== ccw.defaults[key]);
  return told.length ? `#${new URLSearchParams(told)}` : "";
};

ccw.state = ccw.readState();

ccw.change = (changes) => {
  const hash = ccw.hash({ ...ccw.state, ...changes });
  history.replaceState(null, "", hash || location.href.split("#")[0]);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
};

ccw.link = (path, changes = {}) => ccw.config.root + path + ccw.hash({ ...ccw.state, ...changes });

// Elements: h("td", {class: "number"}, "5"). Text is always text, so that no name can become markup.
ccw.h = (tag, attributes = {}, ...children) => {
  const [name, space] = tag.split("@");
  const element = space ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
};

document.documentElement.dataset.theme = ccw.state.theme;
