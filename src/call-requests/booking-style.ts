/** The look of the booking page: the colours of the console, one column, large targets. Light and dark by the system. */
export const bookingStyle = `
:root { color-scheme: light dark; --page: #f5f6f9; --surface: #fff; --sunken: #eceef3; --line: #e0e3ea; --line-strong: #7b8394;
  --text: #1a2030; --muted: #566076; --accent: #3b4fd8; --accent-soft: #e9ecfd; --on-accent: #fff; --danger: #c4201d;
  --danger-soft: #fdecec; --good: #15803d }
@media (prefers-color-scheme: dark) { :root { --page: #10131a; --surface: #181c25; --sunken: #0c0f15; --line: #2a303c;
  --line-strong: #6d7687; --text: #e7eaf1; --muted: #9ba5b7; --accent: #96a4ff; --accent-soft: #232a4a; --on-accent: #10131a;
  --danger: #ff8a84; --danger-soft: #3a1c1e; --good: #4fd07f } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 560px; margin: 0 auto; padding: 20px 16px 48px }
h1 { font-size: 24px; line-height: 1.25; margin: 16px 0 4px; overflow-wrap: anywhere }
h2 { font-size: 17px; margin: 0 0 8px }
p { margin: 0 0 8px; overflow-wrap: anywhere }
.brand { font-weight: 700; letter-spacing: -.01em }
.muted, small { color: var(--muted); font-size: 14px }
section, details { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin-top: 14px }
summary { font-weight: 600; cursor: pointer; min-height: 24px }
details[open] summary { margin-bottom: 12px }
.clocks { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; padding: 0; overflow: hidden }
.clocks div { padding: 12px 16px }
.clocks b { display: block; font-size: 22px; font-variant-numeric: tabular-nums }
.slot { display: block; width: 100%; text-align: left; background: var(--surface); color: var(--text);
  border: 1px solid var(--line-strong); margin-bottom: 10px }
.slot b { display: block; font-size: 17px }
.slot:hover { border-color: var(--accent); background: var(--accent-soft) }
.slot .take { color: var(--accent); font-weight: 600 }
button, .button { display: inline-block; font: inherit; font-weight: 600; min-height: 44px; padding: 10px 16px; border-radius: 8px;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer; text-decoration: none }
button.quiet { background: none; color: var(--text); border-color: var(--line-strong) }
button.danger { background: none; color: var(--danger); border-color: var(--danger) }
label { display: block; font-size: 14px; font-weight: 600; margin-bottom: 12px }
input, textarea { display: block; width: 100%; font: inherit; min-height: 44px; padding: 8px 10px; margin-top: 4px; border-radius: 8px;
  border: 1px solid var(--line-strong); background: var(--page); color: var(--text) }
label.check { display: flex; gap: 10px; align-items: center; font-weight: 400 }
label.check input { width: 22px; min-height: 22px; margin: 0; flex: none }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.notice { border-left: 4px solid var(--good) }
.problem { border-left: 4px solid var(--danger); background: var(--danger-soft) }
.agreed b { display: block; font-size: 20px }
ol { margin: 0; padding-left: 20px }
li { margin-bottom: 8px }
`
