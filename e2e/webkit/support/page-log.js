// Served before the demo's own scripts: what Stillhere tells the page is written down with the
// page's own instants, so that a test that comes late reads the same. WebDriver has no script of
// its own that would run before those of the page.
(() => {
  if (window.top !== window) return;
  const note = (callback, value) => {
    const log = JSON.parse(sessionStorage.getItem('page-log') ?? '[]');
    sessionStorage.setItem('page-log', JSON.stringify([...log, { at: Date.now(), callback, value }]));
  };
  addEventListener('stillhere', ({ detail }) => note(detail.callback, detail.value));
  addEventListener('keydown', ({ key }) => note('keydown', key), true);
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.id === 'kept-status') note('shown', target.dataset.status);
      if (target.id === 'over') note('shown', target.hasAttribute('open') ? 'over' : 'uncovered');
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-status', 'open'] });
})();
