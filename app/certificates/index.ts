export { type Certificates, openCertificates } from './follow.ts'
export { type CertificateFiles, readMaterial } from './material.ts'
export { certificateFiles, startCertificates } from './start.ts'
export { type CertificateState, certificateState } from './state.ts'
