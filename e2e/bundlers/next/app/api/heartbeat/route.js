export { GET, POST } from '../../../own-sessions';
