import type { Program } from '../process/program.ts'

export const trueProgram: Program = async () => 0
export const falseProgram: Program = async () => 1
