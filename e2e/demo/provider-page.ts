import { createHash } from 'node:crypto';

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
button{width:100%;min-height:2.9rem;margin-top:1rem;border:0;border-radius:9px;background:var(--blue);color:var(--on);font:600 1rem/1.2 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;cursor:pointer}
button:hover{filter:brightness(1.1)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
small{display:block;margin-top:1.25rem;color:var(--muted)}
`;

/** A sign-out was asked for on the application's page already: nobody is asked twice. */
const SUBMIT = 'document.forms[0].submit()';

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** The policy of the provider's own pages; their forms lead back to the application. */
export const providerPolicy = (appOrigin: string): string =>
  `default-src 'none'; img-src data:; style-src ${hash(STYLE)}; script-src ${hash(SUBMIT)}; form-action 'self' ${appOrigin}; base-uri 'none'; frame-ancestors 'none'`;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Riverside Identity</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="mark"><i aria-hidden="true"></i>Riverside Identity</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`;
}

/** The sign-in page of the embedded provider, on the provider's own origin. Any name signs in. */
export function signInPage(action: string): string {
  return page(
    'Sign in',
    `<p>to go on to the grant application</p>
<form method="post" action="${escapeHtml(action)}">
<label for="login">Your name</label>
<input id="login" name="login" type="text" autocomplete="username" maxlength="60" required autofocus>
<button type="submit">Sign in</button>
</form>
<small>This is the demonstration’s own OpenID provider. Any name will do, and there is no password.</small>`,
  );
}

/** The sign-out page; `form` is the provider's form, which carries its own secret. */
export function signOutPage(form: string): string {
  return page(
    'Signing out',
    `<p>of Riverside Identity, too.</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<script>${SUBMIT}</script>`,
  );
}
