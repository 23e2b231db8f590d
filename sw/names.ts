export { sharedName } from '../server/contract.js';
