import { fillDurations, readConfig } from './config.js';

/** One entry for every page: each loads only what it runs. */
async function run(): Promise<void> {
  switch (document.body.dataset.page) {
    case 'landing': {
      const { runLanding } = await import('./landing.js');
      fillDurations(readConfig());
      return runLanding();
    }
    case 'demo': {
      const { runDemo } = await import('./demo.js');
      const config = readConfig();
      fillDurations(config);
      return runDemo(config);
    }
    case 'plain': {
      const { runPlain } = await import('./plain.js');
      return runPlain(readConfig());
    }
    case 'editor': {
      const { runEditor } = await import('./editor.js');
      return runEditor();
    }
    case 'finished': {
      const { runFinished } = await import('./finished.js');
      return runFinished();
    }
  }
}

void run();
