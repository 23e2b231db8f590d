import { createKeepaliveApp } from 'stillhere/server';

// Any store: none of their packages may stop the build.
const keepalive = createKeepaliveApp({
  appOrigin: 'https://app.example',
  basePath: '/auth',
  oidc: { issuer: 'https://id.example', clientId: 'app' },
  keys: ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  store: 'memory',
});

const handle = (request) => {
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(/^\/auth/, '');
  return keepalive.fetch(new Request(url, request));
};

export { handle as GET, handle as POST };
