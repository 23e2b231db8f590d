export { makeCertificate } from '../../../server/testing/certificate.js';
