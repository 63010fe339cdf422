export { type Channel, portChannel, workerChannel } from './channel.ts'
export { type FedView, feeding, sendSnapshot } from './facts.ts'
export { type Link, type LinkHandlers, openLink } from './link.ts'
export { socketChannel } from './socket-channel.ts'
