
const [source, asked, text] = [process.argv[1], JSON.parse(process.argv[2]), process.argv[3]];
globalThis.evaluationIndex = JSON.parse(text);
const made = () => ({ children: [], append(...more) { this.children.push(...more); },
  replaceChildren(...all) { this.children = all; } });
const field = { value: "", form: { addEventListener() {} }, focus() {},
  addEventListener(kind, act) { this.act = act; } };
const [status, list] = [{ textContent: "" }, made()];
globalThis.document = {
  querySelector: (name) => ({ "#search-field": field, "#search-status": status })[name] ?? list,
  createElement: made, createDocumentFragment: made,
};
globalThis.location = { search: "" };
globalThis.addEventListener = (kind, act) => act();
require("vm").runInThisContext(require("fs").readFileSync(source, "utf8"));
const found = asked.map((words) => {
  field.value = words;
  field.act();
  return [list.children.map((line) => line.children[0].href), status.textContent];
});
console.log(JSON.stringify(found));
