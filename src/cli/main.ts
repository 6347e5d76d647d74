export {}

declare const NETPOL_LAB_VERSION: string

// The version is asked by scripts, often: it must cost no more than starting Node.
const [first] = process.argv.slice(2)
if (first === '--version' || first === '-V') {
  process.stdout.write(`${NETPOL_LAB_VERSION}\n`)
} else {
  const { main } = await import('./main-command.ts')
  await main(process.argv.slice(2), NETPOL_LAB_VERSION)
}
