/** The page where whoever may read histories logs in once; its script is a file of its own, since the content security policy allows none in the page. */
export const codecLoginPage = `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>流程历史登录 · Histories</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}label,input,button{display:block;width:100%;box-sizing:border-box}input{margin:.2rem 0 1rem;padding:.5rem}button{padding:.6rem;margin-top:.5rem}[role=status]{min-height:3rem;margin-top:1rem;white-space:pre-line}</style></head>
<body><h1>流程历史 <small>Histories</small></h1>
<p>登录后,在 Temporal 界面中可查看您有权知悉的案件内容;每次查看均留痕。<br>After logging in, the Temporal UI shows you the contents of cases you may know; each look is on record.</p>
<form id="login"><label for="username">用户名 User name</label><input id="username" autocomplete="username" required maxlength="120">
<label for="password">密码 Password</label><input id="password" type="password" autocomplete="current-password" required maxlength="400">
<button>登录 Log in</button></form><button id="logout" type="button">退出 Log out</button>
<p role="status" id="status"></p><script src="/v1/codec/login.js"></script></body></html>
`;

/** Logs in and out by the routes of the contract, and says what came of it. */
export const codecLoginScript = `const at = (id) => document.getElementById(id);
const say = (...lines) => { at('status').textContent = lines.join('\\n'); };
const failed = async (answer) => { const { detail } = await answer.json(); say(detail); };
at('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/v1/codec/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: at('username').value, password: at('password').value }) });
  at('password').value = '';
  if (!answer.ok) return failed(answer);
  const { name, mayUnmask, mustChangePassword, ui } = await answer.json();
  if (mustChangePassword) return say('首次登录须先修改密码。', 'Change your first password before.');
  say(name + ': ' + (mayUnmask ? '已登录,请打开 Temporal 界面。' : '已登录,但您的角色无权查看流程内容。'), mayUnmask ? 'Logged in; open the Temporal UI.' : 'Logged in, but your roles do not open histories.');
  if (mayUnmask && ui !== null) { const link = document.createElement('a'); link.href = ui; link.textContent = ui; at('status').append('\\n', link); }
});
at('logout').addEventListener('click', async () => {
  const answer = await fetch('/v1/codec/session', { method: 'DELETE' });
  if (!answer.ok && answer.status !== 401) return failed(answer);
  say('已退出。 Logged out.');
});
`;
