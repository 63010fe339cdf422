import {
  type Cause,
  excursionsOf,
  type Finding,
  instantText,
  instantTextOrNull,
  Problem,
} from '../domain/index.ts'
import type { FactsReads, FindingReads, IncidentStory, Queries } from '../store/index.ts'
import { incidentItem } from '../store/index.ts'
import { findingAnswer } from './finding-answers.ts'

/** Answers about incidents, with how their findings stand now. */
export function incidentAnswers(findings: FindingReads, facts: FactsReads) {
  return {
    incidents: async (input: Queries['incidents']) => {
      const { items, next } = await facts.incidents(input)
      const shown = items.map(({ findings: ids, ...item }) => {
        const standing = findings.standing(ids).map(({ finding }) => finding)
        return { ...item, ...extremesOf(standing, item.cause), findings: standing.length }
      })
      return { items: shown, next }
    },
    incident: async ({ id }: Queries['incident']) => {
      const story = await facts.incident(id)
      if (story !== undefined) return storyAnswer(findings, story)
      throw new Problem('not-found', { what: `There is no incident ${id}.`, remedy: 'Correct the id.' })
    },
  }
}

function storyAnswer(findings: FindingReads, { incident, messages, acts, ...story }: IncidentStory): object {
  const standing = findings.standing(story.findings)
  const stands = new Set(standing.map(({ finding }) => finding.id))
  const gone = story.findings.filter((id) => !stands.has(id))
  return {
    ...incidentItem(incident),
    ...extremesOf(
      standing.map(({ finding }) => finding),
      incident.cause,
    ),
    findings: standing.map(findingAnswer),
    formerFindings: gone,
    messages: messages.map((message) => ({
      id: message.id,
      recipient: message.recipient,
      recipientName: message.recipientName,
      channel: message.channel,
      template: message.template,
      grade: message.grade,
      language: message.language,
      text: message.text,
      outsideHours: message.outsideHours === 1,
      state: message.state,
      createdAt: instantText(message.validFrom),
      sentAt: instantTextOrNull(message.sentMs),
      receiptAt: instantTextOrNull(message.receiptMs),
      reference: message.reference,
      detail: message.detail,
    })),
    acts: acts.map(({ at, claimedAt, actor, kind, reason }) => ({
      at: instantText(at),
      claimedAt: instantTextOrNull(claimedAt),
      actor,
      kind,
      reason,
    })),
  }
}

/** Since when it is or was out, how far, and whether anything is sure. Null where none of it stands any more. */
function extremesOf(findings: readonly Finding[], cause: Cause) {
  if (findings.length === 0) return { since: null, peak: null, suspected: false }
  const peaks = excursionsOf(findings).map(({ peakMilliC }) => peakMilliC)
  const peakMilliC = cause === 'warm' ? Math.max(...peaks) : Math.min(...peaks)
  return {
    since: instantText(Math.min(...findings.map(({ startMs }) => startMs))),
    peak: peaks.length === 0 ? null : peakMilliC / 1_000,
    suspected: findings.every(({ state }) => state === 'suspected'),
  }
}
