import { problemTable } from '../problems';

const head = (title: string, more = ''): string => `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${more}</head>`;

/** The page that shows /openapi.json; its script and style are served from here, not from elsewhere. */
export const docsPage = `${head('问责 wenze API', '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">')}
<body><div id="swagger-ui"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;

/** Starts the page; a file of its own, since scripts in the page are not allowed by the content security policy. */
export const docsScript = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: true });
`;

/** The problem codes; the anchors are what \`type\` of a problem points at. */
export function problemsPage(): string {
  const rows = Object.entries(problemTable).map(([code, { status, title }]) => `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title.zh}</td><td>${title.en}</td></tr>`);
  return `${head('问责 wenze: problem codes')}
<body><h1>错误代码 Problem codes</h1><table><thead><tr><th>code</th><th>HTTP</th><th>中文</th><th>English</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></body></html>
`;
}
