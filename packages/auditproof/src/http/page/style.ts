/** The one stylesheet of the pages: light and dark, no file to load. */
export const style = `
:root{color-scheme:light dark;--bg:#fbfbfa;--panel:#fff;--ink:#1c1f23;--soft:#5b626b;--line:#e2e4e7;--hover:#f2f5f9;--accent:#1657b8;--bad:#b3261e;--bad-bg:#fdecea;--warn:#7a5200;--warn-bg:#fdf3dc;--live:#1a7f37;--fresh:#dcebff;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (prefers-color-scheme:dark){:root{--bg:#131518;--panel:#1a1d21;--ink:#e7e9ec;--soft:#a0a7b0;--line:#2d3238;--hover:#22272d;--accent:#8ab8ff;--bad:#ff9d94;--bad-bg:#3a1f1d;--warn:#f0c36a;--warn-bg:#332910;--live:#3fb950;--fresh:#1d3453}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
header,main{max-width:1180px;margin:0 auto;padding:0 24px}
header{display:flex;align-items:center;gap:12px;padding-top:16px;padding-bottom:12px}
header .brand{font-weight:650;text-decoration:none;color:var(--ink)}
header .store{color:var(--soft);font:13px var(--mono);flex:1}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--panel);padding:8px;z-index:1}
h1{font-size:22px;line-height:1.35;margin:12px 0 16px}
h2{font-size:15px;margin:28px 0 8px}
form.search{display:grid;grid-template-columns:minmax(240px,1fr) 190px 170px auto;gap:10px 12px;align-items:end;margin:0 0 10px}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 10px}
.chip{display:inline-block;padding:2px 10px;border:1px solid var(--line);border-radius:12px;background:var(--panel);color:var(--ink);font-size:13px;text-decoration:none}
.chip:hover{background:var(--hover)}.chip b{font-weight:600;color:var(--soft)}
.help{font-size:13.5px;color:var(--soft);margin:0 0 14px}.help summary{padding:2px 0;width:max-content;max-width:100%}
.help p{margin:8px 0 0;max-width:80ch}.help dl{padding:8px 0;gap:2px 18px}.help dd{color:var(--ink)}
.toolbar{display:flex;align-items:center;gap:12px;min-height:36px;margin:0 0 8px;color:var(--soft);font-size:14px}
.toolbar p{margin:0}.count{font-variant-numeric:tabular-nums}.toolbar .live-state{margin-left:auto;text-align:right}
.live-state[data-state=reconnecting],.live-state[data-state=ended]{color:var(--bad)}
#live{margin-left:0}.live-state:empty+#live{margin-left:auto}
.dot{width:9px;height:9px;margin-right:8px;border-radius:50%;border:1.5px solid var(--soft)}
#live[aria-pressed=true]{border-color:var(--accent);color:var(--accent);font-weight:600}
#live[aria-pressed=true] .dot{background:var(--live);border-color:var(--live)}
#live[aria-pressed=true][data-state=paused] .dot,#live[aria-pressed=true][data-state=connecting] .dot{background:var(--warn);border-color:var(--warn)}
#live[aria-pressed=true][data-state=reconnecting] .dot{background:var(--bad);border-color:var(--bad)}
#arrived{position:fixed;top:12px;left:50%;transform:translateX(-50%);z-index:2;border-radius:18px;box-shadow:0 3px 14px rgb(0 0 0/.28)}
[hidden]{display:none!important}
.spoken{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)}
#events{overflow-anchor:none}
.gap td{background:var(--warn-bg);color:var(--warn);font-size:14px}
@media (prefers-reduced-motion:no-preference){.fresh td{animation:arrive 2.5s ease-out}#live[data-state=live] .dot{animation:beat 2s ease-in-out infinite}@keyframes arrive{from{background:var(--fresh)}}@keyframes beat{50%{opacity:.35}}}
label{display:block;font-size:13px;color:var(--soft)}
input,select{display:block;width:100%;height:36px;margin-top:3px;padding:0 10px;border:1px solid var(--line);border-radius:7px;background:var(--panel);color:var(--ink);font:inherit;font-size:14px}
input::placeholder{color:var(--soft);opacity:.75}
button,.button{display:inline-flex;align-items:center;height:36px;padding:0 14px;border:1px solid var(--line);border-radius:7px;background:var(--panel);color:var(--ink);font:inherit;font-size:14px;text-decoration:none;cursor:pointer;white-space:nowrap}
button:hover,.button:hover{background:var(--hover)}
button.main{background:var(--accent);border-color:var(--accent);color:var(--panel);font-weight:600}
.actions{display:flex;gap:8px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:10px}
table{width:100%;border-collapse:collapse}
th{text-align:left;font-size:12.5px;font-weight:600;color:var(--soft);padding:9px 14px;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:9px 14px;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
tbody th{vertical-align:top;border-bottom:1px solid var(--line)}
.events td,.changes td{unicode-bidi:isolate}
.events td{overflow-wrap:break-word;max-width:340px}
.events tbody tr{position:relative}
.events tbody tr:hover{background:var(--hover)}
.events td.when{white-space:nowrap;font-variant-numeric:tabular-nums}
.events td.when a{text-decoration:none}
.events td.when a::after{content:"";position:absolute;inset:0}
.events tbody tr:focus-within{outline:2px solid var(--accent);outline-offset:-2px}
.events td.when a:focus-visible{outline:0}
.what{font-weight:600;margin-right:6px}
.id{display:block;color:var(--soft);font:12.5px var(--mono)}
.erased{color:var(--soft);font-style:italic}
.badge{display:inline-block;padding:0 7px;border-radius:9px;font-size:12.5px;font-weight:600;background:var(--warn-bg);color:var(--warn)}
.badge.denied,.badge.failure{background:var(--bad-bg);color:var(--bad)}
nav.pages{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:14px 0 40px;color:var(--soft);font-size:14px}
.note{padding:28px;color:var(--soft)}
.note p{margin:0 0 10px}.note strong{color:var(--ink);font-size:16px}
.alert{padding:10px 14px;border-radius:8px;background:var(--bad-bg);color:var(--bad);margin:0 0 16px}.alert p{margin:0}
.query{display:flex;flex-wrap:wrap;font:14px/2 var(--mono);color:var(--ink);white-space:pre-wrap}mark{background:none;color:var(--bad);font-weight:700;text-decoration:underline wavy;text-underline-offset:4px}
pre{margin:0;padding:14px;overflow:auto;font:12.5px/1.55 var(--mono);white-space:pre-wrap;unicode-bidi:isolate}
code{font:13px var(--mono)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 22px;margin:0;padding:14px}
dt{color:var(--soft)}dl.own dt::first-letter{text-transform:uppercase}dd{margin:0;unicode-bidi:isolate}dd.mono{font:13px/1.6 var(--mono)}
.old,.new{font-family:var(--mono);font-size:13px}
.login{max-width:420px;margin:10vh auto 0;padding:26px}
.login h1{margin-top:0}.login button{margin-top:14px}
summary{cursor:pointer;padding:10px 14px}
footer{max-width:1180px;margin:0 auto;padding:8px 24px 32px;color:var(--soft);font-size:13px}
@media (max-width:900px){form.search{grid-template-columns:1fr 1fr}form.search .box{grid-column:1/-1}}
@media (max-width:720px){
header,main,footer{padding-left:14px;padding-right:14px}
header .store{display:none}header .brand{flex:1}
.toolbar{flex-wrap:wrap}.toolbar .live-state{order:3;width:100%;text-align:left}#live{margin-left:auto}
.events thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.events,.events tbody,.events tr,.events td{display:block}
.events tbody tr{padding:10px 14px;border-bottom:1px solid var(--line)}
.events tbody tr:last-child{border-bottom:0}
.events td{border:0;padding:1px 0;max-width:none;overflow-wrap:anywhere}
.events td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:13px}
.events td.when{font-size:13px}
.events .id{display:inline;margin-left:4px}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}
.changes td,.changes th{padding:8px 10px}
}
@media (prefers-contrast:more){:root{--soft:var(--ink);--line:var(--ink)}}
`
