#!/usr/bin/env node
import http from 'node:http'
import https from 'node:https'

// The health check of an image or a unit: ends with 0 when the Isotherm of this machine, on the port of
// ISOTHERM_HTTP_PORT, says that every part works, and with 1 and its words when it does not.

/** Shorter than what calls this waits; a server that takes longer is not ready. */
const ANSWER_MS_MAX = 4_000

const isTls = process.env['ISOTHERM_HTTP_TLS'] === 'true'
const port = process.env['ISOTHERM_HTTP_PORT'] || '8080'
const url = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}/readyz`
// The certificate is for the name that others use, not for the loopback address; nothing secret is sent.
const options = isTls ? { rejectUnauthorized: false } : {}

const request = (isTls ? https : http).get(url, options, (answer) => {
  let text = ''
  answer.setEncoding('utf8').on('data', (piece) => (text += piece))
  answer.once('end', () =>
    end(answer.statusCode === 200 ? 0 : 1, `${url} answers ${answer.statusCode}: ${text}`),
  )
})
request.setTimeout(ANSWER_MS_MAX, () => request.destroy(new Error(`no answer within ${ANSWER_MS_MAX} ms`)))
request.once('error', (thrown) => end(1, `${url}: ${thrown.message}`))

function end(code, words) {
  process.stdout.write(`${words}\n`)
  process.exitCode = code
}
