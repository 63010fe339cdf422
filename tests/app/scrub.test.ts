import { expect, test } from 'vitest'
import { scrubber } from '../../app/scrub.ts'

const scrub = scrubber(['tok/en+1 "a"', 'pass', 'abc'])

test.each([
  ['said tok/en+1 "a" here', 'said (not shown) here'],
  ['?t=tok%2Fen%2B1%20%22a%22', '?t=(not shown)'],
  ['?t=tok%2Fen%2B1+%22a%22', '?t=(not shown)'],
  ['{"t":"tok/en+1 \\"a\\""}', '{"t":"(not shown)"}'],
  ['the password is pass', 'the (not shown)word is (not shown)'],
  // too short to be told from words
  ['abc of cabcs', 'abc of cabcs'],
  ['smtps://iso:w%40rd@mail.example:465/x', 'smtps://(not shown)@mail.example:465/x'],
  ['POST https://sms.example/send?token=t-1&to=2 failed', 'POST https://sms.example/send?(not shown) failed'],
  ['/send?api_key=k-1&to=2', '/send?api_key=(not shown)&to=2'],
  ['/write?db=x&u=iso&p=word', '/write?db=x&u=(not shown)&p=(not shown)'],
  ['authorization: Bearer abcdefgh.12', 'authorization: Bearer (not shown)'],
  ['Basic aXNvOndvcmQ=', 'Basic (not shown)'],
  ['isd_abcdefghijk isk_abcdefghijk iss_abcdefghijk', 'isd_(not shown) isk_(not shown) iss_(not shown)'],
  ['whsec_MDEyMzQ1Njc4OQ==', 'whsec_(not shown)'],
  ['-----BEGIN PRIVATE KEY-----\nMII\n', '-----BEGIN PRIVATE KEY----- (not shown)'],
  ['https://sms.example/a and http://[::1]:8086/b', 'https://sms.example/a and http://[::1]:8086/b'],
  ['device:fridge-1@ward?', 'device:fridge-1@ward?'],
])('%s', (text, left) => {
  expect(scrub(text)).toBe(left)
})
