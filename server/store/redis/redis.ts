export { connectRedis } from './redis-connection.js';
export { redisStore } from './redis-store.js';
