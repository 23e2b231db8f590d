/** The sign-in page of the embedded provider. It lives on the provider's origin, apart from the application. */

const STYLE = `
:root{color-scheme:light dark;--paper:#e9edf3;--card:#fff;--ink:#1b2430;--muted:#566273;--edge:#7f8b9b;--line:#d5dce6;--blue:#1d4f9e;--on:#fff;--focus:#b4540a}
@media(prefers-color-scheme:dark){:root{--paper:#10151d;--card:#19212c;--ink:#e6ebf2;--muted:#a3aebd;--edge:#75829a;--line:#2c3746;--blue:#8fb8ff;--on:#0b1a33;--focus:#ffb26b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main{width:100%;max-width:25rem;padding:clamp(1.5rem,6vw,2.5rem);border:1px solid var(--line);border-radius:16px;background:var(--card);box-shadow:0 10px 40px rgb(10 25 50/12%)}
.mark{display:flex;align-items:center;gap:.6rem;margin:0 0 1.5rem;color:var(--muted);font-weight:600;font-size:.9375rem}
.mark i{width:1.6rem;height:1.6rem;border-radius:50%;border:.42rem solid var(--blue)}
h1{margin:0 0 .35rem;font-size:1.6rem;line-height:1.2}
p{margin:0 0 1.25rem;color:var(--muted)}
label{display:block;margin-bottom:.35rem;font-weight:600}
input{width:100%;min-height:2.9rem;padding:.5rem .8rem;border:1px solid var(--edge);border-radius:9px;background:transparent;color:inherit;font:inherit}
button{width:100%;min-height:2.9rem;margin-top:1rem;border:0;border-radius:9px;background:var(--blue);color:var(--on);font:600 1rem/1 inherit;font-family:inherit;cursor:pointer}
button:hover{filter:brightness(1.1)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
small{display:block;margin-top:1.25rem;color:var(--muted)}
`;

/** HTML of the sign-in page; `action` is where its form goes. Any name signs in. */
export function providerPage(action: string): string {
  const target = action.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Riverside Identity</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="mark"><i aria-hidden="true"></i>Riverside Identity</p>
<h1>Sign in</h1>
<p>to go on to the grant application</p>
<form method="post" action="${target}">
<label for="login">Your name</label>
<input id="login" name="login" type="text" autocomplete="username" maxlength="60" required autofocus>
<button type="submit">Sign in</button>
</form>
<small>This is the demonstration's own OpenID provider. Any name will do, and there is no password.</small>
</main>
</body>
</html>`;
}
