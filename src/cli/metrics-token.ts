import { Command } from 'commander'
import { metricsToken } from '../http/health-routes.ts'
import { readConfig } from '../config.ts'

export function metricsTokenCommand(): Command {
  return new Command('metrics-token')
    .description('print the token that reads /metrics from elsewhere')
    .action(() => void process.stdout.write(`${metricsToken(readConfig(process.env).secretKey)}\n`))
}
