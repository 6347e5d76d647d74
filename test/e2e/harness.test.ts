import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openTerminal, type TerminalDriver } from './harness/open-terminal.ts'

const program = fileURLToPath(new URL('harness/fixtures/echo-keys.mjs', import.meta.url))
let terminal: TerminalDriver | undefined

const open = async () => {
  terminal = await openTerminal({ command: [process.execPath, program], columns: 40, rows: 10 })
  await terminal.waitFor('ready')
  return terminal
}

afterEach(async () => {
  await terminal?.close()
  terminal = undefined
})

// A pseudo-terminal below a POSIX shell.
describe.skipIf(process.platform === 'win32')('the screen driver', () => {
  it('shows what a program draws and sends keys by name', async () => {
    const driver = await open()
    driver.keys('Ctrl-C')
    await driver.waitFor('"\\u0003"')
    driver.keys('Shift-Tab')
    await driver.waitFor(/"\\u001b\[Z"/)
    driver.paste('two words')
    await driver.waitFor((screen) => screen.includes('[200~two words'))
    driver.resize(50, 12)
    await driver.waitFor('size 50x12')
    expect(driver.line(0)).toBe('ready')
    expect(driver.modes).toMatchObject({ alternateScreen: true, bracketedPaste: true })
    expect(driver.cursor.visible).toBe(false)
  })

  it('says how a program that ends well leaves the terminal', async () => {
    const driver = await open()
    driver.keys('q')
    const { code, stty } = await driver.ended
    expect(code).toBe(7)
    expect(driver.screen()).toBe('bye without CI')
    expect(driver.modes).toMatchObject({ alternateScreen: false, bracketedPaste: false })
    expect(stty).toMatch(/(^|\s)icanon\b/)
  })

  it('sees the modes that a killed program left behind', async () => {
    const driver = await open()
    await driver.kill('SIGKILL')
    const { code, stty } = await driver.ended
    expect(code).toBe(137)
    expect(driver.modes.alternateScreen).toBe(true)
    expect(stty).toContain('-icanon')
  })

  it('fails with the screen when something does not appear, and when the program ended', async () => {
    const driver = await open()
    await expect(driver.waitFor('never', 50)).rejects.toThrow(/after 50 ms: never[\s\S]*│ready/)
    driver.keys('q')
    await expect(driver.waitFor('never')).rejects.toThrow('ended with 7')
  })
})
