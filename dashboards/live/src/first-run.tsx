import firstAlarm from '../../../docs/first-alarm.md?raw'
import { words } from './language.ts'

/** Where the document has its server. */
const DOCUMENT_ADDRESS = 'http://127.0.0.1:8080'

/** The commands of the document, which a test runs as they stand, for the server that this page came from. */
const blocks = [...firstAlarm.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) =>
  text.split(DOCUMENT_ADDRESS).join(location.origin),
)

/** What to do while there is nothing to watch yet. */
export function FirstRun() {
  return (
    <div class="column first-run">
      <h1>{words.value.firstRunTitle}</h1>
      <p>{words.value.firstRunIntro}</p>
      <ol>
        {blocks.map((block, index) => (
          <li key={block}>
            <p>{words.value.firstRunSteps[index]}</p>
            <pre tabIndex={0}>{block}</pre>
          </li>
        ))}
      </ol>
      <p>
        <a href="/docs">{words.value.firstRunApi}</a>
      </p>
    </div>
  )
}
