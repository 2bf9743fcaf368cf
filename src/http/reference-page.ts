/**
 * The API reference: a page, its style and its script, which renders /openapi.json in the browser. They are texts in
 * the program, so that they are there wherever it runs and need no other host.
 */

export const referenceHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API reference – Trunkline</title>
<link rel="stylesheet" href="/docs/reference.css">
<script src="/docs/reference.js" defer></script>
</head>
<body>
<nav aria-label="Operations">
<h2>Trunkline API</h2>
<input id="filter" type="search" placeholder="Filter: path or word" aria-label="Filter operations">
<div id="index"></div>
<p><a href="/docs/errors/">Error codes</a> · <a href="/openapi.json">openapi.json</a></p>
</nav>
<main id="operations"><p>Loading…</p></main>
<noscript><p>This page needs JavaScript. The description itself is at <a href="/openapi.json">/openapi.json</a>.</p></noscript>
</body>
</html>
`

export const referenceCss = `:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #353a42); --soft: light-dark(#f5f6f8, #1c2026);
  --dim: light-dark(#5b6370, #9aa3b0); --link: light-dark(#0b5cad, #6cb2f5); }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr); font: 15px/1.5 system-ui, sans-serif;
  background: light-dark(#fff, #14171b); color: light-dark(#1b1f24, #e4e7eb); }
body.plain { display: block; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); }
nav a { display: block; padding: .1rem 0; overflow-wrap: anywhere; }
nav p a { display: inline; }
main { padding: 1rem 2rem 4rem; max-width: 60rem; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
h2 { margin: 2rem 0 .5rem; } nav h2 { margin: 0 0 .5rem; font-size: 1rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; scroll-margin-top: 1rem; }
input { width: 100%; padding: .4rem .5rem; font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line);
  border-radius: 4px; margin-bottom: .75rem; }
code, .path { font-family: ui-monospace, monospace; font-size: .92em; }
.method { display: inline-block; min-width: 3.6rem; font-weight: 600; }
.dim { color: var(--dim); }
article { border-top: 1px solid var(--line); padding-bottom: .5rem; }
table { border-collapse: collapse; width: 100%; margin: .25rem 0 .75rem; }
td, th { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: var(--soft); font-weight: 600; }
pre { background: var(--soft); padding: .5rem .75rem; overflow: auto; border-radius: 4px; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 1rem; } }
`

// Texts are set as text, never as HTML: a summary is not trusted to be either.
export const referenceScript = String.raw`'use strict'
const methods = ['get', 'post', 'put', 'patch', 'delete']

function element(name, attributes, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value)
  made.append(...children.filter((child) => child !== null))
  return made
}

function typeOf(schema) {
  if (!schema) return 'anything'
  if (schema.$ref) return schema.$ref.split('/').pop()
  const options = schema.anyOf || schema.oneOf
  if (options) return options.map(typeOf).join(' | ')
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ')
  if (schema.type === 'array') return 'list of ' + typeOf(schema.items)
  return (schema.type || 'anything') + (schema.format ? ' (' + schema.format + ')' : '')
}

function limitsOf(schema) {
  const words = []
  if (schema.minLength !== undefined) words.push('at least ' + schema.minLength + ' characters')
  if (schema.maxLength !== undefined) words.push('at most ' + schema.maxLength + ' characters')
  if (schema.minimum !== undefined) words.push('from ' + schema.minimum)
  if (schema.maximum !== undefined && schema.maximum < 1e15) words.push('to ' + schema.maximum)
  if (schema.default !== undefined) words.push('default ' + JSON.stringify(schema.default))
  return [schema.description || '', words.join(', ')].filter(Boolean).join(' – ')
}

function tableOf(title, rows) {
  if (rows.length === 0) return null
  const head = element('tr', {}, ...[title, 'Type', ''].map((text) => element('th', {}, text)))
  const body = rows.map(([name, required, schema]) =>
    element('tr', {},
      element('td', {}, element('code', {}, name), required ? element('span', { class: 'dim' }, ' required') : ''),
      element('td', {}, typeOf(schema)),
      element('td', { class: 'dim' }, limitsOf(schema))))
  return element('table', {}, head, ...body)
}

function membersOf(schema, prefix) {
  if (!schema) return []
  if (schema.type === 'array') return membersOf(schema.items, prefix + '[].')
  const required = new Set(schema.required || [])
  return Object.entries(schema.properties || {}).flatMap(([name, member]) => [
    [prefix + name, required.has(name), member],
    ...membersOf(member, prefix + name + '.'),
  ])
}

function bodySchema(content) {
  return content && content['application/json'] ? content['application/json'].schema : null
}

function renderOperation(path, method, operation) {
  const id = method + path
  const heading = element('h3', { id }, element('a', { href: '#' + id },
    element('span', { class: 'method' }, method.toUpperCase()), element('span', { class: 'path' }, path)))
  const parameters = (operation.parameters || []).map((one) => [one.name, one.required, Object.assign({}, one.schema,
    one.description ? { description: one.description } : {})])
  const answers = Object.entries(operation.responses || {})
    .map(([status, answer]) => tableOf('Answer ' + status, membersOf(bodySchema(answer.content), '')))
  return element('article', { 'data-words': (id + ' ' + (operation.summary || '')).toLowerCase() },
    heading,
    operation.summary ? element('p', {}, operation.summary) : null,
    operation.description ? element('p', { class: 'dim' }, operation.description) : null,
    tableOf('Parameter', parameters),
    tableOf('Body', membersOf(bodySchema(operation.requestBody && operation.requestBody.content), '')),
    ...answers)
}

function render(description) {
  const groups = new Map()
  for (const [path, item] of Object.entries(description.paths || {})) {
    for (const method of methods) {
      if (!item[method]) continue
      const tag = (item[method].tags || ['other'])[0]
      if (!groups.has(tag)) groups.set(tag, [])
      groups.get(tag).push([path, method, item[method]])
    }
  }
  const main = document.getElementById('operations')
  const index = document.getElementById('index')
  main.replaceChildren(element('h1', {}, description.info.title + ' API'), element('p', {}, description.info.description || ''))
  for (const [tag, operations] of groups) {
    main.append(element('h2', {}, tag), ...operations.map((one) => renderOperation(...one)))
    index.append(...operations.map(([path, method]) =>
      element('a', { href: '#' + method + path, 'data-words': (method + path).toLowerCase() },
        element('span', { class: 'method dim' }, method.toUpperCase()), path)))
  }
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
}

document.getElementById('filter').addEventListener('input', (event) => {
  const word = event.target.value.trim().toLowerCase()
  for (const one of document.querySelectorAll('[data-words]')) one.hidden = !one.dataset.words.includes(word)
})

fetch('/openapi.json')
  .then((answer) => answer.json())
  .then(render)
  .catch(() => document.getElementById('operations').replaceChildren('The description could not be loaded. Reload the page.'))
`
