package views

import "rankloop/views/content"

// Markdown lays out what people and models wrote, for Prose.
func Markdown(source string) content.Text { return content.Render(source) }
