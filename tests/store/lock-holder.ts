import { lockDataDirectory } from '../../store/index.ts'

// Holds a role of a data directory until its standard input ends or it is killed:
// node lock-holder.ts PATH ROLE STARTED_MS

const [path = '', role = '', startedAt = ''] = process.argv.slice(2)
lockDataDirectory({ path, role, holder: { pid: process.pid, host: 'there', startedAt: Number(startedAt) } })
process.stdout.write('held\n')
process.stdin.resume()
