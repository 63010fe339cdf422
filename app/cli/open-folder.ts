import { isOpenToOthers } from '../doors/files.ts'
import { terminal } from '../doors/terminal.ts'

/**
 * Says so when other accounts may enter the data directory. It was made by somebody who may have had a reason, so
 * it is not changed; what we create in it is private all the same.
 */
export async function tellOpenFolder(path: string): Promise<void> {
  if (!(await isOpenToOthers(path))) return
  terminal.tell(
    `isotherm: The data directory ${path} is open to other accounts of this machine.\n  Close it: chmod 700 ${path}`,
  )
}
