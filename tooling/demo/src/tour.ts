// What `npm start` and `npm run chaos` run. It checks the version of Node before anything is loaded that needs it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`This needs Node 20.19 or newer, and found ${process.version}.`)
  process.exit(1)
}
const { main } = await import('./main.ts')
process.exit(await main(process.argv.slice(2)))
