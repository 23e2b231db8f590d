// Stands before the worker's own script, which is as ever. A page names a step; there the worker
// says that it has come so far, and goes no further until it is stopped. Its successor has never
// heard of it.
(() => {
  let wanted = '';
  const { fetch, BroadcastChannel, Response } = self;
  const { postMessage } = BroadcastChannel.prototype;
  const { text } = Response.prototype;
  const announcer = new BroadcastChannel('paused');
  addEventListener('message', ({ data }) => {
    wanted = data?.pauseAt ?? wanted;
  });

  function reach(step) {
    if (step !== wanted) return;
    postMessage.call(announcer, step);
    // Nothing that comes later may run, whatever it is.
    for (;;);
  }

  self.fetch = (...args) => {
    reach('attempt-saved');
    return fetch(...args);
  };
  Response.prototype.text = async function () {
    const content = await text.call(this);
    reach('answer-read');
    return content;
  };
  BroadcastChannel.prototype.postMessage = function (message) {
    const { facts, snapshot } = message.payload;
    const answered = facts.some(({ type }) => type === 'answer') && (snapshot.status === 'active' ? 'beat' : 'end');
    reach(`${answered}-saved`);
    postMessage.call(this, message);
    reach(`${answered}-told`);
  };
})();
