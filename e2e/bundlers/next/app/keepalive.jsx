'use client';

import { useEffect } from 'react';
import { createKeepalive } from 'stillhere';

const keepalive = createKeepalive({ endpoint: '/api/heartbeat', statusEndpoint: '/api/heartbeat' });

export function Keepalive() {
  useEffect(() => {
    keepalive.start();
    return () => void keepalive.stop();
  }, []);
  return null;
}
