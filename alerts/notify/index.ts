export { openConsoleChannel } from './console/console.ts'
export { type HttpAnswer } from './http/answer.ts'
export { type HttpChannelOptions, type HttpFetch, type HttpRequest, openHttpChannel } from './http/http.ts'
export { type Receipt, type ReceiptHeaders, verifyReceipt } from './http/receipt.ts'
export { type MailChannelOptions, openMailChannel } from './mail/mail.ts'
export { smtpServer } from './mail/smtp.ts'
export { type Notifier, type NotifierOptions, startNotifier } from './notifier.ts'
export {
  type Channels,
  type ChannelSender,
  type SendOutcome,
} from './port.ts'
export {
  findingText,
  type IncidentFacts,
  type IncidentVariables,
  type MessageInput,
  messageFor,
  type TestFacts,
  type TestVariables,
  type WrittenMessage,
} from './texts.ts'
