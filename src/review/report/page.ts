import { pathToFileURL } from 'node:url';

/**
 * Returns the report as an HTML page for a browser on this machine. The page loads nothing from the network. It draws the diagram if
 * mermaid is installed, as in a checkout of this repository. Otherwise it shows the source of the diagram.
 */
export async function reportPage(markdown: string): Promise<string> {
  const { marked } = await import('marked');
  const body = await marked(markdown.replaceAll('> [!WARNING]', '> **Warning**'), { gfm: true });
  const mermaid = mermaidFile();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src file: 'unsafe-inline'">
<title>Schema report</title>
<style>${style}</style>
<main>
${body}</main>
${mermaid === undefined ? '' : `<script src="${pathToFileURL(mermaid).href}"></script>\n<script>${draw}</script>\n`}</html>
`;
}

const draw =
  "mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' }); mermaid.run({ querySelector: 'code.language-mermaid' });";

const style = `
main { max-width: 1012px; margin: 2rem auto; padding: 0 1rem; font: 14px/1.5 system-ui, sans-serif; color: #1f2328 }
table { border-collapse: collapse; margin: 0 0 1rem; display: block; overflow-x: auto }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; vertical-align: top }
code { background: #eff1f3; padding: .2em .4em; border-radius: 6px; font: 85% ui-monospace, monospace }
pre { background: #f6f8fa; padding: 1rem; border-radius: 6px; overflow-x: auto }
pre code, code.language-mermaid { background: none; padding: 0 }
blockquote { border-left: .25em solid #9a6700; margin: 0 0 1rem; padding: 0 1em }
summary { cursor: pointer }
`;

function mermaidFile(): string | undefined {
  try {
    return require.resolve('@mermaid-js/tiny/dist/mermaid.tiny.js');
  } catch {
    return undefined;
  }
}
