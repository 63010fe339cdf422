import { reportCsv, reportXlsx } from '../../reports/index.ts'
import { threadChannel } from '../doors/threads.ts'
import { openLink } from '../link/index.ts'
import type { RenderCall } from './render.ts'

// Writing a large workbook takes seconds without a pause; see `renderApart`.

openLink(threadChannel(), {
  calls: {
    render: (input) => {
      const { report, format, language } = input as RenderCall
      return format === 'csv' ? reportCsv(report, language) : reportXlsx(report, language)
    },
  },
})
