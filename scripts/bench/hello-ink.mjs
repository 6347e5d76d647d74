// The least that an Ink program can be.
import { render, Text } from 'ink'
import { createElement } from 'react'

render(createElement(Text, null, 'hello'))
