// How the page looks. Its hash is in the headers of the page: what is not in here, no browser applies.

export const style = `
:root{color-scheme:light dark;--paper:light-dark(#fdfbf7,#17171a);--card:light-dark(#fff,#1f1f24);--ink:light-dark(#24211d,#e8e4dc);--soft:light-dark(#6b645a,#a39c90);--line:light-dark(#e8e1d5,#34333a);--wash:light-dark(#f5f0e6,#26262c);--paint:light-dark(#a83e28,#f08a6c);--blue:light-dark(#1f5f99,#7db8ee);--green:light-dark(#2f7040,#84c995);--amber:light-dark(#8a5a00,#e6b45c);--red:light-dark(#a3282f,#f28b8f);--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif;display:grid;grid-template-columns:18.5rem minmax(0,1fr)}
a{color:var(--blue);text-decoration-thickness:1px;text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,pre:focus-visible{outline:2px solid var(--paint);outline-offset:2px;border-radius:4px}
code,pre{font-family:var(--mono);font-size:.86em}
p code,.about code{white-space:nowrap;background:var(--wash);border-radius:4px;padding:.08em .32em}
p{margin:.6rem 0;max-width:46rem}
h1{font-size:2.6rem;letter-spacing:-.02em;line-height:1.1;margin:0}
h2{font-size:1.6rem;letter-spacing:-.01em;margin:3.5rem 0 .25rem;padding-top:.75rem;border-top:3px solid var(--paint)}
h3{font-size:1.15rem;margin:0 0 .35rem}
h4{font-size:.74rem;text-transform:uppercase;letter-spacing:.08em;color:var(--soft);margin:1.4rem 0 .45rem}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem;z-index:2}
main{padding:2.5rem clamp(1rem,4vw,3.5rem) 6rem;max-width:66rem;min-width:0}
.lead{font-size:1.2rem;color:var(--soft);margin:.5rem 0 0}
.version{display:block;font-size:.88rem;margin-top:.35rem}
.about{color:var(--soft)}
#start h2{margin-top:2rem}
.side{position:sticky;top:0;height:100vh;overflow-y:auto;border-right:1px solid var(--line);padding:1.6rem 1rem 3rem 1.4rem;font-size:.88rem;background:var(--wash);scrollbar-width:thin}
.brand{font-weight:700;font-size:1.1rem;margin:0 0 .8rem}
nav a{display:flex;gap:.5rem;align-items:baseline;color:var(--ink);text-decoration:none;padding:.2rem .4rem;border-radius:5px;line-height:1.35}
nav a:hover{background:var(--line)}
nav .chapter{font-weight:650;margin-top:.85rem}
nav .method{min-width:3.4rem;font-size:.62rem;background:none;padding:0;text-align:left}
.contents{display:none}
article{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.3rem 1.5rem 1.5rem;margin:1.1rem 0;scroll-margin-top:1rem}
article:target,.error:target{border-color:var(--paint);box-shadow:0 0 0 1px var(--paint)}
.anchor{color:var(--line);text-decoration:none;font-weight:400}
h3:hover .anchor,.anchor:focus{color:var(--soft)}
.address{display:flex;flex-wrap:wrap;gap:.55rem;align-items:center;margin:.2rem 0 .8rem}
.address code{font-size:.95rem;font-weight:600;overflow-wrap:anywhere}
.method{font:700 .7rem/1.6 var(--mono);padding:.08rem .5rem;border-radius:5px;background:color-mix(in srgb,currentColor 13%,transparent)}
.get,.head{color:var(--blue)}.post{color:var(--green)}.delete{color:var(--red)}.put,.patch{color:var(--amber)}
.key{font-size:.72rem;color:var(--soft);border:1px solid var(--line);border-radius:99px;padding:0 .55rem}
.key.admin{color:var(--amber);border-color:currentColor}
.rows{border-top:1px solid var(--line)}
.row{display:grid;grid-template-columns:minmax(9rem,15.5rem) minmax(0,1fr);gap:.2rem 1.2rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
.row p{margin:.15rem 0 0;color:var(--soft);font-size:.92rem}
.name{overflow-wrap:anywhere}
.name code{font-weight:600}
.path{color:var(--soft);font-weight:400}
.required,.optional{font-size:.7rem;margin-left:.5rem;color:var(--paint)}
.optional{color:var(--soft)}
.type{font-size:.9rem}
.type code{background:var(--wash);border-radius:4px;padding:.05em .3em}
.note code{font-size:1em}
.note{font-size:.82rem;color:var(--soft);margin-left:.7rem}
pre{background:var(--wash);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;margin:.5rem 0;line-height:1.5;max-width:100%}
details{margin:.45rem 0}
summary{cursor:pointer;font-size:.86rem;color:var(--blue)}
.answer{display:grid;grid-template-columns:3.2rem minmax(0,1fr);gap:.2rem .8rem;padding:.45rem 0;border-top:1px solid var(--line)}
.answer .rows{margin-top:.5rem}
.status{font:700 .86rem/1.75 var(--mono)}
.good{color:var(--green)}.same{color:var(--blue)}.bad{color:var(--amber)}
.code{display:inline-block;font:.78rem/1.5 var(--mono);color:var(--ink);background:var(--wash);border-radius:5px;padding:.05rem .42rem;margin:.1rem .1rem .1rem 0;text-decoration:none}
.code:hover{background:var(--line)}
.headers{display:block;font-size:.84rem;color:var(--soft)}
.headers code{margin-right:.5rem}
.rest{font-size:.86rem;color:var(--soft)}
.errors{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.4rem 1.5rem;margin-top:1rem}
.error{display:grid;grid-template-columns:3.2rem 16rem minmax(0,1fr) auto;gap:.2rem .8rem;align-items:baseline;padding:.4rem 0;border-bottom:1px solid var(--line);font-size:.93rem}
.error:last-child{border-bottom:0}
.again{font-size:.74rem;color:var(--green);border:1px solid currentColor;border-radius:99px;padding:0 .5rem}
@media (max-width:56rem){
body{display:block}
.side{display:none}
.contents{display:block;margin:1.4rem 0 0;border:1px solid var(--line);border-radius:10px;background:var(--card);padding:.6rem .9rem}
.contents summary{font-size:1rem;font-weight:600}
.contents nav a{padding:.4rem .2rem}
main{padding:1.5rem 1rem 4rem}
h1{font-size:2.1rem}
article{padding:1rem 1rem 1.1rem;border-radius:10px}
.row{grid-template-columns:minmax(0,1fr)}
.errors{padding:.3rem 1rem}
.error{grid-template-columns:2.6rem minmax(0,1fr) auto}
.error>span:nth-child(3){grid-column:2/-1;grid-row:2;color:var(--soft)}
}
@media print{.side,.contents{display:none}body{display:block}}
`;
