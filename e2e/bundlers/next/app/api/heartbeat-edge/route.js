export { GET, POST } from '../../../own-sessions';

export const runtime = 'edge';
