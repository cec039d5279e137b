// Runs SCRIPT as the body of an asynchronous function, with the names that github-script gives it. API is where to.
const { createRequire } = require('node:module')
const { getOctokit, context } = createRequire(`${process.env.NODE_MODULES}/`)('@actions/github')

const github = getOctokit(process.env.TOKEN, { baseUrl: process.env.API })
const core = { info: console.log, warning: (text) => console.log(`::warning::${text}`) }
const AsyncFunction = (async () => {}).constructor
const script = new AsyncFunction('require', 'github', 'context', 'core', process.env.SCRIPT)
script(require, github, context, core).catch((error) => {
  console.log(`::error::Unhandled error: ${error}`)
  process.exitCode = 1
})
